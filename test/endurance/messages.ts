/** Legacy: MCP 2025-11-25, with a handshake. Modern: MCP 2026-07-28, without. */
export type Era = 'legacy' | 'modern';

const SELF = { name: 'endurance', version: '1' };
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': SELF,
};

export const GREETING = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: SELF };
export const INITIALIZED = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });

/** A request as a client of that era writes it. */
export function requestText(era: Era, id: number, method: string, params: object): string {
  const given = era === 'modern' ? { ...params, _meta: ENVELOPE } : params;
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: given });
}

/** The headers of MCP that go with it over HTTP, without the session's id. */
export function requestHeaders(era: Era, method: string, params: object): Record<string, string> {
  const both = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (era === 'legacy') return { ...both, 'mcp-protocol-version': '2025-11-25' };
  const named = method === 'tools/call' && 'name' in params ? { 'mcp-name': String(params.name) } : {};
  return { ...both, 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...named };
}
