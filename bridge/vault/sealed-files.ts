import { copyFile, readdir, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDiskFull, writeWhole } from '../base/json-file.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { KeyedQueue } from '../base/tasks.ts';
import { AccountId } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import { readPrivate } from './private-file.ts';
import { readHead, type SealingKey, seal, type Unsealed, unseal } from './seal.ts';
import type { StoredSecret } from './vault.ts';

const SUFFIX = '.sealed';

/**
 * The folder of sealed files, one per account: `<account id>.sealed`. Knows no key; whoever has one passes it in.
 * Reads and writes of one account happen one at a time.
 */
export class SealedFiles {
  readonly #folder: string;
  readonly #log: Log;
  readonly #oneAtATime = new KeyedQueue<AccountId>();
  /** The highest generation seen or written, so that it grows even when a file disappears. */
  readonly #generations = new Map<AccountId, number>();

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** @throws BridgeError `vault-damaged`, `newer-file`, `storage`. */
  async load(key: SealingKey, account: AccountId): Promise<StoredSecret | undefined> {
    const found = await this.#oneAtATime.run(account, () => this.#read(key, account));
    switch (found.kind) {
      case 'absent':
        return undefined;
      case 'opened':
        return found.value;
      case 'newer':
        throw newer(account, found.version);
      case 'other-key':
        throw damaged(account, `was sealed with another key`);
      case 'damaged':
        throw damaged(account, 'is damaged or belongs to another account');
      default:
        return found satisfies never;
    }
  }

  /** @throws BridgeError `too-large`, `newer-file`, `storage`. */
  async save(key: SealingKey, account: AccountId, value: StoredSecret): Promise<void> {
    await this.#oneAtATime.run(account, async () => {
      const found = await this.#read(key, account);
      if (found.kind === 'newer') throw newer(account, found.version);
      const before = found.kind === 'opened' ? found.generation : 0;
      const generation = Math.max(before, this.#generations.get(account) ?? 0) + 1;
      const bytes = seal(key, account, generation, value);
      if (bytes.length > limits.sealedBytes) throw tooLarge(account);
      if (found.kind === 'damaged' || found.kind === 'other-key') await this.#keepCopy(account);
      await writeWhole(this.#path(account), bytes);
      this.#generations.set(account, generation);
    });
  }

  /** Removes the account's file and every copy that was set aside. @throws BridgeError `storage`. */
  async forget(account: AccountId): Promise<void> {
    await this.#oneAtATime.run(account, async () => {
      const own = `${account}${SUFFIX}`;
      for (const name of await this.#names()) {
        if (name !== own && !name.startsWith(`${own}.`)) continue;
        try {
          await unlink(join(this.#folder, name));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
          const path = join(this.#folder, name);
          throw new BridgeError(
            'storage',
            `${path} could not be removed. Check its permissions.`,
            { account },
            error,
          );
        }
      }
    });
  }

  /** Accounts that have a file, readable or not. */
  async list(): Promise<AccountId[]> {
    const accounts: AccountId[] = [];
    for (const name of await this.#names()) {
      if (!name.endsWith(SUFFIX)) continue;
      const account = AccountId.safeParse(name.slice(0, -SUFFIX.length));
      if (account.success) accounts.push(account.data);
    }
    return accounts.sort();
  }

  /** Whether a key was ever used here, so that making a new one would orphan something. */
  async any(): Promise<boolean> {
    return (await this.#names()).some((name) => name.includes(SUFFIX) && !name.startsWith('.'));
  }

  /** True when there are files that name their key, and none names this one. */
  async belongToAnother(key: SealingKey): Promise<boolean> {
    let others = 0;
    for (const account of await this.list()) {
      const found = await this.#content(account).catch(() => undefined);
      const head = found?.kind === 'content' ? readHead(found.bytes) : undefined;
      if (head?.kind !== 'head') continue;
      if (head.keyId === key.id) return false;
      others += 1;
    }
    return others > 0;
  }

  async #read(key: SealingKey, account: AccountId): Promise<Unsealed | { kind: 'absent' }> {
    const found = await this.#content(account);
    if (found.kind === 'absent') return found;
    if (found.kind === 'too-large') return { kind: 'damaged' };
    if (found.repaired) this.#log.warn('sealed-file-was-open-to-others', { account });
    return unseal(key, account, found.bytes);
  }

  #content(account: AccountId) {
    return readPrivate(this.#path(account), { mostBytes: limits.sealedBytes, whenLoose: 'repair' });
  }

  async #keepCopy(account: AccountId): Promise<void> {
    const path = this.#path(account);
    const copy = `${path}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`;
    try {
      await copyFile(path, copy);
    } catch (error) {
      throw new BridgeError(
        'storage',
        `${isDiskFull(error) ? 'The disk is full: the' : 'The'} damaged file ${path} could not be set aside, so it was left alone.`,
        { account },
        error,
      );
    }
    this.#log.warn('sealed-file-set-aside', { account, copy: basename(copy) });
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new BridgeError('storage', `The folder ${this.#folder} cannot be read.`, {}, error);
    }
  }

  #path(account: AccountId): string {
    return join(this.#folder, `${account}${SUFFIX}`);
  }
}

function damaged(account: AccountId, how: string): BridgeError {
  return new BridgeError(
    'vault-damaged',
    `The saved sign-in of ${account} ${how}. It was left in place. Sign in again, or restore ${account}${SUFFIX} from a backup.`,
    { account },
  );
}

function newer(account: AccountId, version: number): BridgeError {
  return new BridgeError(
    'newer-file',
    `The saved sign-in of ${account} was made by a newer Gangway (version ${version}). Update Gangway; it was left untouched.`,
    { account },
  );
}

/** A value that is larger than a sign-in can be. */
export function tooLarge(account: AccountId): BridgeError {
  return new BridgeError(
    'too-large',
    `The sign-in of ${account} is larger than ${limits.sealedBytes / 1024} KB and was not saved.`,
    { account },
  );
}
