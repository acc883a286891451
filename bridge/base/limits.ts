/**
 * Every size and time cap of the bridge, in one place. Sizes are bytes, times are milliseconds. Raising one is a
 * decision about memory or about how long a person waits; write down why.
 */
const MB = 1024 * 1024;

export const limits = {
  /** One line on stdio, one HTTP request body. */
  messageBytes: 16 * MB,
  /** One JSON answer of a workspace, after decompression. */
  answerBytes: 32 * MB,
  /** One server-sent event. */
  eventBytes: 16 * MB,
  /** All events of one response stream. */
  streamBytes: 256 * MB,
  /** Error bodies and metadata: read at most this much. */
  metadataBytes: 256 * 1024,
  responseHeaderBytes: 32 * 1024,
  /** Nesting of a JSON message, checked before it is parsed. */
  jsonDepth: 200,
  idCharacters: 256,
  methodCharacters: 256,
  /** Requests of one session that may run at once; more wait, up to `queuedPerClient`. */
  inFlightPerClient: 64,
  queuedPerClient: 936,
  /** Bytes that may wait for a slow client before the workspace is paused. */
  clientQueueBytes: 32 * MB,
  /** Messages kept for a client that has not opened its stream yet. */
  waitingMessages: 256,

  connectMs: 10_000,
  /** From the end of the request to the head of the response. */
  responseHeadMs: 60_000,
  /** The same for `tools/call`, which may do slow work before it says anything. */
  toolResponseHeadMs: 300_000,
  /** Silence within a JSON body. */
  bodyIdleMs: 60_000,
  keychainMs: 10_000,
  handshakeMs: 5_000,
  shutdownMs: 5_000,
  /** How long calls on the old account may go on after a switch. */
  drainMs: 10 * 60_000,
  /** A local command must answer `initialize` within this time. */
  commandStartMs: 30_000,

  /** Local HTTP door. */
  httpHeadMs: 10_000,
  httpBodyMs: 10_000,
  httpConnections: 128,
  httpHeaderBytes: 16 * 1024,
} as const;
