/**
 * What travels down to a client besides the answer itself. `data` is one complete JSON-RPC message; without it the
 * event only carries an id (a priming event, MCP 2025-11-25 transports) or a new reconnection time.
 */
export interface DownEvent {
  readonly data?: Uint8Array;
  /** Server-sent event id, already prefixed with its up session. */
  readonly id?: string;
  readonly retryMs?: number;
}

/**
 * Where the messages that belong to one client request go. The relay calls `answer` or `end` exactly once, last.
 * A returned promise means "wait before you send more".
 */
export interface Reply {
  /** The client can come back for the rest with `Last-Event-ID`: true over HTTP, false over stdio. */
  readonly resumable: boolean;
  /** Aborts when nobody reads this reply any more: the response was closed, or the connection. */
  readonly gone: AbortSignal;
  event(event: DownEvent): void | Promise<void>;
  /**
   * The JSON-RPC answer. `streamed` tells that the workspace sent it as a server-sent event, so HTTP does the same.
   * `status` is the HTTP status for an answer of our own to a malformed message; 200 when absent.
   */
  answer(body: Uint8Array, how?: { streamed?: boolean; id?: string; status?: number }): void | Promise<void>;
  /** Nothing more comes here: accepted without an answer, cancelled, or to be resumed by the client. */
  end(): void | Promise<void>;
}

/** A standing way down for messages that belong to no request: the GET stream over HTTP, stdout over stdio. */
export interface Outlet {
  event(event: DownEvent): void | Promise<void>;
  end(): void | Promise<void>;
}

/** Who speaks at a door. */
export interface Caller {
  /** Stable id of the local client: its token id over HTTP, the connection over stdio. Sessions belong to it. */
  readonly id: string;
  /** Name for people: the label of its token, or the program's own name. */
  readonly label: string;
  readonly door: 'stdio' | 'http';
}

/** Header fields of one HTTP request: values by lower-case name; a name that came twice has two. */
export type RequestHeaders = ReadonlyMap<string, readonly string[]>;
