import { existsSync } from 'node:fs';
import { limits } from '../base/limits.ts';
import { Secret } from '../base/secret.ts';
import { asBridgeError, BridgeError } from '../contract/errors.ts';
import { headerIn } from './passphrase.ts';
import { readPrivate } from './private-file.ts';
import type { VaultKind } from './vault.ts';

const kinds: readonly VaultKind[] = ['keychain', 'passphrase', 'memory'];

/** The kind of vault that `GANGWAY_VAULT` names; the keychain without it. @throws BridgeError `invalid-input`. */
export function vaultKind(named: string | undefined): VaultKind {
  if (named === undefined || named === '') return 'keychain';
  const known = kinds.find((kind) => kind === named);
  if (known) return known;
  throw new BridgeError(
    'invalid-input',
    `There is no vault of this kind. Choose ${kinds.join(', ')} with --vault or GANGWAY_VAULT.`,
  );
}

/** Whether a passphrase was chosen for the vault in a folder; otherwise the first one that is given makes it. */
export function hasPassphrase(folder: string): boolean {
  return existsSync(headerIn(folder));
}

/**
 * The passphrase in the file `GANGWAY_PASSPHRASE_FILE` names: one line, UTF-8; a line end after it is not part of it.
 * The file must be a plain file of ours with mode 0600; a link is refused, because whoever may change the link would
 * choose the passphrase.
 * @throws BridgeError `invalid-input` with the path, never with the content.
 */
export async function readPassphraseFile(path: string): Promise<Secret> {
  const reading = readPrivate(path, { mostBytes: limits.passphraseBytes, whenLoose: 'refuse' });
  const found = await reading.catch((error: unknown) => {
    // Nothing is wrong with the data folder; the file was badly chosen.
    const { message } = asBridgeError(error);
    throw new BridgeError('invalid-input', message, {}, error);
  });
  const refuse = (how: string): BridgeError =>
    new BridgeError('invalid-input', `The passphrase file ${path.slice(0, 150)} ${how}.`);
  if (found.kind === 'absent')
    throw refuse('does not exist. Create it with mode 600 and the passphrase in it');
  if (found.kind === 'too-large')
    throw refuse(`is larger than ${limits.passphraseBytes} bytes. Is it the right file?`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(found.bytes).replace(/\r?\n$/, '');
  } catch {
    throw refuse('is not text in UTF-8. Is it the right file?');
  }
  if (text === '') throw refuse('is empty. Put the passphrase in it');
  if (/[\r\n\0]/.test(text)) throw refuse('has more than one line. Is it the right file?');
  return new Secret(text);
}
