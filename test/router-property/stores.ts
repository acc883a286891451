import type { AccountsFile } from '#bridge/accounts/registry.ts';
import type { AccountId } from '#bridge/contract/account.ts';
import { BridgeError } from '#bridge/contract/errors.ts';
import { MemoryVault } from '#bridge/vault/memory.ts';
import type { StoredSecret, Vault } from '#bridge/vault/vault.ts';
import { canary } from '../canary/canary.ts';
import type { Schedule } from './schedule.ts';

/** Secrets are made once: every one is searched for in all that the whole file of tests writes. */
const keys = Array.from({ length: 24 }, () => canary('allv'));
const tokens = Array.from({ length: 16 }, () => canary('local'));

/** The key of this number; after the last comes the first. */
export function keyOf(number: number): string {
  return keys[number % keys.length] ?? '';
}

/** The local token of a client. */
export function tokenOf(client: number): string {
  return tokens[client % tokens.length] ?? '';
}

export function localTokens(): readonly string[] {
  return tokens;
}

/** What an owner finds when it starts, and leaves to the next one: the list of accounts as text, and the vault. */
export class Stores {
  readonly vault: Vault;
  text: string;

  constructor(
    text: string = '{"current":null,"active":{},"accounts":[],"retired":[]}',
    vault: Vault = new MemoryVault(),
  ) {
    this.text = text;
    this.vault = vault;
  }

  /** The list as one owner reads and writes it; when something is saved, and whether, is up to the schedule. */
  file(schedule: Schedule, onFault: () => void): AccountsFile & { cut(): void } {
    let isCut = false;
    return {
      read: async () => ({ document: JSON.parse(this.text) }),
      write: (document) =>
        new Promise((resolve, reject) => {
          if (isCut) return;
          schedule.add('save', (fault) => {
            if (isCut) return;
            if (fault === 'broken') {
              onFault();
              return reject(new BridgeError('storage', 'The disk is full.'));
            }
            this.text = JSON.stringify(document);
            resolve();
          });
        }),
      // A process that was killed saves nothing any more.
      cut: () => {
        isCut = true;
      },
    };
  }

  /** The key that is stored for an account. */
  async keyOf(account: AccountId): Promise<string | undefined> {
    const secret = await this.vault.load(account, new AbortController().signal);
    return typeof secret?.key === 'string' ? secret.key : undefined;
  }

  /** Others of the same content. */
  async copy(): Promise<Stores> {
    const vault = new MemoryVault();
    const { signal } = new AbortController();
    for (const account of await this.vault.list()) {
      const secret = await this.vault.load(account, signal);
      if (secret) await vault.save(account, secret, signal);
    }
    return new Stores(this.text, vault);
  }
}

/** The vault as one process uses it: one that was killed saves nothing any more. */
export class ProcessVault extends MemoryVault {
  readonly #shared: Vault;
  readonly #saved = new Map<AccountId, string>();
  isCut = false;

  constructor(shared: Vault) {
    super();
    this.#shared = shared;
  }

  cut(): void {
    this.isCut = true;
  }

  override load(account: AccountId, signal: AbortSignal): Promise<StoredSecret | undefined> {
    return this.#shared.load(account, signal);
  }

  override async save(account: AccountId, value: StoredSecret, signal: AbortSignal): Promise<void> {
    if (this.isCut) return;
    await this.#shared.save(account, value, signal);
    if (typeof value.key === 'string') this.#saved.set(account, value.key);
  }

  /** The key that was saved last. */
  savedKey(account: AccountId): string | undefined {
    return this.#saved.get(account);
  }

  override async forget(account: AccountId, signal: AbortSignal): Promise<void> {
    if (!this.isCut) await this.#shared.forget(account, signal);
  }

  override list(): Promise<AccountId[]> {
    return this.#shared.list();
  }
}
