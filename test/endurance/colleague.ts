import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a process of the run does when it is asked, by name. */
export type Duties = Readonly<Record<string, (given: never) => unknown>>;

interface Asked {
  readonly id: number;
  readonly name: string;
  readonly given: never;
}

interface Answered {
  readonly id: number;
  readonly value?: never;
  readonly failed?: string;
}

/** Does these duties for the process that started this one, and ends with it. */
export function serve(duties: Duties): void {
  process.on('message', ({ id, name, given }: Asked) => {
    const done = async (): Promise<unknown> => duties[name]?.(given);
    done().then(
      (value) => process.send?.({ id, value }),
      (error: Error) => process.send?.({ id, failed: error.stack ?? error.message }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}

/** A process of the run's own: another memory, another processor. Ends when it is disposed. */
export class Colleague<D extends Duties> implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  #asked = 0;

  constructor(program: URL) {
    this.#child = fork(program, { execArgv: [], serialization: 'advanced' });
    this.pid = this.#child.pid ?? 0;
    this.#child.on('message', ({ id, value, failed }: Answered) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (failed === undefined) waiting?.resolve(value as never);
      else waiting?.reject(new Error(failed));
    });
    this.#child.on('exit', (code, signal) => {
      const ended = new Error(`A process of the run ended with ${code ?? signal}.`);
      for (const { reject } of this.#waiting.values()) reject(ended);
      this.#waiting.clear();
    });
  }

  ask<K extends keyof D & string>(name: K, given: Parameters<D[K]>[0]): Promise<Awaited<ReturnType<D[K]>>> {
    const id = this.#asked;
    this.#asked += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // Why it is not there is told by its end.
      this.#child.send({ id, name, given }, (error) => error && reject(error));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
