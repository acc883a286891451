interface Waiter {
  readonly name: string;
  readonly pass: () => void;
}

interface Watcher {
  readonly name: string;
  readonly seen: () => void;
}

/** Named gates that hold a tool call until the test lets it pass. */
export class Gates {
  #held: Waiter[] = [];
  #watchers: Watcher[] = [];
  readonly #cancelled: string[] = [];
  #cancelWatchers: Watcher[] = [];

  /** Called by the tool: waits at the gate. Rejects when the call is cancelled. */
  async pass(name: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { name, pass: resolve };
    const cancel = () => {
      this.#held = this.#held.filter((one) => one !== waiter);
      this.#cancelled.push(name);
      this.#cancelWatchers = notify(this.#cancelWatchers, name);
      reject(signal.reason);
    };
    this.#held.push(waiter);
    this.#watchers = notify(this.#watchers, name);
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Resolves as soon as a call waits at this gate. */
  async reached(name: string): Promise<void> {
    if (this.#held.some((one) => one.name === name)) return;
    await new Promise<void>((seen) => this.#watchers.push({ name, seen }));
  }

  /** How many calls wait at this gate. */
  waiting(name: string): number {
    return this.#held.filter((one) => one.name === name).length;
  }

  /** Lets everything pass that waits at this gate. @throws Error when nothing does. */
  release(name: string): void {
    const ready = this.#held.filter((one) => one.name === name);
    if (ready.length === 0) throw new Error(`No call waits at gate ${name}.`);
    this.#held = this.#held.filter((one) => !ready.includes(one));
    for (const one of ready) one.pass();
  }

  /** Resolves once a call that waited at this gate has been cancelled by its client. */
  async cancelled(name: string): Promise<void> {
    if (this.#cancelled.includes(name)) return;
    await new Promise<void>((seen) => this.#cancelWatchers.push({ name, seen }));
  }
}

function notify(watchers: readonly Watcher[], name: string): Watcher[] {
  for (const one of watchers) if (one.name === name) one.seen();
  return watchers.filter((one) => one.name !== name);
}
