/** Revisions without a handshake that the bridge speaks itself, newest first. Others pass where nothing is translated. */
export const MODERN_VERSIONS = ['2026-07-28'] as const;

/** Keys of `_meta` (MCP 2026-07-28, basic). */
export const meta = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** Error codes of MCP 2026-07-28; each comes with HTTP status 400. */
export const HEADER_MISMATCH = -32020;
export const CAPABILITY_MISSING = -32021;
export const VERSION_UNSUPPORTED = -32022;

/** The headers of a request that repeat its body, lower case (MCP 2026-07-28, streamable HTTP). */
export const headers = {
  version: 'mcp-protocol-version',
  method: 'mcp-method',
  name: 'mcp-name',
  paramPrefix: 'mcp-param-',
} as const;
