import type { ResponseMessage } from './message.ts';
import { locate, replaceSpans } from './text.ts';

/** The bytes of a JSON-RPC result; `id` is raw JSON text. */
export function resultOf(id: string, result: string): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
}

/** The bytes of a JSON-RPC error; `id` is raw JSON text or null. */
export function errorOf(id: string | null, code: number, message: string, data?: object): Buffer {
  const error = JSON.stringify(data === undefined ? { code, message } : { code, message, data });
  return Buffer.from(`{"jsonrpc":"2.0","id":${id ?? 'null'},"error":${error}}`);
}

/** The bytes of a JSON-RPC notification. */
export function notificationOf(method: string, params?: object): Buffer {
  const tail = params === undefined ? '' : `,"params":${JSON.stringify(params)}`;
  return Buffer.from(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}${tail}}`);
}

/** The bytes of a JSON-RPC request; `params` is raw JSON text. */
export function requestOf(id: string, method: string, params?: string): Buffer {
  const tail = params === undefined ? '' : `,"params":${params}`;
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)}${tail}}`);
}

/** The message with another id (raw JSON text); everything else keeps its bytes. */
export function withId(
  message: { readonly text: string; readonly bytes: Uint8Array },
  id: string,
): Uint8Array {
  const span = locate(message.text, ['id']);
  if (!span || message.text.slice(span.start, span.end) === id) return message.bytes;
  return Buffer.from(replaceSpans(message.text, [{ ...span, by: id }]));
}

/** The raw JSON text of an answer's result. */
export function resultText(message: ResponseMessage): string | undefined {
  const span = locate(message.text, ['result']);
  return span && message.text.slice(span.start, span.end);
}
