/** Waits after failures: twice as long after each, spread over the whole span so that not everybody comes at once. */
export class Backoff {
  readonly #leastMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #failures = 0;
  #until = Number.NEGATIVE_INFINITY;

  constructor(leastMs: number, mostMs: number, random: () => number = Math.random) {
    this.#leastMs = leastMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** @param askedMs how long the server itself asked to wait. */
  failed(monotonic: number, askedMs?: number): void {
    const span = Math.min(this.#mostMs, this.#leastMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    this.#until = monotonic + (askedMs ?? Math.max(this.#leastMs, span * this.#random()));
  }

  /** A wait of a length of its own. */
  rest(monotonic: number, ms: number): void {
    this.#until = monotonic + ms;
  }

  clear(): void {
    this.#failures = 0;
    this.#until = Number.NEGATIVE_INFINITY;
  }

  /** Milliseconds until the next try; 0 when it may be now. */
  leftMs(monotonic: number): number {
    return Math.max(this.#until - monotonic, 0);
  }
}

/** Counts what happened within a span of time. */
export class Lately {
  readonly #spanMs: number;
  #times: number[] = [];

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  add(monotonic: number): void {
    this.#times = [...this.#within(monotonic), monotonic];
  }

  count(monotonic: number): number {
    return this.#within(monotonic).length;
  }

  clear(): void {
    this.#times = [];
  }

  #within(monotonic: number): number[] {
    return this.#times.filter((time) => monotonic - time < this.#spanMs);
  }
}
