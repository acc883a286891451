import { KeyedQueue } from '../base/tasks.ts';
import type { AccountId } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import type { Authorizer } from './authorizer.ts';
import { Backoff } from './breaker.ts';
import { type Credential, credentialOf, secretsOf, withGrant, withRevocations } from './credential.ts';
import type { Clock, Schedule } from './lifetime.ts';

const RETRY_LEAST_MS = 1_000;
const RETRY_MOST_MS = 5 * 60_000;

const NOTHING = credentialOf(undefined, {});

export interface GrantStoreParts {
  readonly authorizer: Pick<Authorizer, 'credential' | 'reload' | 'renew' | 'keep' | 'forget'>;
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly random: () => number;
  /** Something began or ended to be unsaved. */
  readonly onUnsaved: (account: AccountId) => void;
}

interface Unsaved {
  readonly backoff: Backoff;
  readonly reason: string;
  /** The vault could not be read either, so what it holds besides the grant is not in memory. */
  readonly isPartial: boolean;
  timer: Disposable | undefined;
}

/**
 * Changes of what is kept for an account, one at a time. What cannot be saved is used from memory, and saving it is
 * tried again until it works: losing a refresh token ends a sign-in.
 */
export class GrantStore implements Disposable {
  readonly #parts: GrantStoreParts;
  readonly #oneAtATime = new KeyedQueue<AccountId>();
  readonly #unsaved = new Map<AccountId, Unsaved>();
  readonly #stopping = new AbortController();

  constructor(parts: GrantStoreParts) {
    this.#parts = parts;
  }

  /** What is in use for the account. @throws BridgeError `vault-*`; the signal's reason. */
  async held(
    account: AccountId,
    signal: AbortSignal = this.#stopping.signal,
  ): Promise<Credential | undefined> {
    return this.#parts.authorizer.credential(account, signal);
  }

  /** What the vault holds, for seeing what another process did. @throws BridgeError `vault-*`. */
  async stored(account: AccountId): Promise<Credential | undefined> {
    return this.#parts.authorizer.reload(account, this.#stopping.signal);
  }

  /** Uses what was read from the vault. */
  adopt(account: AccountId, credential: Credential): void {
    this.#parts.authorizer.keep(account, credential);
  }

  /** Runs a task while nothing else changes what is kept for the account. It must not wait for a server. */
  async exclusively<T>(account: AccountId, task: () => Promise<T>): Promise<T> {
    return this.#oneAtATime.run(account, task);
  }

  /**
   * Replaces what is kept by what `edit` makes of it; undefined leaves it. Whatever the vault says, memory has the new
   * value afterwards.
   * @returns whether the vault has it too.
   */
  async change(
    account: AccountId,
    edit: (now: Credential | undefined) => Credential | undefined,
  ): Promise<boolean> {
    return this.exclusively(account, async () => {
      let now: Credential | undefined;
      let unread: unknown;
      try {
        now = await this.held(account);
      } catch (error) {
        if (!isDamaged(error)) unread = error;
      }
      const next = edit(now);
      if (next === undefined) return true;
      if (unread === undefined) return this.put(account, next);
      this.#parts.authorizer.keep(account, next);
      this.#note(account, unread, true);
      return false;
    });
  }

  /**
   * The same for taking secrets away: memory is first. What cannot be read stays as it is.
   * @returns whether it was saved; if not, it is saved later.
   * @throws BridgeError `vault-*` or `storage` when it cannot be read.
   */
  async strip(account: AccountId, edit: (now: Credential) => Credential): Promise<boolean> {
    const { authorizer } = this.#parts;
    return this.exclusively(account, async () => {
      const next = edit((await this.held(account)) ?? NOTHING);
      authorizer.keep(account, next);
      return this.put(account, next);
    });
  }

  /** Forgets all that is kept, readable or not. @throws BridgeError `storage` when it cannot be removed. */
  async forget(account: AccountId): Promise<void> {
    await this.exclusively(account, () => this.#parts.authorizer.forget(account, this.#stopping.signal));
  }

  /**
   * Saves, within `exclusively`, and uses it afterwards, or at once when it cannot be saved. A credential without any
   * secret is forgotten. What was made while the vault could not be read is joined first with what the vault has besides.
   * @returns whether it was saved.
   */
  async put(account: AccountId, credential: Credential): Promise<boolean> {
    const { authorizer } = this.#parts;
    const { signal } = this.#stopping;
    let whole = credential;
    let isPartial = this.isPartial(account);
    try {
      if (isPartial) whole = completed(credential, await this.#readable(account));
      isPartial = false;
      if (secretsOf(whole).length === 0) await authorizer.forget(account, signal);
      else await authorizer.renew(account, whole, signal);
    } catch (error) {
      authorizer.keep(account, whole);
      this.#note(account, error, isPartial);
      return false;
    }
    if (this.#forgetUnsaved(account)) this.#parts.onUnsaved(account);
    return true;
  }

  /** Why memory is ahead of the vault; undefined when it is not. */
  unsaved(account: AccountId): string | undefined {
    return this.#unsaved.get(account)?.reason;
  }

  /** True while memory has only what was made when the vault could not be read. */
  isPartial(account: AccountId): boolean {
    return this.#unsaved.get(account)?.isPartial ?? false;
  }

  /** Tries everything that is unsaved once more. */
  async flush(): Promise<void> {
    await Promise.all([...this.#unsaved.keys()].map((account) => this.#retry(account)));
  }

  [Symbol.dispose](): void {
    for (const account of [...this.#unsaved.keys()]) this.#forgetUnsaved(account);
    this.#stopping.abort(new BridgeError('stopping', 'Gangway is stopping. Start it and try again.'));
  }

  async #retry(account: AccountId): Promise<void> {
    await this.exclusively(account, async () => {
      const unsaved = this.#unsaved.get(account);
      if (!unsaved) return;
      try {
        await this.put(account, (await this.held(account)) ?? NOTHING);
      } catch (error) {
        this.#note(account, error, unsaved.isPartial);
      }
    });
  }

  async #readable(account: AccountId): Promise<Credential | undefined> {
    return this.stored(account).catch((error: unknown) => {
      if (isDamaged(error)) return undefined;
      throw error;
    });
  }

  #note(account: AccountId, error: unknown, isPartial: boolean): void {
    const { clock, schedule, random, onUnsaved } = this.#parts;
    const before = this.#unsaved.get(account);
    before?.timer?.[Symbol.dispose]();
    if (this.#stopping.signal.aborted) return;
    const backoff = before?.backoff ?? new Backoff(RETRY_LEAST_MS, RETRY_MOST_MS, random);
    backoff.failed(clock.monotonic());
    const reason = error instanceof BridgeError ? error.message : 'The vault did not take it.';
    const timer = schedule(backoff.leftMs(clock.monotonic()), () => void this.#retry(account));
    this.#unsaved.set(account, { backoff, reason, isPartial, timer });
    if (before?.reason !== reason) onUnsaved(account);
  }

  #forgetUnsaved(account: AccountId): boolean {
    this.#unsaved.get(account)?.timer?.[Symbol.dispose]();
    return this.#unsaved.delete(account);
  }
}

/** A damaged record has nothing to be kept; the vault sets it aside when another is saved. */
export function isDamaged(error: unknown): boolean {
  return error instanceof BridgeError && error.code === 'vault-damaged';
}

/** What was kept in memory while the vault could not be read, joined with what the vault has besides. */
function completed(held: Credential, stored: Credential | undefined): Credential {
  if (!stored) return held;
  return withRevocations(withGrant(stored, held.grant), [...stored.revocations, ...held.revocations]);
}
