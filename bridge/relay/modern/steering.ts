/** A client of both eras shakes hands right after it was steered; one that probes again later does not know how. */
const SHAKES_HANDS_MS = 1_000;
/** So long after it was steered a probe may still be the second one of a client that knows only the modern era. */
const COMES_BACK_MS = 10 * 60_000;
const MOST_CLIENTS = 1_000;

interface Steered {
  /** On the monotonic clock. */
  readonly atMs: number;
  /** It came back without a handshake, so it is served in its own era from then on. */
  readonly isModernOnly: boolean;
}

/**
 * How a probe (`server/discover`) is answered while the account speaks MCP 2025-11-25 only: as that era, so that a
 * client of both starts with `initialize` and nothing has to be translated. A client that comes back with another
 * probe instead knows only the modern era, and is served through translation from then on.
 */
export class Steering {
  readonly #clients = new Map<string, Steered>();

  /** @param key of the local client: its token over HTTP, its label over stdio, with the address. */
  steers(key: string, nowMs: number): boolean {
    const before = this.#clients.get(key);
    const age = before === undefined ? Number.POSITIVE_INFINITY : nowMs - before.atMs;
    const isModernOnly = before?.isModernOnly === true || (age >= SHAKES_HANDS_MS && age <= COMES_BACK_MS);
    const atMs = before !== undefined && age <= COMES_BACK_MS ? before.atMs : nowMs;
    this.#clients.delete(key);
    this.#clients.set(key, { atMs, isModernOnly });
    const [oldest] = this.#clients.keys();
    if (oldest !== undefined && this.#clients.size > MOST_CLIENTS) this.#clients.delete(oldest);
    return !isModernOnly;
  }

  /** The client shook hands, so it speaks both. */
  greeted(key: string): void {
    this.#clients.delete(key);
  }
}
