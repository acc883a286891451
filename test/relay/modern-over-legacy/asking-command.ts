import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import * as z from 'zod';

// A local MCP program on the first official SDK that asks its client: everything shares one pipe, so a question does
// not say which call it belongs to.

const server = new McpServer({ name: 'asking', version: '1.0.0' }, { capabilities: { logging: {} } });
const release = Promise.withResolvers<void>();

server.registerTool('ask', { inputSchema: { question: z.string() } }, async ({ question }) => {
  const answer = await server.server.elicitInput({
    message: question,
    requestedSchema: { type: 'object', properties: { answer: { type: 'string' } } },
  });
  return { content: [{ type: 'text', text: `${question} ${String(answer.content?.answer)}` }] };
});

server.registerTool('wait', {}, async () => {
  await server.sendLoggingMessage({ level: 'info', data: 'waiting' });
  await release.promise;
  return { content: [{ type: 'text', text: 'waited' }] };
});

server.registerTool('release', {}, () => {
  release.resolve();
  return { content: [{ type: 'text', text: 'released' }] };
});

await server.connect(new StdioServerTransport());
