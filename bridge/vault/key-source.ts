import type { Secret } from '../base/secret.ts';
import type { Because } from './trouble.ts';

export type KeyAnswer = { kind: 'key'; master: Uint8Array } | { kind: 'trouble'; because: Because };

/** Where the master key comes from. */
export interface KeySource extends AsyncDisposable {
  readonly kind: 'keychain' | 'passphrase';
  /** How long a caller of `open` waits; the question goes on behind it. */
  readonly waitMs: number;
  /** Between two tries that disturb nobody; absent when trying again cannot help. */
  readonly retryMs?: number;
  /**
   * The 32-byte master key; the caller owns the bytes and wipes them. Called by one at a time.
   * `create`: nothing was ever sealed here, so a new key may be made. `prompt`: the person may be asked.
   * @throws BridgeError `newer-file`, `storage`, `invalid-input`; everything else is an answer.
   */
  key(how: { create: boolean; prompt: boolean }): Promise<KeyAnswer>;

  /** The passphrase to derive the key from, from the next `key` on; absent where there is none. */
  take?(passphrase: Secret): void;
}
