import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KEY, USER } from './door.ts';

/*
 * node test/bench/workspace.ts: the least a workspace can do, far faster than any bridge. It checks the credential, the
 * selected user and the session, and echoes. Both eras at one address. Prints its URL.
 */

const TOOLS = Array.from({ length: 80 }, (_, index) => ({
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
  readonly params?: { readonly arguments?: { readonly text?: string } };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => answer(request, response, Buffer.concat(chunks)));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp\n`);
});

function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): ServerResponse {
  const { headers, method } = request;
  if (headers.authorization !== `Bearer ${KEY}` || headers['x-user-email'] !== USER)
    return end(response, 401);
  const session = headers['mcp-session-id'];
  if (method === 'GET') return end(response, 405);
  if (method === 'DELETE') {
    sessions.delete(String(session));
    return end(response, 200);
  }
  const asked = JSON.parse(body.toString('utf8')) as Asked;
  const isModern = headers['mcp-protocol-version'] === '2026-07-28';
  if (isModern && headers['mcp-method'] !== asked.method) return end(response, 400);
  if (asked.id === undefined) return end(response, 202);
  if (asked.method === 'initialize') {
    const id = randomUUID();
    sessions.add(id);
    return send(response, asked.id, WELCOME, { 'mcp-session-id': id });
  }
  if (!isModern && !sessions.has(String(session))) return end(response, 404);
  return send(response, asked.id, { ...resultOf(asked), ...(isModern ? MODERN[asked.method] : {}) });
}

const SERVER = { name: 'bench', version: '1' };
const WELCOME = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: SERVER };
const FRESH = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
const MODERN: Readonly<Record<string, object>> = {
  'server/discover': FRESH,
  'tools/list': FRESH,
  'tools/call': { resultType: 'complete' },
};

function resultOf({ method, params }: Asked): object {
  if (method === 'tools/list') return { tools: TOOLS };
  if (method === 'server/discover') {
    return { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
  }
  return { content: [{ type: 'text', text: params?.arguments?.text ?? '' }] };
}

function send(
  response: ServerResponse,
  id: number | string,
  result: object,
  headers: Record<string, string> = {},
): ServerResponse {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result }));
  response.writeHead(200, { ...headers, 'content-type': 'application/json', 'content-length': body.length });
  return response.end(body);
}

function end(response: ServerResponse, status: number): ServerResponse {
  return response.writeHead(status, { 'content-length': 0 }).end();
}
