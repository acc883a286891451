import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import { KeychainKey, type KeychainOptions } from './keychain.ts';
import { MemoryVault } from './memory.ts';
import { PassphraseKey } from './passphrase.ts';
import { SealedVault } from './sealed-vault.ts';
import type { Vault, VaultKind } from './vault.ts';

export interface VaultOptions {
  readonly kind: VaultKind;
  /** Folder of the sealed files; made with mode 0700 at the first `open`. Not touched by `memory`. */
  readonly folder: string;
  /** For `passphrase`; without it that vault is `locked`. */
  readonly passphrase?: Secret | undefined;
  readonly log: Log;
  readonly keychain?: KeychainOptions | undefined;
}

/** The vault of the kind a person chose, before its first `open`: until then nothing is read, made or asked. */
export function openVault({ kind, folder, passphrase, log, keychain }: VaultOptions): Vault {
  switch (kind) {
    case 'keychain':
      return new SealedVault(folder, new KeychainKey(folder, log, keychain ?? {}), log);
    case 'passphrase':
      return new SealedVault(folder, new PassphraseKey(folder, passphrase), log);
    case 'memory':
      return new MemoryVault();
    default:
      return kind satisfies never;
  }
}
