/** What the workspace of the bench asks of everybody; no secret of anybody. */
export const KEY = 'bench-key-that-opens-only-the-bench';
export const USER = 'bench@example.com';

export const eras = ['legacy', 'modern'] as const;
export type Era = (typeof eras)[number];

/** Headers of the workspace's own, beside those of MCP. */
export const CREDENTIALS = { authorization: `Bearer ${KEY}`, 'x-user-email': USER };

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
};

/** A request as a client of that era writes it. */
export function requestText(era: Era, id: number, method: string, params: object): string {
  const given = era === 'modern' ? { ...params, _meta: ENVELOPE } : params;
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: given });
}

/** The headers of MCP that go with it; the session's id is the caller's. */
export function requestHeaders(era: Era, method: string, params: { name?: string }): Record<string, string> {
  const both = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (era === 'legacy') return { ...both, 'mcp-protocol-version': '2025-11-25' };
  const named = method === 'tools/call' ? { 'mcp-name': params.name ?? '' } : {};
  return { ...both, 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...named };
}

export const GREETING = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
};
export const INITIALIZED = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
