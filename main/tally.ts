/** Says how often something may happen: so many times within so many milliseconds, and then no more. */
export class Tally {
  readonly #most: number;
  readonly #withinMs: number;
  readonly #now: () => number;
  #times: number[] = [];

  /** @param now milliseconds of a clock that never goes back. */
  constructor(most: number, withinMs: number, now: () => number = () => performance.now()) {
    this.#most = most;
    this.#withinMs = withinMs;
    this.#now = now;
  }

  /** Counts one more. False when it is one too many. */
  add(): boolean {
    const now = this.#now();
    this.#times = [...this.#times.filter((time) => now - time < this.#withinMs), now];
    return this.#times.length <= this.#most;
  }
}
