import type { Log } from '#bridge/base/log.ts';

/** How long what is refused is only counted before it is logged again. */
const QUIET_MS = 60_000;

/** Counts what was refused, by kind. A flood makes one log line per kind and minute. */
export class Refusals {
  readonly #log: Log;
  readonly #event: string;
  readonly #now: () => number;
  readonly #counts = new Map<string, { total: number; told: number; at: number }>();

  /** @param now milliseconds of a clock that never goes back. */
  constructor(log: Log, event: string, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#event = event;
    this.#now = now;
  }

  add(kind: string): void {
    const count = this.#counts.get(kind) ?? { total: 0, told: 0, at: Number.NEGATIVE_INFINITY };
    this.#counts.set(kind, count);
    count.total += 1;
    if (this.#now() - count.at < QUIET_MS) return;
    this.#log.warn(this.#event, { kind, count: count.total - count.told });
    count.told = count.total;
    count.at = this.#now();
  }

  /** How many of a kind there were, or of all kinds. */
  count(kind?: string): number {
    if (kind !== undefined) return this.#counts.get(kind)?.total ?? 0;
    return [...this.#counts.values()].reduce((sum, { total }) => sum + total, 0);
  }
}
