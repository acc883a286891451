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
  /** A question of a workspace may be answered for so long (MCP 2026-07-28, `requestState`). */
  requestStateMs: 60 * 60_000,
  /** Messages kept for a client that has not opened its stream yet. */
  waitingMessages: 256,

  /** An account's address, as typed. */
  addressCharacters: 2048,
  /** One key, and the value of one header. */
  keyBytes: 8 * 1024,
  /** Shorter secrets occur in ordinary text by chance, so they could not be kept out of logs. */
  keyLeastCharacters: 4,
  headerNameCharacters: 128,
  /** All headers an account adds. Servers such as Node refuse heads above 16 KB; 1 KB is left for the request's own. */
  accountHeaderBytes: 15 * 1024,
  commandArguments: 100,
  commandBytes: 8 * 1024,

  /** Activity waits at most this long before it is written. */
  activityFlushMs: 50,
  /** Pause after activity could not be written; what comes meanwhile waits. */
  activityRetryMs: 5_000,
  /** Longest wait, with everything else standing still, while another program holds the activity database. */
  activityBusyMs: 200,
  /** Entries kept in memory while the disk refuses them. */
  activityWaiting: 10_000,
  /** Lines of the log kept in memory while the disk refuses them; what comes beyond it is lost. */
  logWaitingBytes: 1 * MB,
  /** One file of the log, and how many there are with the older ones. */
  logFileBytes: 5 * MB,
  logFiles: 5,
  /** Arguments or result of one call, when the person wants them kept. */
  activityBodyCharacters: 64 * 1024,
  activityPruneMs: 24 * 60 * 60_000,
  /** Least time between two changes that a user interface is told of. */
  watchMs: 50,
  /** Latest entries of the activity log in the snapshot. */
  recentEntries: 20,
  /** One piece of an export. */
  exportCharacters: 64 * 1024,
  /** How long the command line goes on looking for an owner that is just starting or stopping. */
  attachMs: 20_000,
  /** How long the time of a client's last request may exist in memory only. */
  lastUsedSaveMs: 60_000,

  /** How long a change of a client's settings that was shown may still be made, and how many may be waiting. */
  clientPlanMs: 10 * 60_000,
  clientPlans: 16,
  /** After we wrote into a client's file: when it is looked at again, because some clients write old settings back. */
  clientRecheckMs: 30_000,
  /** Between two looks at the files we wrote into, without opening those that did not change. */
  clientLookMs: 60_000,

  connectMs: 10_000,
  /** A look at an address while a person types: all of it; finding its host; connecting, which is tried twice. */
  lookMs: 15_000,
  lookResolveMs: 3_000,
  lookConnectMs: 4_000,
  /** How long it may take to end its session. */
  lookEndMs: 1_000,
  /** One answer to it. */
  lookBytes: 1 * MB,
  /** How long the desktop may take to say which proxy leads to an address; it may have to load a script first. */
  proxyLookupMs: 5_000,
  /** From the end of the request to the head of the response. */
  responseHeadMs: 60_000,
  /** The same for `tools/call`, which may do slow work before it says anything. */
  toolResponseHeadMs: 300_000,
  /** Silence within a JSON body. */
  bodyIdleMs: 60_000,
  /** A whole JSON body, however lively it is. */
  bodyMs: 300_000,
  /** Each step of shaking hands with a workspace, with everything that is tried again. */
  greetingMs: 120_000,
  /** Interim responses (1xx) before the real one. */
  interimResponses: 10,
  /** Times a broken stream is asked for again before its rest counts as lost. */
  resumeTries: 5,
  /** How long a caller waits for the keychain. */
  keychainMs: 10_000,
  /** How long the keychain may ask the person before the question is taken back. */
  keychainPromptMs: 120_000,
  /** Between two tries at a keychain that is locked or missing. */
  keychainRetryMs: 10_000,
  /** Between two looks at the addresses of this computer. */
  networkLookMs: 3_000,
  /** Deriving the key from a passphrase; about half a second on an idle machine. */
  passphraseMs: 60_000,
  passphraseBytes: 4 * 1024,
  /** One account's sealed file. */
  sealedBytes: 1 * MB,
  /** OAuth: one metadata document, one answer of a registration or token endpoint, one revocation. */
  metadataMs: 10_000,
  tokenMs: 30_000,
  revocationMs: 5_000,
  /** How long a person may take to sign in. */
  signInMs: 600_000,
  /** How long an ended sign-in stays visible. */
  signInShownMs: 600_000,
  /** Times one request is sent again because its access token was refused and there was a newer one. */
  renewalsPerRequest: 2,
  /** How long a request waits for a renewed access token. */
  renewalWaitMs: 20_000,
  /** How long the server is told again of a sign-out that it did not hear. */
  revocationDays: 7,
  /** The link to sign in at, with all its parameters. */
  signInLinkCharacters: 8 * 1024,
  /** Client ids and client secrets as a server gives them. */
  clientIdCharacters: 2048,
  /** A client secret is renewed when it has less than this left. */
  clientSecretAheadMs: 24 * 60 * 60_000,
  /** The port a browser comes back to: its request line, its connections, and how slow one may be. */
  callbackUrlCharacters: 8 * 1024,
  callbackConnections: 256,
  callbackRequestMs: 5_000,
  /** How long it still explains itself after it got its answer. */
  callbackLingerMs: 30_000,
  callbackPortTries: 5,
  /** An address that a server names. */
  oauthUrlCharacters: 2048,
  authorizationServers: 10,
  accessTokenBytes: 8 * 1024,
  /** Longest life of an access token that is believed. */
  tokenLifeMs: 30 * 24 * 60 * 60_000,
  /** Longest wait an authorization server may ask for. */
  oauthWaitMs: 60 * 60_000,
  /** Who signed in, as the server calls them. */
  claimCharacters: 120,
  /** A list of scopes. */
  scopeCharacters: 4096,
  handshakeMs: 5_000,
  shutdownMs: 5_000,
  /** A conversation over HTTP without a stream: silence until its workspace sessions are let go, and until it ends. */
  sessionQuietMs: 10 * 60_000,
  sessionEndMs: 24 * 60 * 60_000,
  /** Between two looks at quiet conversations. */
  sessionTendMs: 60_000,
  /** Conversations of one HTTP client; beyond it the quietest ends. */
  sessionsPerClient: 64,
  /** How long calls on the old account may go on after a switch. */
  drainMs: 10 * 60_000,
  /** A local command must answer `initialize` within this time. */
  commandStartMs: 30_000,
  /** Silence of a local command on a probe that it may not know; then it is spoken to in the older way. */
  commandSilenceMs: 5_000,

  /** Local HTTP door. */
  httpHeadMs: 10_000,
  httpBodyMs: 10_000,
  httpConnections: 128,
  /** Responses without an end, which hold a connection each: in all, so that some are left for calls, and of one client. */
  httpStreams: 96,
  httpStreamsPerClient: 32,
  httpHeaderBytes: 16 * 1024,
  httpHeaders: 100,
  /** Request bodies that may be on their way at once. */
  httpOpenBodies: 64,
  /** Longer than clients keep idle connections, so that they seldom meet a closed one. */
  httpKeepAliveMs: 75_000,
  /** Silence on an event stream before a comment shows that it lives. */
  eventKeepAliveMs: 15_000,
  /** So long a client without a session may take nothing of a stream: over the pipe of a local command others wait for it. */
  httpStalledMs: 2 * 60_000,
  /** How long a connection that was refused or is being closed has left to hear so. */
  lingerMs: 1_000,
  badTokensPerConnection: 20,
  badTokensPerMinute: 1_000,
  badTokenLockMs: 60_000,

  /** The panel: the window in a browser. A form with a pasted snippet in it; connections of all its tabs. */
  panelBodyBytes: 64 * 1024,
  panelConnections: 64,
  /** Streams without an end in one browser, which opens six connections to one place; calls need some of them. */
  panelStreams: 4,
  /** A link to open it with, and how many may be waiting. */
  panelTicketMs: 5 * 60_000,
  panelTickets: 32,
  panelWrongTicketsPerMinute: 30,
  /** Silence until a browser has to be let in again, and how many are let in at once. */
  panelSessionMs: 12 * 60 * 60_000,
  panelSessions: 16,
  panelTendMs: 60_000,
  /** Files of the built window: one of them, and how many there may be. */
  windowFileBytes: 8 * MB,
  windowFiles: 500,

  /** A settings file of another program. */
  configBytes: 5 * MB,
  /** A sign that a program is saving it right now counts for so long: its lock, and a file beside it that it just made. */
  configLockMs: 10_000,
  configSavingMs: 250,
  /** How long such a program is waited for. */
  configWaitMs: 2_000,
  /** Copies kept of one settings file. */
  configBackups: 5,

  /** Local socket. One line of the handshake; one frame, which is an answer plus room for rewritten ids. */
  handshakeBytes: 4 * 1024,
  frameBytes: 33 * MB,
  /** Connections that have not finished their handshake; beyond it the oldest goes. */
  pendingHandshakes: 64,
  localConnections: 512,
  socketBufferBytes: 256 * 1024,

  /** Shim: how long requests wait for an owner nobody may start, one being started, one that went away. */
  ownerAbsentMs: 2_000,
  ownerStartMs: 20_000,
  ownerReturnMs: 30_000,
  /** Running requests may finish after the client closed its side, or after a signal. */
  stdinDrainMs: 30_000,
  signalDrainMs: 2_000,
  parentCheckMs: 2_000,
  /** Lines of one client that are said again to a new owner. */
  rememberedLines: 1_024,
} as const;
