/**
 * Every way the bridge can fail, each with the exit code of the command line and the JSON-RPC code a
 * client sees. The JSON-RPC codes lie outside -32768..-32000, which JSON-RPC 2.0 and MCP reserve, so a client can tell
 * the bridge's own trouble from the workspace's.
 */
export const trouble = {
  'sign-in-needed': { exit: 3, rpc: -31001 },
  unreachable: { exit: 5, rpc: -31002 },
  tls: { exit: 5, rpc: -31003 },
  refused: { exit: 4, rpc: -31004 },
  wait: { exit: 5, rpc: -31005 },
  'bad-answer': { exit: 5, rpc: -31006 },
  timeout: { exit: 5, rpc: -31007 },
  'no-account': { exit: 3, rpc: -31008 },
  'too-large': { exit: 2, rpc: -31009 },
  stopping: { exit: 5, rpc: -31010 },
  'vault-locked': { exit: 3, rpc: -31011 },
  'vault-denied': { exit: 3, rpc: -31011 },
  'vault-absent': { exit: 3, rpc: -31011 },
  'vault-empty': { exit: 3, rpc: -31011 },
  'vault-damaged': { exit: 3, rpc: -31011 },
  'outcome-unknown': { exit: 5, rpc: -31012 },
  paused: { exit: 4, rpc: -31013 },
  blocked: { exit: 4, rpc: -31014 },
  'invalid-input': { exit: 2, rpc: -32602 },
  'account-unknown': { exit: 2, rpc: -31008 },
  conflict: { exit: 2, rpc: -32603 },
  'newer-file': { exit: 2, rpc: -32603 },
  storage: { exit: 1, rpc: -32603 },
  'port-taken': { exit: 5, rpc: -32603 },
  'owner-running': { exit: 2, rpc: -32603 },
  internal: { exit: 1, rpc: -32603 },
} as const satisfies Record<string, { exit: 0 | 1 | 2 | 3 | 4 | 5; rpc: number }>;

export type ErrorCode = keyof typeof trouble;

/** Facts a program may act on. Ids, names and numbers only; never a secret, never text from outside. */
export interface TroubleDetails {
  account?: string;
  host?: string;
  retryAfterSeconds?: number;
  /** The request had left the bridge when it failed; the workspace may have carried it out. */
  mayHaveRun?: boolean;
  /** The scope the workspace asked for, when it named one. */
  scope?: string;
}

/**
 * The only error that crosses a door. `message` is for people: what happened, what it means, the one thing to do;
 * at most 300 characters, no stack, no secret. `cause` stays inside the process.
 */
export class BridgeError extends Error {
  readonly code: ErrorCode;
  readonly details: TroubleDetails;

  constructor(code: ErrorCode, message: string, details: TroubleDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BridgeError';
    this.code = code;
    this.details = details;
  }
}

/** The error as a BridgeError; anything unforeseen becomes `internal` without its text, which may hold a secret. */
export function asBridgeError(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  return new BridgeError(
    'internal',
    'Gangway ran into a fault of its own. The log names the place.',
    {},
    error,
  );
}
