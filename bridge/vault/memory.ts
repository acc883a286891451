import { Signal } from '../base/events.ts';
import { limits } from '../base/limits.ts';
import type { Secret } from '../base/secret.ts';
import type { AccountId } from '../contract/account.ts';
import { tooLarge } from './sealed-files.ts';
import { takesNoPassphrase } from './trouble.ts';
import type { StoredSecret, Vault, VaultState } from './vault.ts';

/** Keeps everything until quit and writes nothing. Only when a person asks for it, and for tests. */
export class MemoryVault implements Vault {
  readonly kind = 'memory';
  readonly state = 'ready';
  readonly changed = new Signal<VaultState>();
  /** As JSON, so that a caller gets back what a sealed file would give, and shares no object. */
  readonly #values = new Map<AccountId, string>();

  async open(signal: AbortSignal, passphrase?: Secret): Promise<void> {
    signal.throwIfAborted();
    if (passphrase) throw takesNoPassphrase();
  }

  async load(account: AccountId, signal: AbortSignal): Promise<StoredSecret | undefined> {
    signal.throwIfAborted();
    const text = this.#values.get(account);
    return text === undefined ? undefined : (JSON.parse(text) as StoredSecret);
  }

  async save(account: AccountId, value: StoredSecret, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const text = JSON.stringify(value);
    if (Buffer.byteLength(text) > limits.sealedBytes) throw tooLarge(account);
    this.#values.set(account, text);
  }

  async forget(account: AccountId, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#values.delete(account);
  }

  async list(): Promise<AccountId[]> {
    return [...this.#values.keys()].sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#values.clear();
  }
}
