import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { privateFolder } from '../base/json-file.ts';
import { limits } from '../base/limits.ts';
import { openLog } from '../base/log.ts';
import { Redactor } from '../base/redactor.ts';
import { Secret } from '../base/secret.ts';
import { VERSION } from '../base/version.ts';
import type { Bridge, BridgeOptions } from '../bridge.ts';
import { BridgeError } from '../contract/errors.ts';
import type { Surroundings } from './command.ts';

export interface HostOptions {
  readonly http: boolean;
  readonly port?: number | undefined;
  /** As typed; the environment decides when it is absent. */
  readonly vault?: string | undefined;
  /** Log to stderr instead of to a file below the data folder. */
  readonly logsToStderr?: boolean;
}

const vaults = ['keychain', 'passphrase', 'memory'] as const;

/**
 * Runs the bridge in this process.
 * @throws BridgeError `owner-running` when another process owns the data folder; `invalid-input` for an unknown vault
 * or an unusable passphrase file.
 */
export async function hostBridge(surroundings: Surroundings, options: HostOptions): Promise<Bridge> {
  const { paths, environment } = surroundings;
  const vault = readVault(options.vault ?? environment.GANGWAY_VAULT);
  const passphrase = vault === 'passphrase' ? await readPassphrase(surroundings) : undefined;
  const redactor = new Redactor();
  const redact = (text: string): string => redactor.clean(text);
  if (!options.logsToStderr) await privateFolder(paths.logs);
  const log = options.logsToStderr
    ? openLog({ redact })
    : openLog({ file: join(paths.logs, 'gangway.log'), redact });
  const { createBridge } = await import('../bridge.ts');
  return createBridge({
    paths,
    vault,
    passphrase,
    http: options.http,
    port: options.port,
    redactor,
    log,
    version: VERSION,
  });
}

function readVault(typed: string | undefined): BridgeOptions['vault'] {
  if (typed === undefined || typed === '') return 'keychain';
  const known = vaults.find((vault) => vault === typed);
  if (known) return known;
  throw new BridgeError(
    'invalid-input',
    `There is no vault of this kind. Choose ${vaults.join(', ')} with --vault or GANGWAY_VAULT.`,
  );
}

/** From the file the environment names, else from the person. Without either the vault stays locked and says so. */
async function readPassphrase({ environment, terminal, signal }: Surroundings): Promise<Secret | undefined> {
  const path = environment.GANGWAY_PASSPHRASE_FILE;
  if (path) return new Secret(await readPrivateLine(path));
  if (!terminal.isInteractive) return undefined;
  return new Secret(await terminal.askSecret('Passphrase of the saved sign-ins: ', signal));
}

async function readPrivateLine(path: string): Promise<string> {
  const refuse = (why: string): BridgeError =>
    new BridgeError('invalid-input', `The passphrase file ${path.slice(0, 150)} ${why}.`);
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => undefined);
  if (!handle) throw refuse('cannot be read');
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw refuse('is not a plain file');
    if (found.size > limits.passphraseBytes) throw refuse('is too large for a passphrase');
    const isOthers = process.getuid !== undefined && found.uid !== process.getuid();
    if (isOthers || (process.platform !== 'win32' && (found.mode & 0o077) !== 0)) {
      throw refuse('can be read by others. Make it yours alone: chmod 600');
    }
    return (await handle.readFile('utf8')).replace(/\r?\n$/, '');
  } finally {
    await handle.close();
  }
}
