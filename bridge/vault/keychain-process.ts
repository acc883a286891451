import { fork } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Because } from './trouble.ts';

export interface KeychainQuestion {
  readonly service: string;
  readonly account: string;
  /** Make the key when the keychain has none; only together with `prompt`. */
  readonly create: boolean;
  /** The system may ask the person, for example to unlock the keychain. */
  readonly prompt: boolean;
}

export type KeychainAnswer =
  | { kind: 'key'; key: Uint8Array; made: boolean }
  | { kind: 'none' }
  | { kind: 'trouble'; because: Because };

/** One question to the keychain in a process of its own. */
export interface KeychainProcess {
  readonly pid: number | undefined;
  /** Never rejects; a process that ends without an answer counts as trouble. */
  readonly answer: Promise<KeychainAnswer>;
  /** Ends the process at once, even while a prompt is open, and waits until it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts such a process. Another host, for example Electron with `runAsNode` switched off, or a command that is one file,
 * brings its own way to run `keychain-child.ts`.
 */
export type StartKeychainProcess = (
  question: KeychainQuestion,
  environment: NodeJS.ProcessEnv,
) => KeychainProcess;

/** Runs the child from its source. */
export const forkKeychain: StartKeychainProcess = (question, environment) =>
  runKeychain([fileURLToPath(new URL('./keychain-child.ts', import.meta.url))], question, environment);

/**
 * Runs the child with the program this process runs, Node or a single executable, and these words. Neither they nor the
 * environment hold a secret; the key travels by IPC.
 */
export function runKeychain(
  words: readonly [string, ...string[]],
  question: KeychainQuestion,
  environment: NodeJS.ProcessEnv,
): KeychainProcess {
  const [program, ...args] = words;
  const child = fork(program, args, {
    execArgv: [],
    env: childEnvironment(environment, process.platform, process.getuid?.()),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // Not `once` of node:events, which rejects when a message cannot be sent.
  const ended = new Promise<void>((resolve) => {
    if (child.pid === undefined) resolve();
    else child.once('exit', () => resolve());
  });
  const answer = new Promise<KeychainAnswer>((resolve) => {
    child.once('message', (message) => {
      resolve(message as KeychainAnswer);
      child.kill('SIGKILL');
    });
    const failed = (): void => resolve({ kind: 'trouble', because: 'unrecognised' });
    child.once('error', failed);
    child.once('exit', failed);
    child.send(question, (error) => error && failed());
  });
  return {
    pid: child.pid,
    answer,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** What the keychain libraries of the three systems read; nothing else of our environment reaches the child. */
const PASSED = [
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TMPDIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'SECURITYSESSIONID',
  '__CF_USER_TEXT_ENCODING',
  'SystemRoot',
  'SystemDrive',
  'windir',
  'PATH',
  'USERNAME',
  'USERDOMAIN',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'TEMP',
  'TMP',
];

/**
 * The environment of the child. AI clients may start us without the address of the session bus; systemd puts the bus
 * at a fixed place below /run/user, so it is looked for there.
 */
export function childEnvironment(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  uid: number | undefined,
  isOurSocket: (path: string, uid: number) => boolean = socketOf,
): NodeJS.ProcessEnv {
  const passed: NodeJS.ProcessEnv = {};
  for (const name of PASSED) if (environment[name] !== undefined) passed[name] = environment[name];
  if (platform === 'linux' && uid !== undefined && !passed.DBUS_SESSION_BUS_ADDRESS) {
    const runtime = passed.XDG_RUNTIME_DIR || `/run/user/${uid}`;
    const bus = `${runtime}/bus`;
    if (isOurSocket(bus, uid)) {
      passed.XDG_RUNTIME_DIR = runtime;
      passed.DBUS_SESSION_BUS_ADDRESS = `unix:path=${bus}`;
    }
  }
  return passed;
}

function socketOf(path: string, uid: number): boolean {
  try {
    const found = statSync(path);
    return found.isSocket() && found.uid === uid;
  } catch {
    return false;
  }
}
