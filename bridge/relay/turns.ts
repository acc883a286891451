import { limits } from '../base/limits.ts';

/** At most so many requests of one session run at once; a bounded number waits in order. */
export class Turns {
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /** True when it is the caller's turn; false at once when too many wait already. */
  take(): boolean | Promise<boolean> {
    if (this.#running < limits.inFlightPerClient) {
      this.#running += 1;
      return true;
    }
    if (this.#queue.length >= limits.queuedPerClient) return false;
    return new Promise<boolean>((resolve) => this.#queue.push(() => resolve(true)));
  }

  /** Ends a turn that `take` granted; the next in line inherits it. */
  give(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#running -= 1;
  }
}
