import { limits } from '../base/limits.ts';
import type { Greeting, Welcome } from './greeting.ts';
import type { Route } from './parts.ts';
import { UpSession, type UpSessionParts } from './up-session.ts';

type Bound = Extract<Route, { kind: 'bound' }>;

interface Entry {
  readonly up: UpSession;
  readonly opening: Promise<Welcome>;
  /** Ends the session although requests still run on it, some time after a switch. */
  draining: NodeJS.Timeout | undefined;
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
      const opened: Entry = { up, opening: up.open(new AbortController().signal), draining: undefined };
      entry = opened;
      this.#entries.set(route.identity, opened);
      // A request that was bound before a switch may still need the old account, for that request only.
      this.#current ??= route.identity;
      if (this.#current !== route.identity) this.#drain(route.identity, opened);
      opened.opening.catch(() => this.#drop(route.identity, opened));
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
    for (const [key, entry] of this.#entries) {
      if (key !== identity) {
        this.#drain(key, entry);
        if (entry.up.running === 0) this.#drop(key, entry);
        continue;
      }
      entry.up.retired = false;
      clearTimeout(entry.draining);
      entry.draining = undefined;
    }
  }

  #drain(identity: string, entry: Entry): void {
    entry.up.retired = true;
    entry.draining ??= setTimeout(() => this.#drop(identity, entry), limits.drainMs).unref();
  }

  /** Ends one hold of `get`; the last one closes a retired session. */
  release(up: UpSession): void {
    up.running -= 1;
    if (!up.retired || up.running > 0) return;
    for (const [key, entry] of this.#entries) if (entry.up === up) this.#drop(key, entry);
  }

  #drop(identity: string, entry: Entry): void {
    if (this.#entries.get(identity) === entry) this.#entries.delete(identity);
    clearTimeout(entry.draining);
    this.#onClosed(entry.up);
    void entry.up[Symbol.asyncDispose]();
  }

  /** Ends every session; resolves when the workspaces have been told. */
  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(
      entries.map(async ({ up, draining }) => {
        clearTimeout(draining);
        this.#onClosed(up);
        await up[Symbol.asyncDispose]();
      }),
    );
  }
}
