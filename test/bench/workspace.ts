import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BLOB_TOOL, blobText, KEY, TOOL_COUNT, USER } from './door.ts';

/*
 * node test/bench/workspace.ts: the least a workspace can do, far faster than any bridge. It checks the credential, the
 * selected user and the session, and echoes. Both eras at each of its addresses: /mcp answers with JSON, /events with a
 * stream of events, /far with JSON after 40 ms. Prints its origin.
 */

const FAR_MS = 40;
const TOOLS = Array.from({ length: TOOL_COUNT }, (_, index) => ({
  name: `tool-${index}`,
  description: `Tool number ${index}, which does what a tool of that number does and says so in one sentence.`,
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string', description: 'What it is about.' }, count: { type: 'integer' } },
    required: ['text'],
  },
}));
const sessions = new Set<string>();

interface Asked {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: { readonly text?: string } };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    if (request.url === '/far') setTimeout(() => answer(request, response, body), FAR_MS);
    else answer(request, response, body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): ServerResponse {
  const { headers, method } = request;
  if (headers.authorization !== `Bearer ${KEY}` || headers['x-user-email'] !== USER)
    return end(response, 401);
  const session = headers['mcp-session-id'];
  if (method === 'GET') return end(response, 405);
  if (method === 'DELETE') return end(response, sessions.delete(String(session)) ? 200 : 404);
  const asked = JSON.parse(body.toString('utf8')) as Asked;
  const isModern = headers['mcp-protocol-version'] === '2026-07-28';
  if (isModern && headers['mcp-method'] !== asked.method) return end(response, 400);
  if (isModern && headers['mcp-name'] !== asked.params?.name) return end(response, 400);
  if (asked.method === 'initialize') {
    const id = randomUUID();
    sessions.add(id);
    return send(request, response, asked.id, JSON.stringify(WELCOME), { 'mcp-session-id': id });
  }
  if (!isModern && !sessions.has(String(session))) return end(response, 404);
  if (asked.id === undefined) return end(response, 202);
  return send(request, response, asked.id, resultOf(asked, isModern), {});
}

const SERVER = { name: 'bench', version: '1' };
const WELCOME = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: SERVER };
const FRESH = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
const MODERN: Readonly<Record<string, object>> = {
  'server/discover': FRESH,
  'tools/list': FRESH,
  'tools/call': { resultType: 'complete' },
};

const DISCOVERED = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
const RESOURCE = { uri: 'bench://blob', mimeType: 'application/octet-stream', blob: blobText() };

/** Results that are the same every time, written once for each era. */
const written = {
  list: [true, false].map((isModern) => resultText('tools/list', { tools: TOOLS }, isModern)),
  discovered: resultText('server/discover', DISCOVERED, true),
  blob: [true, false].map((isModern) =>
    resultText('tools/call', { content: [{ type: 'resource', resource: RESOURCE }] }, isModern),
  ),
};

function resultText(method: string, result: object, isModern: boolean): string {
  return JSON.stringify({ ...result, ...(isModern ? MODERN[method] : {}) });
}

function resultOf({ method, params }: Asked, isModern: boolean): string {
  const index = isModern ? 0 : 1;
  if (method === 'tools/list') return written.list[index] ?? '';
  if (method === 'server/discover') return written.discovered;
  if (params?.name === BLOB_TOOL) return written.blob[index] ?? '';
  return resultText(method, { content: [{ type: 'text', text: params?.arguments?.text ?? '' }] }, isModern);
}

function send(
  { url }: IncomingMessage,
  response: ServerResponse,
  id: Asked['id'],
  result: string,
  headers: Readonly<Record<string, string>>,
): ServerResponse {
  const text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
  if (url === '/events') {
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    return response.end(`event: message\ndata: ${text}\n\n`);
  }
  const body = Buffer.from(text);
  response.writeHead(200, { ...headers, 'content-type': 'application/json', 'content-length': body.length });
  return response.end(body);
}

function end(response: ServerResponse, status: number): ServerResponse {
  return response.writeHead(status, { 'content-length': 0 }).end();
}
