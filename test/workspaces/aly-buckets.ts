/** A bucket of requests. Once empty it refuses until its pause is over, then it is full again. */
export class Bucket {
  readonly #size: number;
  readonly #pauseMs: number;
  readonly #now: () => number;
  #left: number;
  #fullAgainAt: number | undefined;

  /** @param now milliseconds of a clock. */
  constructor(size: number, pauseMs: number, now: () => number = Date.now) {
    this.#size = size;
    this.#pauseMs = pauseMs;
    this.#now = now;
    this.#left = size;
  }

  /** Whole seconds until the bucket is full again; undefined while something is left. */
  get retryAfterSeconds(): number | undefined {
    if (this.#left > 0) return undefined;
    this.#fullAgainAt ??= this.#now() + this.#pauseMs;
    const waitMs = this.#fullAgainAt - this.#now();
    if (waitMs > 0) return Math.max(1, Math.ceil(waitMs / 1_000));
    this.#left = this.#size;
    this.#fullAgainAt = undefined;
    return undefined;
  }

  take(): void {
    this.#left -= 1;
  }
}
