/** Announces a change after it happened, to whoever subscribed. Listeners never steer the announcer. */
export class Signal<T> {
  readonly #listeners = new Set<(value: T) => void>();

  on(listener: (value: T) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  announce(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  /**
   * The announced values as an endless stream; ends when `signal` aborts. Values that arrive while the reader is busy
   * wait in a queue of at most `limit`; beyond it the oldest are dropped.
   */
  async *stream(signal: AbortSignal, limit = 1000): AsyncGenerator<T, void> {
    const waiting: T[] = [];
    let wake: (() => void) | undefined;
    using _subscription = this.on((value) => {
      waiting.push(value);
      if (waiting.length > limit) waiting.shift();
      wake?.();
    });
    const onAbort = (): void => wake?.();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const value = waiting.shift();
        if (value !== undefined) yield value;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
