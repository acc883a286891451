import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../base/limits.ts';
import { trouble } from '../contract/errors.ts';
import { INVALID_REQUEST } from '../jsonrpc/read.ts';
import { errorOf } from '../jsonrpc/write.ts';
import { sendJson } from './http-reply.ts';

const MEGABYTE = 1024 * 1024;

/** Bodies that never change, so that they tell nothing about what exactly was wrong. */
export const refusals = {
  token: errorOf(
    null,
    trouble.refused.rpc,
    'This request carries no token that Gangway knows. Connect this app to Gangway again.',
  ),
  tooManyTokens: errorOf(
    null,
    trouble.wait.rpc,
    'Too many requests carried an unknown token. Wait a minute.',
  ),
  tooLarge: errorOf(
    null,
    trouble['too-large'].rpc,
    `The message is larger than ${limits.messageBytes / MEGABYTE} MB and was not forwarded.`,
  ),
  late: errorOf(null, trouble.timeout.rpc, 'The message did not arrive in time and was not forwarded.'),
  busy: errorOf(null, trouble.wait.rpc, 'Too many messages are arriving at once. Try again shortly.'),
  streams: errorOf(null, trouble.wait.rpc, 'Too many streams are open already. Close one, then try again.'),
  stopping: errorOf(null, trouble.stopping.rpc, 'Gangway is stopping. Start it again, then try again.', {
    source: 'bridge',
    mayHaveRun: false,
  }),
  fault: errorOf(null, trouble.internal.rpc, 'Gangway ran into a fault of its own. The log names the place.'),
} as const;

/** The body of a refusal in words, as a JSON-RPC error. */
export function refusalBody(because: string, id: string | null = null, code = INVALID_REQUEST): Buffer {
  return errorOf(id, code, because);
}

/** Answers without reading the body; a client that goes on sending it is cut off a moment later. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(response, status, body, headers);
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), limits.lingerMs);
  request.once('end', () => clearTimeout(timer));
  request.once('close', () => clearTimeout(timer));
}
