/** So long after the last question that did not say whose it was, calls run side by side again. */
const QUIET_MS = 10 * 60_000;
/** So long after a call was cancelled the workspace may still ask something for it. */
const LATE_MS = 2000;

/**
 * Who may be asked. A question that travels on the standing stream does not say which call it belongs to; it can be
 * told only while one call runs. Once it could not, calls of this session take turns, for as long as there are such
 * questions.
 */
export class Floor<Call> {
  readonly #speaking = new Set<Call>();
  readonly #queue: { readonly call: Call; readonly grant: () => void }[] = [];
  /** Runs while calls take turns. */
  #quiet: NodeJS.Timeout | undefined;

  /** A question came that does not say whose it is. */
  heardQuestion(): void {
    if (this.#speaking.size < 2 && !this.#quiet) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#endTurns(), QUIET_MS).unref();
  }

  #endTurns(): void {
    this.#quiet = undefined;
    for (const { call, grant } of this.#queue.splice(0)) {
      this.#speaking.add(call);
      grant();
    }
  }

  /** Calls that run and wait for nobody, and those that were cancelled just now. */
  get speaking(): readonly Call[] {
    return [...this.#speaking];
  }

  /** Resolves when the call may run. @throws the signal's reason when it aborts first. */
  async take(call: Call, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#quiet || (this.#speaking.size === 0 && this.#queue.length === 0)) {
      this.#speaking.add(call);
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place = { call, grant: resolve };
    this.#queue.push(place);
    const onAbort = (): void => {
      const at = this.#queue.indexOf(place);
      if (at !== -1) this.#queue.splice(at, 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort);
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** The call was cancelled, but the workspace may still ask something for it, until `giveLate`. */
  keep(call: Call): void {
    this.#speaking.add(call);
  }

  giveLate(call: Call): void {
    setTimeout(() => this.give(call), LATE_MS).unref();
  }

  /** The call has ended, or waits for its client. */
  give(call: Call): void {
    this.#speaking.delete(call);
    if (this.#speaking.size > 0) return;
    const next = this.#queue.shift();
    if (!next) return;
    this.#speaking.add(next.call);
    next.grant();
  }
}
