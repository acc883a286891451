import type { Arrival, Rpc } from './arrival.ts';

/** One HTTP request as the workspace saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it came, cut after 64 KiB. */
  readonly text: string;
  /** The JSON-RPC message in it, if any. */
  readonly rpc: Rpc | undefined;
  /** Shorthand for `rpc.target` when `rpc.method` is `tools/call`. */
  readonly tool: string | undefined;
  /** Whose credential it carried; undefined when it carried none that is known. */
  readonly principal: string | undefined;
  /** As which user the workspace ran it. */
  readonly user: string | undefined;
  readonly session: string | undefined;
}

const MAX_ENTRIES = 2_000;
const MAX_TEXT = 64 * 1024;

/** Keeps the last 2,000 requests of a workspace, and lets a test wait for one. */
export class Recorder {
  readonly #entries: Seen[] = [];
  #waiting: { matches: (seen: Seen) => boolean; found: (seen: Seen) => void }[] = [];

  /** Called by a workspace once per request, as soon as it knows who is asking. */
  add(arrival: Arrival, who: { readonly principal?: string; readonly user?: string } = {}): Seen {
    const seen: Seen = {
      method: arrival.method,
      path: arrival.path,
      query: arrival.query,
      headers: arrival.headers,
      text: arrival.text.slice(0, MAX_TEXT),
      rpc: arrival.rpc,
      tool: arrival.rpc?.method === 'tools/call' ? arrival.rpc.target : undefined,
      principal: who.principal,
      user: who.user,
      session: arrival.headers['mcp-session-id'],
    };
    this.#entries.push(seen);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
    const ready = this.#waiting.filter((one) => one.matches(seen));
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const one of ready) one.found(seen);
    return seen;
  }

  get all(): readonly Seen[] {
    return this.#entries;
  }

  /** The requests that carried this JSON-RPC method. */
  withMethod(method: string): readonly Seen[] {
    return this.#entries.filter((seen) => seen.rpc?.method === method);
  }

  /** The calls of one tool, or of any tool. */
  calls(tool?: string): readonly Seen[] {
    return this.#entries.filter((seen) => seen.tool !== undefined && (tool ?? seen.tool) === seen.tool);
  }

  /** The HTTP DELETEs: a client that ended its session. */
  deletes(): readonly Seen[] {
    return this.#entries.filter((seen) => seen.method === 'DELETE');
  }

  /** The first request that matches: one that is already there, or else the next one to come. */
  async until(matches: (seen: Seen) => boolean): Promise<Seen> {
    const found = this.#entries.find(matches);
    return found ?? this.next(matches);
  }

  /** The next request to come that matches. */
  async next(matches: (seen: Seen) => boolean): Promise<Seen> {
    return new Promise((found) => this.#waiting.push({ matches, found }));
  }

  clear(): void {
    this.#entries.length = 0;
  }
}
