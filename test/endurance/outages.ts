/** How long after an outage its consequences may still be met: answers on their way, connections found dead late. */
const ECHO_MS = 3_000;

/** What is out of order when: the owner, or one workspace. Times are those of this process, in milliseconds. */
export class Outages {
  readonly #spans = new Map<string, { from: number; to: number }[]>();

  begin(what: string): void {
    const spans = this.#spans.get(what) ?? [];
    spans.push({ from: performance.now(), to: Number.POSITIVE_INFINITY });
    this.#spans.set(what, spans);
  }

  end(what: string): void {
    const last = this.#spans.get(what)?.at(-1);
    if (last) last.to = performance.now() + ECHO_MS;
  }

  /** One of these was out of order at some moment since then. */
  explains(since: number, whats: readonly string[]): boolean {
    return whats.some((what) => (this.#spans.get(what)?.at(-1)?.to ?? 0) >= since);
  }
}
