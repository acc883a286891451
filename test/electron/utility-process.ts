import { type ChildProcess, fork as forkNode } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Announcer, type EventsOf } from './announcer.ts';

type ChildEvents = {
  exit: [code: number];
  message: [message: unknown];
  spawn: [];
  error: [type: 'FatalError', location: string, report: string];
};

type Members = 'kill' | 'pid' | 'postMessage';

const PARENT_PORT = fileURLToPath(new URL('./parent-port.ts', import.meta.url));

/** A utility process: a real Node process that speaks through `process.parentPort`. */
export class DoubleChild
  extends Announcer<EventsOf<Electron.UtilityProcess, ChildEvents>>
  implements Pick<Electron.UtilityProcess, Members>
{
  readonly modulePath: string;
  readonly args: readonly string[];
  readonly options: Electron.ForkOptions;
  readonly #child: ChildProcess;
  #isThere = false;

  constructor(modulePath: string, args: string[] = [], options: Electron.ForkOptions = {}) {
    super(['exit', 'message', 'spawn', 'error']);
    this.modulePath = modulePath;
    this.args = args;
    this.options = options;
    this.#child = forkNode(modulePath, args, {
      env: { ...(options.env ?? process.env) },
      execArgv: ['--import', PARENT_PORT, ...(options.execArgv ?? [])],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.once('spawn', () => {
      this.#isThere = true;
      this.announce('spawn');
    });
    this.#child.on('message', (message) => this.announce('message', message));
    this.#child.once('exit', (code) => {
      this.announce('exit', code ?? 1);
      this.#isThere = false;
    });
  }

  /** Known from `spawn` until after `exit`. */
  get pid(): number | undefined {
    return this.#isThere ? this.#child.pid : undefined;
  }

  postMessage(message: unknown): void {
    this.#child.send(structuredClone(message) as object, () => undefined);
  }

  /** Before the process is there, nothing is ended. */
  kill(): boolean {
    return this.#isThere && this.#child.kill();
  }

  /** Ends it however it hangs. */
  end(): void {
    this.#child.kill('SIGKILL');
  }
}
