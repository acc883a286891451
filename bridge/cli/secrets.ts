import { BridgeError } from '../contract/errors.ts';
import { hasPassphrase } from '../vault/choice.ts';
import type { Surroundings } from './command.ts';
import type { Terminal } from './terminal.ts';

export interface WantedSecrets {
  /** Whose key it is, for the question. */
  readonly what: string;
  /** Ask for the key when it does not come on stdin. */
  readonly ask: boolean;
  readonly keyStdin: boolean;
  readonly clientSecretStdin?: boolean;
  readonly headersStdin: readonly string[];
}

export interface Secrets {
  readonly key: string | undefined;
  readonly clientSecret: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads secrets from stdin, one line each: the key, the client secret, the headers. Or asks for the key at a hidden
 * prompt.
 * @throws BridgeError `invalid-input` when a key is needed and nobody can be asked.
 */
export async function readSecrets(
  wanted: WantedSecrets,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Secrets> {
  const { keyStdin, clientSecretStdin = false, headersStdin } = wanted;
  const count = headersStdin.length + (keyStdin ? 1 : 0) + (clientSecretStdin ? 1 : 0);
  const lines = count > 0 ? await terminal.readLines(count, signal) : [];
  if (lines.length > count) {
    throw new BridgeError(
      'invalid-input',
      `Expected ${count === 1 ? 'one line' : `${count} lines`} on stdin, but there are ${lines.length}.`,
    );
  }
  const values = lines.values();
  let key = keyStdin ? values.next().value : undefined;
  const clientSecret = clientSecretStdin ? values.next().value : undefined;
  const headers = Object.fromEntries(headersStdin.map((name) => [name, values.next().value ?? '']));
  if (wanted.ask) {
    if (!terminal.isInteractive) {
      throw new BridgeError('invalid-input', 'A key is needed. Pipe it in and add --key-stdin.');
    }
    key = await terminal.askSecret(`Key of ${wanted.what} (not shown): `, signal);
  }
  return { key, clientSecret, headers };
}

/**
 * Asks for the passphrase of the saved sign-ins; twice for a new one, because nobody could open them any more with one
 * that was mistyped.
 * @throws BridgeError `invalid-input` when the two differ, or nobody can be asked.
 */
export async function askPassphrase({ paths, terminal, signal }: Surroundings): Promise<string> {
  if (hasPassphrase(paths.vault)) {
    return terminal.askSecret('Passphrase of the saved sign-ins (not shown): ', signal);
  }
  const chosen = await terminal.askSecret('New passphrase for the saved sign-ins (not shown): ', signal);
  if (chosen === (await terminal.askSecret('The same once more: ', signal))) return chosen;
  throw new BridgeError(
    'invalid-input',
    'The two passphrases are not the same, so nothing was done. Try again.',
  );
}
