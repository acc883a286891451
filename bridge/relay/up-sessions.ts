import { limits } from '../base/limits.ts';
import type { Greeting, Welcome } from './greeting.ts';
import type { Route } from './parts.ts';
import { UpSession, type UpSessionParts } from './up-session.ts';

type Bound = Extract<Route, { kind: 'bound' }>;

interface Entry {
  readonly up: UpSession;
  readonly opening: Promise<Welcome>;
}

/** The workspace sessions of one client session: at most one per identity, old ones drained after a switch. */
export class UpSessions {
  readonly #entries = new Map<string, Entry>();
  readonly #partsFor: (up: () => UpSession, route: Bound, greeting: Greeting) => UpSessionParts;
  readonly #onClosed: (up: UpSession) => void;
  #nextKey = 1;
  #current: string | undefined;

  constructor(
    partsFor: (up: () => UpSession, route: Bound, greeting: Greeting) => UpSessionParts,
    onClosed: (up: UpSession) => void,
  ) {
    this.#partsFor = partsFor;
    this.#onClosed = onClosed;
  }

  /**
   * The identity's open session; opened once, however many ask at the same time. It is held open for the caller, who
   * lets it go with `release`: a switch in between must not close a session that a request was bound to.
   * @throws what `UpSession.open` throws; the next call tries again.
   */
  async get(route: Bound, greeting: Greeting): Promise<UpSession> {
    let entry = this.#entries.get(route.identity);
    if (!entry) {
      const key = `u${this.#nextKey}`;
      this.#nextKey += 1;
      const up: UpSession = new UpSession(
        key,
        this.#partsFor(() => up, route, greeting),
      );
      entry = { up, opening: up.open(new AbortController().signal) };
      this.#entries.set(route.identity, entry);
      // A request that was bound before a switch may still need the old account, for that request only.
      up.retired = this.#current !== undefined && this.#current !== route.identity;
      const opened = entry;
      entry.opening.catch(() => this.#drop(route.identity, opened));
    }
    entry.up.running += 1;
    try {
      await entry.opening;
    } catch (error) {
      entry.up.running -= 1;
      throw error;
    }
    return entry.up;
  }

  /** An already open session of this identity. */
  peek(identity: string): UpSession | undefined {
    const entry = this.#entries.get(identity);
    return entry?.up.welcome ? entry.up : undefined;
  }

  byKey(key: string): UpSession | undefined {
    for (const { up } of this.#entries.values()) if (up.key === key) return up;
    return undefined;
  }

  *open(): Generator<UpSession, void> {
    for (const { up } of this.#entries.values()) if (up.welcome) yield up;
  }

  /** After a switch: every other session ends as soon as its last request has. */
  retireExcept(identity: string | undefined): void {
    this.#current = identity ?? '';
    for (const [key, { up }] of this.#entries) {
      up.retired = key !== identity;
      if (!up.retired) continue;
      if (up.running === 0) this.#close(key);
      else setTimeout(() => up.retired && this.#close(key), limits.drainMs).unref();
    }
  }

  /** Ends one hold of `get`; the last one closes a retired session. */
  release(up: UpSession): void {
    up.running -= 1;
    if (!up.retired || up.running > 0) return;
    for (const [key, entry] of this.#entries) if (entry.up === up) this.#close(key);
  }

  #close(identity: string): void {
    const entry = this.#entries.get(identity);
    if (entry) this.#drop(identity, entry);
  }

  #drop(identity: string, entry: Entry): void {
    if (this.#entries.get(identity) === entry) this.#entries.delete(identity);
    this.#onClosed(entry.up);
    void entry.up[Symbol.asyncDispose]();
  }

  /** Ends every session; resolves when the workspaces have been told. */
  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(
      entries.map(async ({ up }) => {
        this.#onClosed(up);
        await up[Symbol.asyncDispose]();
      }),
    );
  }
}
