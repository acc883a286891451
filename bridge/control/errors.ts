import { ORPCError } from '@orpc/client';
import {
  asBridgeError,
  BridgeError,
  type ErrorCode,
  type TroubleDetails,
  trouble,
} from '../contract/errors.ts';

/**
 * Any failure of a procedure as a BridgeError: those of oRPC itself get our words, and what nobody foresaw becomes
 * `internal` without its text, which may hold a secret.
 */
export function controlTrouble(error: unknown): BridgeError {
  if (!(error instanceof ORPCError)) return asBridgeError(error);
  if (isErrorCode(error.code)) {
    return new BridgeError(error.code, error.message, readDetails(error.data), error.cause);
  }
  if (error.code === 'BAD_REQUEST') return new BridgeError('invalid-input', inputText(error.data));
  if (error.code === 'NOT_FOUND') {
    return new BridgeError(
      'invalid-input',
      'Gangway does not know this request. Restart it after an update.',
    );
  }
  return asBridgeError(error);
}

/** The failure as it travels over a port. Neither its cause nor its stack leaves the process. */
export function toWire(error: unknown): ORPCError<string, TroubleDetails> {
  const { code, message, details } = controlTrouble(error);
  return new ORPCError(code, { message, data: details });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(trouble, code);
}

function readDetails(data: unknown): TroubleDetails {
  if (typeof data !== 'object' || data === null) return {};
  const given = data as Record<string, unknown>;
  return {
    ...(typeof given.account === 'string' ? { account: given.account } : {}),
    ...(typeof given.host === 'string' ? { host: given.host } : {}),
    ...(typeof given.retryAfterSeconds === 'number' ? { retryAfterSeconds: given.retryAfterSeconds } : {}),
    ...(typeof given.mayHaveRun === 'boolean' ? { mayHaveRun: given.mayHaveRun } : {}),
    ...(typeof given.scope === 'string' ? { scope: given.scope } : {}),
  };
}

/** Names the field that does not fit, never its value. */
function inputText(data: unknown): string {
  const issues = (data as { issues?: { path?: unknown[] }[] } | undefined)?.issues;
  const path = issues?.[0]?.path?.filter((part) => typeof part === 'string' && /^[A-Za-z]{1,40}$/.test(part));
  const field = path && path.length > 0 ? path.join('.').slice(0, 100) : 'What was entered';
  return `${field} is not as expected. Check it and try again.`;
}
