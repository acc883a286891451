import type { IncomingMessage, ServerResponse } from 'node:http';

/** The part of a JSON-RPC message that decides where it goes. */
export interface Rpc {
  readonly id: string | number | undefined;
  /** Absent on a response. */
  readonly method: string | undefined;
  /** `params.name` of `tools/call` and `prompts/get`, `params.uri` of the resource methods. */
  readonly target: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

/** One HTTP request with its body read. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names; a header sent twice is joined by Node with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body exactly as it came. */
  readonly text: string;
  /** The parsed body; absent when there is none or it is not JSON. */
  readonly json?: unknown;
  /** The JSON-RPC message in the body. For a batch the first one. */
  readonly rpc?: Rpc;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Reads one request whole. @throws RangeError for a body over 4 MiB, the limit of the official SDK's server. */
export async function readArrival(request: IncomingMessage): Promise<Arrival> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) throw new RangeError('The body is over 4 MiB.');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const json = text === '' ? undefined : parse(text);
  const rpc = readRpc(Array.isArray(json) ? json[0] : json);
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    text,
    ...(json === undefined ? {} : { json }),
    ...(rpc === undefined ? {} : { rpc }),
  };
}

/** Sends a JSON body. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Sends a JSON-RPC error as the whole HTTP answer, the way the official SDK refuses a request. */
export function answerRpcError(
  response: ServerResponse,
  status: number,
  error: { readonly code: number; readonly message: string; readonly data?: unknown },
  how: { readonly id?: string | number; readonly headers?: Readonly<Record<string, string>> } = {},
): void {
  answerJson(response, status, { jsonrpc: '2.0', error, id: how.id ?? null }, how.headers);
}

/** The token of `Authorization: Bearer …`; undefined without one or with another scheme. */
export function bearerOf(arrival: Arrival): string | undefined {
  return /^Bearer ([^\s,]+)$/i.exec(arrival.headers.authorization ?? '')?.[1];
}

/** How a general-purpose workspace tells who is asking. */
export interface Doorkeeping {
  /** Label to secret. Without it everybody is let in, as `anyone`. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** The header that carries the secret; `Authorization: Bearer …` when absent. */
  readonly keyHeader?: string;
}

/** The label of the secret that came with this request; undefined when it is none of the known ones. */
export function labelOf(arrival: Arrival, { tokens, keyHeader }: Doorkeeping): string | undefined {
  if (tokens === undefined) return 'anyone';
  const secret = keyHeader === undefined ? bearerOf(arrival) : arrival.headers[keyHeader.toLowerCase()];
  return Object.entries(tokens).find(([, token]) => token === secret)?.[0];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readRpc(message: unknown): Rpc | undefined {
  if (typeof message !== 'object' || message === null || !('jsonrpc' in message)) return undefined;
  const { id, method, params } = message as { id?: unknown; method?: unknown; params?: unknown };
  const fields = typeof params === 'object' && params !== null ? (params as Record<string, unknown>) : {};
  const target = fields.name ?? fields.uri;
  return {
    id: typeof id === 'string' || typeof id === 'number' ? id : undefined,
    method: typeof method === 'string' ? method : undefined,
    target: typeof target === 'string' ? target : undefined,
    params: fields,
  };
}

/** The tools that this request calls; more than one only in a batch (MCP 2025-03-26). */
export function calledTools(arrival: Arrival): readonly string[] {
  const messages = Array.isArray(arrival.json) ? arrival.json : [arrival.json];
  return messages.flatMap((message) => {
    const rpc = readRpc(message);
    return rpc?.method === 'tools/call' && rpc.target !== undefined ? [rpc.target] : [];
  });
}
