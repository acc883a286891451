import { execFile } from 'node:child_process';
import { Signal } from '#bridge/base/events.ts';
import { pause } from '#bridge/base/tasks.ts';
import { childEnvironment } from '#bridge/vault/keychain-process.ts';

/** The name under which panels are told of icons (freedesktop.org StatusNotifierItem, "StatusNotifierWatcher"). */
const WATCHER = 'org.kde.StatusNotifierWatcher';
const BUS = 'org.freedesktop.DBus';

/** Programs that ask the session bus whether a name has an owner; which of them there is depends on the distribution. */
const ASKING: readonly (readonly [program: string, ...words: string[]])[] = [
  [
    'gdbus',
    ...['call', '--session', '--dest', BUS, '--object-path', '/org/freedesktop/DBus'],
    ...['--method', `${BUS}.NameHasOwner`, WATCHER],
  ],
  ['busctl', '--user', 'call', BUS, '/org/freedesktop/DBus', BUS, 'NameHasOwner', 's', WATCHER],
  [
    'dbus-send',
    ...['--session', '--print-reply=literal', `--dest=${BUS}`, '/org/freedesktop/DBus'],
    ...[`${BUS}.NameHasOwner`, `string:${WATCHER}`],
  ],
];

/** For all programs together; who closes a window waits for it. */
const ASK_MS = 2_000;
/** At the start of a session the panel may come after us. */
const AGAIN_MS = [2_000, 5_000, 15_000, 60_000];

/** Runs a program without a shell; what it prints. @throws Error when there is none or it fails. */
export type RunProgram = (program: string, words: readonly string[], signal: AbortSignal) => Promise<string>;

export interface PanelParts {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly run?: RunProgram;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly askMs?: number;
}

/** Whether this desktop shows tray icons. Only on Linux there are some that do not. */
export interface TrayPanel extends AsyncDisposable {
  /** What was found last; not knowing counts as yes. */
  readonly isThere: boolean;
  readonly changed: Signal<void>;
  /** Looks now; whoever looks meanwhile gets the same answer. Never throws. */
  look(): Promise<boolean>;
}

/** Looks at once, then a few times while there is none, and whenever somebody asks. */
export function openTrayPanel(parts: PanelParts): TrayPanel {
  const { platform, environment, wait = pause, askMs = ASK_MS } = parts;
  const run = parts.run ?? programsIn(environment);
  const changed = new Signal<void>();
  const leaving = new AbortController();
  const { signal } = leaving;
  let isThere = true;
  let looking: Promise<boolean> | undefined;
  let following: Promise<void> | undefined;

  async function lookNow(): Promise<boolean> {
    const found = (await hasPanel(run, AbortSignal.any([signal, AbortSignal.timeout(askMs)]))) ?? true;
    if (signal.aborted || found === isThere) return isThere;
    isThere = found;
    if (!found) lookAgain();
    changed.announce();
    return isThere;
  }

  function look(): Promise<boolean> {
    if (platform !== 'linux' || signal.aborted) return Promise.resolve(isThere);
    looking ??= lookNow().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function follow(): Promise<void> {
    for (const ms of AGAIN_MS) {
      if (await look()) return;
      await wait(ms, signal);
    }
    await look();
  }

  function lookAgain(): void {
    following ??= follow()
      .catch(() => undefined)
      .finally(() => {
        following = undefined;
      });
  }

  lookAgain();
  return {
    get isThere() {
      return isThere;
    },
    changed,
    look,
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await following;
    },
  };
}

/** Undefined where nobody knows. */
async function hasPanel(run: RunProgram, signal: AbortSignal): Promise<boolean | undefined> {
  for (const [program, ...words] of ASKING) {
    try {
      const [, answer] = /\b(true|false)\b/.exec(await run(program, words, signal)) ?? [];
      if (answer !== undefined) return answer === 'true';
    } catch {
      if (signal.aborted) return undefined;
    }
  }
  return undefined;
}

/** With as little of our environment as they need; the libraries of an AppImage are not theirs. */
function programsIn(environment: NodeJS.ProcessEnv): RunProgram {
  return (program, words, signal) =>
    new Promise((resolve, reject) => {
      const env = childEnvironment(environment, 'linux', process.getuid?.());
      // Without an address some of them would start a bus of their own.
      if (!env.DBUS_SESSION_BUS_ADDRESS) return reject(new Error('There is no session bus.'));
      const options = { env, signal, killSignal: 'SIGKILL', maxBuffer: 4096 } as const;
      execFile(program, words, options, (error, printed) => (error ? reject(error) : resolve(printed)));
    });
}
