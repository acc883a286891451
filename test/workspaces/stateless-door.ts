import type { IncomingMessage, ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import type { Server } from '@modelcontextprotocol/server';
import { type Arrival, answerRpcError } from './arrival.ts';

/**
 * Streamable HTTP without sessions (MCP 2025-11-25, transports): every POST gets a server of its own, no session id is
 * issued, and there is neither a standing stream nor anything to end.
 */
export async function answerStateless(
  arrival: Arrival,
  request: IncomingMessage,
  response: ServerResponse,
  serverFor: () => Server,
): Promise<void> {
  if (arrival.method !== 'POST') {
    answerRpcError(
      response,
      405,
      { code: -32000, message: 'Method not allowed.' },
      { headers: { allow: 'POST' } },
    );
    return;
  }
  if (arrival.json === undefined) {
    answerRpcError(response, 400, { code: -32700, message: 'Parse error: Invalid JSON' });
    return;
  }
  const server = serverFor();
  // Without this option the transport keeps no session.
  const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  response.once('close', () => {
    void server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(request, response, arrival.json);
}
