/** A question that several ask at once and that is put only once; it is withdrawn when the last of them has left. */
export class Probe {
  isOver = false;
  #waiting = 0;
  readonly #stop = new AbortController();
  readonly #verdict: Promise<boolean>;

  constructor(ask: (signal: AbortSignal) => Promise<boolean>) {
    this.#verdict = ask(this.#stop.signal).finally(() => {
      this.isOver = true;
    });
    // Whoever waits hears of it.
    this.#verdict.catch(() => undefined);
  }

  /** @throws the signal's reason when it aborts first; whatever the question failed with. */
  async join(signal: AbortSignal): Promise<boolean> {
    const { promise: left, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason);
    this.#waiting += 1;
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([left, this.#verdict]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waiting -= 1;
      if (this.#waiting === 0) {
        this.isOver = true;
        this.#stop.abort();
      }
    }
  }
}
