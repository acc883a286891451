import { limits } from '../base/limits.ts';
import type { Message, RefusedMessage, ResponseMessage } from '../jsonrpc/message.ts';
import { INTERNAL_ERROR, idKey, readMessage } from '../jsonrpc/read.ts';
import { locate, replaceSpans } from '../jsonrpc/text.ts';

type Single = Exclude<Message, { readonly kind: 'batch' }>;

/** The messages of a body or an event: one, or those of a batch (MCP 2025-03-26). */
export function partsOf(message: Message): readonly Single[] {
  return message.kind === 'batch' ? message.messages : [message];
}

/** The message answers the request with this raw id; an error without an id answers the only request of its response. */
export function isAnswerTo(message: ResponseMessage, requestId: string): boolean {
  if (message.id === null) return message.error !== undefined;
  return idKey(message.id) === idKey(requestId);
}

/** A body that is an answer to this very request, by id, or an error without an id where those count. */
export function answersRequest(body: string, requestId: string, takesErrorWithoutId = false): boolean {
  const message = readMessage(Buffer.from(body));
  if (message.kind !== 'response' || (message.id === null && !takesErrorWithoutId)) return false;
  return isAnswerTo(message, requestId);
}

const LONGEST_REASON = 2000;

/**
 * The answer with an error that a strict client can read (JSON-RPC 2.0 section 5.1: a whole number and a text), of a
 * bounded size. Clients drop an error they cannot read, and then wait for ever. Everything else keeps its bytes.
 */
export function withReadableError<M extends Exclude<Message, RefusedMessage>>(
  message: M,
): M | ResponseMessage {
  if (message.kind !== 'response' || !message.error) return message;
  const span = locate(message.text, ['error']);
  const data = locate(message.text, ['error', 'data']);
  const { code, message: reason } = message.error;
  const isLarge = span !== undefined && span.end - span.start > limits.metadataBytes;
  if (!span || (Number.isSafeInteger(code) && typeof reason === 'string' && !isLarge)) return message;
  const head = JSON.stringify({
    code: Number.isSafeInteger(code) ? code : INTERNAL_ERROR,
    message: typeof reason === 'string' ? reason.slice(0, LONGEST_REASON) : 'The workspace gave no reason.',
  });
  const tail = data && !isLarge ? `,"data":${message.text.slice(data.start, data.end)}}` : '}';
  const text = replaceSpans(message.text, [{ ...span, by: head.slice(0, -1) + tail }]);
  const readable = readMessage(Buffer.from(text));
  return readable.kind === 'response' ? readable : message;
}
