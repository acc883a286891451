import type { Signal } from '../base/events.ts';
import type { Secret } from '../base/secret.ts';
import type { AccountId } from '../contract/account.ts';

/**
 * How it stands with the key that opens the saved sign-ins. Only `ready` reads and saves; none of the others means that
 * somebody signed out, and in none of them is anything overwritten.
 *
 * - `locked`: the keychain is locked or does not answer, or the passphrase is not known yet.
 * - `denied`: a person or a rule refused access, or the passphrase is wrong.
 * - `absent`: there is no keychain here.
 * - `empty`: the keychain answers, but has no place for our key, or not the key that sealed the files.
 */
export type VaultState = 'ready' | 'locked' | 'denied' | 'absent' | 'empty';

/** Where the key comes from. `memory` has none and keeps nothing. */
export type VaultKind = 'keychain' | 'passphrase' | 'memory';

/** What is kept for one account: a small JSON object, sealed as a whole. `credentials/` gives it meaning. */
export type StoredSecret = Readonly<Record<string, unknown>>;

/** Keeps one sealed value per account. Only the owner of the data folder may open it. */
export interface Vault extends AsyncDisposable {
  readonly kind: VaultKind;
  readonly state: VaultState;
  /** Announces the new state after it changed. */
  readonly changed: Signal<VaultState>;

  /**
   * Fetches the key, asking the person where the system wants that. May be called any time and again; a vault that is
   * ready stays so. After a failure the vault goes on trying by itself where that disturbs nobody.
   * @throws BridgeError `vault-locked`, `vault-denied`, `vault-absent` or `vault-empty` as the state now is;
   * `storage` or `newer-file` when the folder cannot be used.
   *
   * @param passphrase tried in place of the one given before, unless the vault is ready. `invalid-input` for a vault that
   * takes none, or when it is too short to make a new vault with.
   */
  open(signal: AbortSignal, passphrase?: Secret): Promise<void>;

  /**
   * The value last saved, or `undefined` when none was ever saved. Never asks the person for anything.
   * @throws BridgeError `vault-*` while the vault is not ready; `vault-damaged` when this account's file was changed or
   * belongs to another account; `newer-file`; `storage`. The file stays where it is.
   */
  load(account: AccountId, signal: AbortSignal): Promise<StoredSecret | undefined>;

  /**
   * Replaces the account's value as a whole: after a crash the old or the new one is there. Opens the vault first when
   * it is not ready. A damaged file in its place is set aside, not lost.
   * @throws BridgeError as `open` does; `too-large`; `newer-file`; `storage`.
   */
  save(account: AccountId, value: StoredSecret, signal: AbortSignal): Promise<void>;

  /** Removes everything kept for the account; works in every state, because it needs no key. */
  forget(account: AccountId, signal: AbortSignal): Promise<void>;

  /** Accounts for which something is kept, readable or not, in every state. */
  list(): Promise<AccountId[]>;
}
