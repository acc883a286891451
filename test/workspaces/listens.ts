import { InMemoryServerEventBus, type ServerEvent, type ServerEventBus } from '@modelcontextprotocol/server';

/** Carries the changes of a workspace to its open listens, and counts them (MCP 2026-07-28, `subscriptions/listen`). */
export class Listens implements ServerEventBus {
  readonly #bus = new InMemoryServerEventBus();
  #opened = 0;
  #waiting: { readonly matches: () => boolean; readonly reached: () => void }[] = [];

  get open(): number {
    return this.#bus.listenerCount;
  }

  /** Listens that were ever opened. */
  get opened(): number {
    return this.#opened;
  }

  publish(event: ServerEvent): void {
    this.#bus.publish(event);
  }

  subscribe(listener: (event: ServerEvent) => void): () => void {
    const leave = this.#bus.subscribe(listener);
    this.#opened += 1;
    this.#notify();
    return () => {
      leave();
      this.#notify();
    };
  }

  /** Resolves when at least this many are open. */
  async atLeast(count: number): Promise<void> {
    await this.#until(() => this.open >= count);
  }

  /** Resolves when at most this many are open. */
  async atMost(count: number): Promise<void> {
    await this.#until(() => this.open <= count);
  }

  async #until(matches: () => boolean): Promise<void> {
    if (matches()) return;
    await new Promise<void>((reached) => this.#waiting.push({ matches, reached }));
  }

  #notify(): void {
    const ready = this.#waiting.filter(({ matches }) => matches());
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const { reached } of ready) reached();
  }
}
