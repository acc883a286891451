import { join } from 'node:path';
import { privateFolder } from '../base/json-file.ts';
import { openLog } from '../base/log.ts';
import { Redactor } from '../base/redactor.ts';
import { Secret } from '../base/secret.ts';
import { VERSION } from '../base/version.ts';
import type { Bridge } from '../bridge.ts';
import { readPassphraseFile, vaultKind } from '../vault/choice.ts';
import type { Surroundings } from './command.ts';
import { askPassphrase } from './secrets.ts';

export interface HostOptions {
  readonly http: boolean;
  readonly port?: number | undefined;
  /** As typed; the environment decides when it is absent. */
  readonly vault?: string | undefined;
  /** Log to stderr instead of to a file below the data folder. */
  readonly logsToStderr?: boolean;
}

/**
 * Runs the bridge in this process.
 * @throws BridgeError `owner-running` when another process owns the data folder; `invalid-input` for an unknown vault
 * or an unusable passphrase file.
 */
export async function hostBridge(surroundings: Surroundings, options: HostOptions): Promise<Bridge> {
  const { paths, environment } = surroundings;
  const vault = vaultKind(options.vault ?? environment.GANGWAY_VAULT);
  const passphrase = vault === 'passphrase' ? await readPassphrase(surroundings) : undefined;
  const redactor = new Redactor();
  const redact = (text: string): string => redactor.clean(text);
  if (!options.logsToStderr) await privateFolder(paths.logs);
  // A window may host one bridge after the other, and every try to become the owner opens a log.
  await using starting = new AsyncDisposableStack();
  const file = options.logsToStderr ? {} : { file: join(paths.logs, 'gangway.log') };
  const log = starting.use(openLog({ ...file, redact }));
  const { createBridge } = await import('../bridge.ts');
  const bridge = starting.use(
    await createBridge({
      paths,
      vault,
      passphrase,
      http: options.http,
      port: options.port,
      redactor,
      log,
      version: VERSION,
      keychain: surroundings.installation?.keychain,
      program: surroundings.installation?.program,
    }),
  );
  const running = starting.move();
  return { ...bridge, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/**
 * From the file the environment names, else from the person, unless a command is listening to what they type: a bridge
 * that a panel hosts after another one ended is unlocked in its window. Without either the vault stays locked and says so.
 */
async function readPassphrase(surroundings: Surroundings): Promise<Secret | undefined> {
  const { environment, terminal } = surroundings;
  const path = environment.GANGWAY_PASSPHRASE_FILE;
  if (path) return await readPassphraseFile(path);
  if (!terminal.isInteractive || terminal.isListening) return undefined;
  return new Secret(await askPassphrase(surroundings));
}
