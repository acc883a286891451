import { limits } from '../base/limits.ts';

/** At most so many requests of one session run at once; a bounded number waits in order. */
export class Turns {
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /** Resolves when it is the caller's turn; false at once when too many wait already. */
  async take(): Promise<boolean> {
    if (this.#running < limits.inFlightPerClient) {
      this.#running += 1;
      return true;
    }
    if (this.#queue.length >= limits.queuedPerClient) return false;
    await new Promise<void>((resolve) => this.#queue.push(resolve));
    return true;
  }

  /** Ends a turn that `take` granted; the next in line inherits it. */
  give(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#running -= 1;
  }
}
