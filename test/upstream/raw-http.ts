type Fields = readonly (readonly [name: string, value: string])[] | Readonly<Record<string, string>>;

const JSON_TYPE = { 'content-type': 'application/json' };

/** The head of a response, as text on the wire. */
export function head(status: number | string, fields: Fields = {}): string {
  const lines = Array.isArray(fields) ? fields : Object.entries(fields);
  const first = typeof status === 'number' ? `${status} Whatever` : status;
  return `HTTP/1.1 ${first}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** A whole response with the right Content-Length. */
export function response(status: number, body: string | Uint8Array = '', fields: Fields = JSON_TYPE): Buffer {
  const bytes = Buffer.from(body);
  const lines = Array.isArray(fields) ? fields : Object.entries(fields);
  return Buffer.concat([
    Buffer.from(head(status, [...lines, ['content-length', String(bytes.length)]])),
    bytes,
  ]);
}

/** A 200 with JSON. */
export function json(body: string): Buffer {
  return response(200, body);
}

/** A JSON-RPC result; `id` is raw JSON text. */
export function result(id: string, value = '{"ok":true}'): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${value}}`;
}

/** The head of an event stream without an end of its own: it ends with the connection. */
export function streamHead(fields: Readonly<Record<string, string>> = {}): string {
  return head(200, { 'content-type': 'text/event-stream', connection: 'close', ...fields });
}

/** One server-sent event. */
export function event(
  data: string,
  more: { readonly id?: string; readonly retry?: string; readonly event?: string } = {},
): string {
  const lines = Object.entries(more).map(([name, value]) => `${name}: ${value}\n`);
  return `${lines.join('')}data: ${data}\n\n`;
}

/** One chunk of a chunked body. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
