import type { IncomingMessage, ServerResponse } from 'node:http';
import { localhostHostValidation, localhostOriginValidation } from '@modelcontextprotocol/node';
import { ProtocolError, Server } from '@modelcontextprotocol/server';
import { answerJson, readArrival } from '../workspaces/arrival.ts';
import { listen } from '../workspaces/listen.ts';
import { SessionDoor } from '../workspaces/session-door.ts';
import { readResource, referencePrompts, resources, resourceTemplates } from './reference-content.ts';
import { referenceTools } from './reference-tools.ts';

/** How long a client waits before it resumes a stream that the server hung up. */
const RETRY_MS = 200;

/** A running reference server. Disposing closes its port and all its connections. */
export interface ReferenceServer extends AsyncDisposable {
  /** The MCP endpoint. */
  readonly url: string;
}

/**
 * The server the official conformance suite expects: every tool, resource and prompt it asks for by name, on the
 * official SDK, over Streamable HTTP with sessions, a standing GET stream and resumable streams (MCP 2025-11-25).
 *
 * @param port 0 or absent takes any free port.
 */
export async function startReferenceServer({ port = 0 }: { port?: number } = {}): Promise<ReferenceServer> {
  const door = new SessionDoor<string>({
    serverFor: referenceServer,
    nameOf: (who) => who,
    resumable: true,
    retryMs: RETRY_MS,
  });
  // A page that rebinds its name to 127.0.0.1 still sends its own name (MCP 2025-11-25, transports, security warning).
  const hostIsLocal = localhostHostValidation();
  const originIsLocal = localhostOriginValidation();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (!hostIsLocal(request, response) || !originIsLocal(request, response)) return;
    const arrival = await readArrival(request);
    if (arrival.path === '/mcp') await door.handle(arrival, 'anyone', request, response);
    else answerJson(response, 404, { error: 'not_found' });
  };
  const listening = await listen(handle, port);
  return {
    url: `${listening.origin}/mcp`,
    async [Symbol.asyncDispose]() {
      await door.forget();
      await listening[Symbol.asyncDispose]();
    },
  };
}

function referenceServer(): Server {
  const server = new Server(
    { name: 'gangway-reference-server', version: '1.0.0' },
    {
      capabilities: {
        completions: {},
        logging: {},
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        tools: { listChanged: true },
      },
      instructions: 'Stands in for a workspace when the official conformance suite runs.',
    },
  );
  serveTools(server);
  serveResources(server);
  servePrompts(server);
  return server;
}

function serveTools(server: Server): void {
  server.setRequestHandler('tools/list', () => ({
    tools: Object.entries(referenceTools).map(([name, { description, inputSchema }]) => ({
      name,
      description,
      inputSchema,
    })),
  }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const tool = referenceTools[params.name];
    if (tool === undefined) throw new ProtocolError(-32602, `Tool ${params.name} not found`);
    return tool.run(params.arguments ?? {}, context);
  });
}

function serveResources(server: Server): void {
  const subscriptions = new Set<string>();
  server.setRequestHandler('resources/list', () => ({ resources: [...resources] }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates }));
  server.setRequestHandler('resources/read', ({ params: { uri } }) => {
    const result = readResource(uri);
    if (result === undefined) throw new ProtocolError(-32002, 'Resource not found', { uri });
    return result;
  });
  server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
    subscriptions.add(uri);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    subscriptions.delete(uri);
    return {};
  });
}

function servePrompts(server: Server): void {
  server.setRequestHandler('prompts/list', () => ({
    prompts: Object.entries(referencePrompts).map(([name, prompt]) => ({
      name,
      description: prompt.description,
      ...(prompt.arguments === undefined ? {} : { arguments: prompt.arguments }),
    })),
  }));
  server.setRequestHandler('prompts/get', ({ params }) => {
    const prompt = referencePrompts[params.name];
    if (prompt === undefined) throw new ProtocolError(-32602, `Prompt ${params.name} not found`);
    return { messages: prompt.messages(params.arguments ?? {}) };
  });
  server.setRequestHandler('completion/complete', ({ params: { argument } }) => {
    const values = ['paris', 'park', 'party'].filter((word) => word.startsWith(argument.value));
    return { completion: { values, total: values.length, hasMore: false } };
  });
}

if (import.meta.main) {
  const server = await startReferenceServer({ port: Number(process.env.PORT ?? 0) });
  process.stdout.write(`${server.url}\n`);
  process.once('SIGTERM', () => void server[Symbol.asyncDispose]());
  process.once('SIGINT', () => void server[Symbol.asyncDispose]());
}
