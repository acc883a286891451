import { ProtocolError } from '@modelcontextprotocol/server';

/** The stable codes of Aly's JSON-RPC errors: a number for the protocol, a word for programs. */
export const alyErrors = {
  invalid_arguments: -32602,
  not_found: -32010,
  insufficient_scope: -32012,
  rate_limited: -32013,
  invalid_token: -32014,
  origin_not_allowed: -32015,
} as const;
export type AlyErrorCode = keyof typeof alyErrors;

/** A JSON-RPC error as a tool throws it. */
export function alyError(code: AlyErrorCode, message: string): ProtocolError {
  return new ProtocolError(alyErrors[code], message, { code });
}
