import type { Clock } from '#bridge/credentials/lifetime.ts';

interface Waiting {
  readonly at: number;
  readonly run: () => void;
}

/** Both clocks and every wait of a test; time passes only when the test says so. */
export class Timeline implements Clock {
  #wall = Date.parse('2026-11-21T10:00:00.000Z');
  #monotonic = 1_000;
  readonly #waiting = new Set<Waiting>();
  /** Lengths of all timers that were set. */
  readonly timers: number[] = [];

  now = (): number => this.#wall;
  monotonic = (): number => this.#monotonic;

  schedule = (ms: number, task: () => void): Disposable => {
    this.timers.push(ms);
    return this.#add(ms, task);
  };

  pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const waiting = this.#add(ms, resolve);
      signal.addEventListener('abort', () => {
        waiting[Symbol.dispose]();
        reject(signal.reason);
      });
    });

  /** Lets time pass on both clocks; what becomes due runs in order. */
  async pass(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settled();
    for (;;) {
      const next = [...this.#waiting].sort((one, other) => one.at - other.at)[0];
      if (!next || next.at > end) break;
      this.#forward(next.at - this.#monotonic);
      this.#waiting.delete(next);
      next.run();
      await settled();
    }
    this.#forward(end - this.#monotonic);
    await settled();
  }

  /** Waits for something real, such as a server; waits of at most `ms` that it comes upon pass at once. */
  async until<T>(underWay: Promise<T>, ms: number): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    underWay.then(over, over);
    while (!isOver) {
      const next = Math.min(...[...this.#waiting].map(({ at }) => at - this.#monotonic));
      if (next <= ms) await this.pass(next);
      else await settled();
    }
    return underWay;
  }

  /** Sets the wall clock, as a person does or a sleep of the computer seems to. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  #forward(ms: number): void {
    if (ms <= 0) return;
    this.#wall += ms;
    this.#monotonic += ms;
  }

  #add(ms: number, run: () => void): Disposable {
    const waiting = { at: this.#monotonic + Math.max(ms, 0), run };
    this.#waiting.add(waiting);
    return { [Symbol.dispose]: () => void this.#waiting.delete(waiting) };
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
