import { createHash, randomBytes } from 'node:crypto';
import { limits } from '../base/limits.ts';

/** Milliseconds since 1970, so that a computer that sleeps does not keep a session alive. */
export type Now = () => number;

/** How a ticket was taken: once it is `good`, it is spent. */
export type Taken = 'good' | 'wrong' | 'too-many';

/** A browser that was let in. Its signal aborts when it has to be let in again. */
export interface Session {
  readonly signal: AbortSignal;
  /** Streams without an end that it has open. */
  streams: number;
}

const WINDOW_MS = 60_000;

/** One-time keys that let a browser in. Only their hashes are kept, and looked up, so timing tells nothing of them. */
export class Tickets {
  readonly #now: Now;
  /** Hash and end of each that waits, the oldest first. */
  readonly #waiting = new Map<string, number>();
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #wrong = 0;

  constructor(now: Now = Date.now) {
    this.#now = now;
  }

  /** A new ticket: 256 random bits, good once, for five minutes. Of too many that wait, the oldest is good no longer. */
  issue(): string {
    const ticket = newKey();
    this.#waiting.set(hashOf(ticket), this.#now() + limits.panelTicketMs);
    dropOldest(this.#waiting, limits.panelTickets);
    return ticket;
  }

  /** A good ticket is taken however many wrong ones came before it, so that nobody can keep a person out. */
  take(ticket: string): Taken {
    const now = this.#now();
    const hash = hashOf(ticket);
    const endsAt = this.#waiting.get(hash);
    this.#waiting.delete(hash);
    if (endsAt !== undefined && now < endsAt) return 'good';
    if (now - this.#windowStartMs >= WINDOW_MS) {
      this.#windowStartMs = now;
      this.#wrong = 0;
    }
    this.#wrong += 1;
    return this.#wrong > limits.panelWrongTicketsPerMinute ? 'too-many' : 'wrong';
  }
}

interface Kept extends Session {
  readonly ending: AbortController;
  usedAt: number;
}

/** The browsers that were let in, each known by the hash of its cookie. Disposing ends them all. */
export class Sessions implements Disposable {
  readonly #now: Now;
  /** By hash, the one used longest ago first. */
  readonly #kept = new Map<string, Kept>();

  constructor(now: Now = Date.now) {
    this.#now = now;
  }

  /** Lets a browser in. @returns the value of its cookie, which is kept nowhere here. */
  begin(): string {
    const key = newKey();
    const ending = new AbortController();
    this.#kept.set(hashOf(key), { signal: ending.signal, ending, streams: 0, usedAt: this.#now() });
    for (const { ending } of dropOldest(this.#kept, limits.panelSessions)) ending.abort();
    return key;
  }

  /** The session that one of these cookies belongs to. It is used by this. */
  find(cookies: readonly string[]): Session | undefined {
    this.tend();
    for (const hash of cookies.map(hashOf)) {
      const found = this.#kept.get(hash);
      if (!found) continue;
      found.usedAt = this.#now();
      this.#kept.delete(hash);
      this.#kept.set(hash, found);
      return found;
    }
    return undefined;
  }

  /** Ends those that were not used for too long, with the streams they have open. */
  tend(): void {
    for (const [hash, { usedAt, ending }] of this.#kept) {
      if (this.#now() - usedAt < limits.panelSessionMs) continue;
      this.#kept.delete(hash);
      ending.abort();
    }
  }

  [Symbol.dispose](): void {
    for (const { ending } of this.#kept.values()) ending.abort();
    this.#kept.clear();
  }
}

function newKey(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}

/** Makes room; a Map keeps its order. */
function dropOldest<T>(kept: Map<string, T>, most: number): T[] {
  const dropped = [...kept].slice(0, Math.max(0, kept.size - most));
  for (const [hash] of dropped) kept.delete(hash);
  return dropped.map(([, value]) => value);
}
