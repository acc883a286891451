import { createHash } from 'node:crypto';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { BridgeError } from '../contract/errors.ts';

/** Every place the bridge keeps something. Folders are 0700, files 0600. */
export interface Paths {
  readonly home: string;
  readonly config: string;
  readonly accounts: string;
  readonly settings: string;
  readonly clients: string;
  /** What Gangway wrote into the settings of which client. */
  readonly connections: string;
  /** Copies of clients' files from before a change. */
  readonly backups: string;
  /** Bundles that Claude Desktop installs. */
  readonly bundles: string;
  /** What was chosen for the desktop app. */
  readonly desktop: string;
  readonly vault: string;
  readonly activity: string;
  readonly run: string;
  /** Unix socket, or a named pipe on Windows. */
  readonly socket: string;
  /** The words with which a shim starts the owner that ran last. */
  readonly startWords: string;
  /** Shared key of the local handshake. */
  readonly handshakeKey: string;
  readonly logs: string;
}

/** sockaddr_un holds 104 bytes on macOS, 108 on Linux, with the closing NUL. */
const LONGEST_SOCKET_PATH = 103;

/**
 * Where the data of `home` lies. `home` is the explicit `--home`, else `GANGWAY_HOME`, else a folder below the
 * person's home directory, an empty one being none; never an `XDG_*` variable, because AI clients start the shim without them.
 * @throws BridgeError `storage` when nothing was named and this user has no home directory.
 */
export function pathsFor(explicitHome: string | undefined, environment: NodeJS.ProcessEnv): Paths {
  const home = resolve(explicitHome || environment.GANGWAY_HOME || defaultHome());
  const config = join(home, 'config');
  const run = join(home, 'run');
  return {
    home,
    config,
    accounts: join(config, 'accounts.json'),
    settings: join(config, 'settings.json'),
    clients: join(config, 'clients.json'),
    connections: join(config, 'connections.json'),
    backups: join(home, 'backups'),
    bundles: join(home, 'bundles'),
    desktop: join(config, 'desktop.json'),
    vault: join(home, 'vault'),
    activity: join(home, 'activity.sqlite'),
    run,
    socket: socketPath(run),
    startWords: join(run, 'start.json'),
    handshakeKey: join(run, 'handshake.key'),
    logs: join(home, 'logs'),
  };
}

/** An empty HOME is none, as for the native shim. */
function personHome(): string {
  try {
    return homedir() || userInfo().homedir;
  } catch (error) {
    // Containers may run as a user that their system does not list.
    throw new BridgeError(
      'storage',
      'This user has no home folder, so there is no place for the data of Gangway. Name one with --home or in GANGWAY_HOME.',
      {},
      error,
    );
  }
}

function defaultHome(): string {
  switch (process.platform) {
    case 'darwin':
      return join(personHome(), 'Library', 'Application Support', 'Gangway');
    case 'win32':
      return join(personHome(), 'AppData', 'Local', 'Gangway');
    default:
      return join(personHome(), '.local', 'share', 'gangway');
  }
}

function socketPath(run: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\gangway-${shortName(run)}`;
  const direct = join(run, 'gangway.sock');
  if (Buffer.byteLength(direct) <= LONGEST_SOCKET_PATH) return direct;
  return join(tmpdir(), `gangway-${userInfo().uid}`, `${shortName(run)}.sock`);
}

function shortName(run: string): string {
  return createHash('sha256').update(run).digest('hex').slice(0, 16);
}
