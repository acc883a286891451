import type { Message, RefusedMessage } from '../jsonrpc/message.ts';

/** One thing that came back from a workspace on the stream of a request or on its standing stream. */
export interface UpMessage {
  /** One complete JSON-RPC message; absent on an event that only carries an id or a retry time. */
  readonly message?: Exclude<Message, RefusedMessage>;
  readonly eventId?: string;
  readonly retryMs?: number;
  /** It came as a server-sent event, not as the single JSON body of the response. */
  readonly streamed: boolean;
  /** HTTP status of the response whose body it is; absent on events and local commands. */
  readonly status?: number;
}

export type OnUpMessage = (message: UpMessage) => void | Promise<void>;

/** How the stream of a request ended. */
export type ExchangeEnd =
  | { readonly kind: 'complete' }
  /** It broke or was closed after an event id: the rest can be had with `Last-Event-ID` (MCP 2025-11-25). */
  | { readonly kind: 'resumable'; readonly lastEventId: string; readonly retryMs: number };

export interface UpRequest {
  /** The message as it goes out; original bytes wherever nothing was rewritten. */
  readonly bytes: Uint8Array;
  /** Raw JSON text of its id. */
  readonly id: string;
  readonly method: string;
  /** Sending it a second time after a failure cannot do harm: reads, and writes with an idempotency key. */
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
  /** Everything on this request's stream, in order. A returned promise slows the workspace down. */
  readonly onMessage: OnUpMessage;
}

/**
 * One conversation with one workspace as one account: an MCP session over Streamable HTTP, an HTTP+SSE stream, or a
 * local command. It forwards bytes and knows nothing of clients.
 *
 * All methods throw `BridgeError`; besides, `SessionLost` says that the workspace no longer knows the session and that
 * the message was not carried out, so the caller may open a new one and send again.
 */
export interface UpChannel extends AsyncDisposable {
  /** Set by the relay after `initialize`, sent as `MCP-Protocol-Version` from then on. */
  protocolVersion: string | undefined;
  /** The revision the workspace itself speaks, where this channel translates from another era. */
  readonly spokenVersion?: string | undefined;
  /** Sends a request; resolves when its answer has been handed over or its stream has ended resumably. */
  request(request: UpRequest): Promise<ExchangeEnd>;
  /** Sends a notification or a response. */
  send(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * Receives what belongs to no request until `signal` aborts, reopening as needed. Resolves early when the workspace
   * offers no such stream (405).
   */
  listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void>;
  /** Continues a broken stream after `lastEventId` until it ends. `answers` is the raw id to stop at, if known. */
  resume(
    lastEventId: string,
    answers: string | undefined,
    onMessage: OnUpMessage,
    signal: AbortSignal,
  ): Promise<ExchangeEnd>;
}

/** The workspace no longer knows the session (404, or 400 naming the session). Nothing was carried out. */
export class SessionLost extends Error {
  constructor() {
    super('The workspace no longer knows this session.');
    this.name = 'SessionLost';
  }
}
