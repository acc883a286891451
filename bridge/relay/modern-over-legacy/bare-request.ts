import type { RequestMessage } from '../../jsonrpc/message.ts';
import { edited } from '../../jsonrpc/object-text.ts';
import { locate, replaceSpans } from '../../jsonrpc/text.ts';

/** The part of `_meta` that belongs to the protocol itself. */
const RESERVED = 'io.modelcontextprotocol/';

/** What answers belong to, and requests for tasks, have no meaning in a session with a handshake. */
const FOREIGN = new Set(['inputResponses', 'requestState', 'task']);

/**
 * A modern request as a workspace of MCP 2025-11-25 knows it: without the envelope, under an id and a progress token
 * that are unique in its session. Everything else keeps its bytes.
 * @param id raw JSON; it serves as progress token too, when the client wants progress.
 */
export function bareRequest(message: RequestMessage, id: string): Buffer {
  const { text } = message;
  const idSpan = locate(text, ['id']);
  const paramsSpan = locate(text, ['params']);
  const edits = idSpan ? [{ ...idSpan, by: id }] : [];
  if (paramsSpan) {
    edits.push({ ...paramsSpan, by: bareParams(text.slice(paramsSpan.start, paramsSpan.end), id) });
  }
  return Buffer.from(replaceSpans(text, edits));
}

function bareParams(params: string, token: string): string {
  const span = locate(params, ['_meta']);
  if (!span) return edited(params, {}, (key) => FOREIGN.has(key));
  const before = params.slice(span.start, span.end);
  const progress: Record<string, string> = locate(before, ['progressToken']) ? { progressToken: token } : {};
  const meta = edited(before, progress, (key) => key.startsWith(RESERVED));
  if (meta === '{}') return edited(params, {}, (key) => FOREIGN.has(key) || key === '_meta');
  return edited(params, { _meta: meta }, (key) => FOREIGN.has(key));
}
