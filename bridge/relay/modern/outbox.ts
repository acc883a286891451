import type { Notice } from './subscription.ts';

interface Unsent {
  data: Uint8Array;
  /** It came from a workspace, and counts as long as the client looks at that one. */
  heard: boolean;
  /** Resolves when it was sent or needs no sending any more. */
  readonly done: PromiseWithResolvers<void>;
}

/**
 * What waits to go down to one listen, in order. Nobody has to wait for a slow client: of notices that say the same
 * only one waits, so there are never more than the listen asked for, beside what a workspace is slowed down with.
 */
export class Outbox {
  readonly #send: (data: Uint8Array) => void | Promise<void>;
  /** In order, by what it says; by itself where no other says the same. A client may follow very many resources. */
  #unsent = new Map<unknown, Unsent>();
  #sending: Unsent | undefined;
  #state: 'held' | 'open' | 'closed' = 'held';

  constructor(send: (data: Uint8Array) => void | Promise<void>) {
    this.#send = send;
  }

  /** Sends this first, then what waits. */
  open(first: Uint8Array): void {
    if (this.#state !== 'held') return;
    this.#state = 'open';
    const opening: Unsent = { data: first, heard: false, done: Promise.withResolvers() };
    this.#unsent = new Map([[opening, opening], ...this.#unsent]);
    void this.#flush();
  }

  /** A notice of the bridge's own, or one `heard` from a workspace. Resolves when it was sent or is not needed. */
  async put({ key, data }: Notice, heard: boolean): Promise<void> {
    if (this.#state === 'closed') return;
    const same = key === undefined ? undefined : this.#unsent.get(key);
    if (same) {
      if (same.heard) Object.assign(same, { data, heard });
      return same.done.promise;
    }
    const unsent: Unsent = { data, heard, done: Promise.withResolvers() };
    this.#unsent.set(key ?? unsent, unsent);
    void this.#flush();
    return unsent.done.promise;
  }

  /** What was heard and has not been sent counts no more. */
  forget(): void {
    if (this.#sending?.heard) this.#sending.done.resolve();
    for (const [key, { heard, done }] of this.#unsent) {
      if (!heard) continue;
      this.#unsent.delete(key);
      done.resolve();
    }
  }

  close(): void {
    this.#state = 'closed';
    this.#sending?.done.resolve();
    for (const { done } of this.#unsent.values()) done.resolve();
    this.#unsent.clear();
  }

  async #flush(): Promise<void> {
    if (this.#sending) return;
    while (this.#state === 'open') {
      const [first] = this.#unsent;
      if (!first) return;
      const [key, next] = first;
      this.#unsent.delete(key);
      this.#sending = next;
      try {
        await this.#send(next.data);
      } catch {
        // A client that cannot be reached has gone, and says so by its own signal.
      } finally {
        this.#sending = undefined;
        next.done.resolve();
      }
    }
  }
}
