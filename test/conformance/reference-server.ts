import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  type NodeIncomingMessageLike,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  createRequestStateCodec,
  fromJsonSchema,
  isLegacyRequest,
  McpServer,
  type McpServerFactory,
  ProtocolError,
  Server,
  type ServerOptions,
} from '@modelcontextprotocol/server';
import { type Arrival, answerJson, readArrival } from '../workspaces/arrival.ts';
import { listen } from '../workspaces/listen.ts';
import { SessionDoor } from '../workspaces/session-door.ts';
import { readResource, referencePrompts, resources, resourceTemplates } from './reference-content.ts';
import type { ReferenceStage, ReferenceState } from './reference-stage.ts';
import { referenceTools } from './reference-tools.ts';

/** How long a client waits before it resumes a stream that the server hung up. */
const RETRY_MS = 200;

/** What a reference server speaks: MCP 2025-11-25, MCP 2026-07-28, or both. */
export type ReferenceEra = 'legacy' | 'dual' | 'modern';

/** A running reference server. Disposing closes its port and all its connections. */
export interface ReferenceServer extends AsyncDisposable {
  /** The MCP endpoint. */
  readonly url: string;
}

/**
 * The server the official conformance suites expect: every tool, resource and prompt they ask for by name, on the
 * official SDK. To clients of MCP 2025-11-25 it is stateful, with a standing GET stream and streams that can be resumed.
 *
 * @param port 0 or absent takes any free port.
 */
export async function startReferenceServer({
  era = 'legacy',
  port = 0,
}: {
  era?: ReferenceEra;
  port?: number;
} = {}): Promise<ReferenceServer> {
  const states = createRequestStateCodec<ReferenceState>({ key: randomBytes(32) });
  const announce: ReferenceStage['announce'] = async (list) => {
    if (list === 'tools') modern.notify.toolsChanged();
    else modern.notify.promptsChanged();
    await door.each((server) =>
      list === 'tools' ? server.sendToolListChanged() : server.sendPromptListChanged(),
    );
  };
  const door = new SessionDoor<string>({
    serverFor: () => legacyServer({ states, announce }),
    nameOf: (who) => who,
    resumable: true,
    retryMs: RETRY_MS,
  });
  const modern = createMcpHandler(() => modernServer({ states, announce }), { legacy: 'reject' });
  const answerModern = toNodeHandler(modern);
  // A page that rebinds its name to 127.0.0.1 still sends its own name (MCP 2025-11-25, transports, security warning).
  const hostIsLocal = localhostHostValidation();
  const originIsLocal = localhostOriginValidation();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (!hostIsLocal(request, response) || !originIsLocal(request, response)) return;
    const arrival = await readArrival(request);
    if (arrival.path !== '/mcp') answerJson(response, 404, { error: 'not_found' });
    else if (await isForDoor(era, request, arrival)) await door.handle(arrival, 'anyone', request, response);
    else await answerModern(forSdk(request), response, arrival.json);
  };
  const listening = await listen(handle, port);
  return {
    url: `${listening.origin}/mcp`,
    async [Symbol.asyncDispose]() {
      await door.forget();
      await modern.close();
      await listening[Symbol.asyncDispose]();
    },
  };
}

async function isForDoor(era: ReferenceEra, request: IncomingMessage, { json }: Arrival): Promise<boolean> {
  if (era !== 'dual') return era === 'legacy';
  return isLegacyRequest(await toWebRequest(forSdk(request), json), json);
}

/** The SDK's types want a member that is absent rather than undefined. */
function forSdk(request: IncomingMessage): NodeIncomingMessageLike {
  const { method = 'GET', url = '/', headers } = request;
  return { method, url, headers, [Symbol.asyncIterator]: () => request[Symbol.asyncIterator]() };
}

type Shared = Pick<ReferenceStage, 'states' | 'announce'>;

function legacyServer(shared: Shared): Server {
  const server = new Server(IDENTITY, optionsFor(shared, { logging: {} }));
  serveEverything(server, {
    ...shared,
    era: 'legacy',
    capabilities: () => server.getClientCapabilities() ?? {},
  });
  serveSubscriptions(server);
  return server;
}

/** One request. The SDK checks the headers of arguments only of tools that are registered with an `McpServer`. */
function modernServer(shared: Shared): ReturnType<McpServerFactory> {
  const product = new McpServer(IDENTITY, optionsFor(shared));
  const { server } = product;
  for (const [name, inputSchema] of schemas)
    product.registerTool(name, { inputSchema }, () => ({ content: [] }));
  serveEverything(server, {
    ...shared,
    era: 'modern',
    capabilities: () => server.getClientCapabilities() ?? {},
  });
  return product;
}

/** Of every tool, in the form in which the SDK reads `x-mcp-header` from them. */
const schemas = Object.entries(referenceTools).map(
  ([name, { inputSchema }]) => [name, fromJsonSchema(JSON.parse(JSON.stringify(inputSchema)))] as const,
);

const IDENTITY = { name: 'gangway-reference-server', version: '1.0.0' };

function optionsFor({ states }: Shared, more: ServerOptions['capabilities'] = {}): ServerOptions {
  return {
    capabilities: {
      completions: {},
      logging: {},
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      tools: { listChanged: true },
      ...more,
    },
    requestState: { verify: states.verify },
    instructions: 'Stands in for a workspace when the official conformance suite runs.',
  };
}

function serveEverything(server: Server, stage: ReferenceStage): void {
  serveTools(server, stage);
  serveResources(server);
  servePrompts(server);
}

function serveTools(server: Server, stage: ReferenceStage): void {
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
    return tool.run(params.arguments ?? {}, context, stage);
  });
}

function serveResources(server: Server): void {
  server.setRequestHandler('resources/list', () => ({ resources: [...resources] }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates }));
  server.setRequestHandler('resources/read', ({ params: { uri } }) => {
    const result = readResource(uri);
    if (result === undefined) throw new ProtocolError(-32002, 'Resource not found', { uri });
    return result;
  });
}

function serveSubscriptions(server: Server): void {
  server.setRequestHandler('resources/subscribe', () => ({}));
  server.setRequestHandler('resources/unsubscribe', () => ({}));
}

function servePrompts(server: Server): void {
  server.setRequestHandler('prompts/list', () => ({
    prompts: Object.entries(referencePrompts).map(([name, prompt]) => ({
      name,
      description: prompt.description,
      ...(prompt.arguments === undefined ? {} : { arguments: prompt.arguments }),
    })),
  }));
  server.setRequestHandler('prompts/get', ({ params }, context) => {
    const prompt = referencePrompts[params.name];
    if (prompt === undefined) throw new ProtocolError(-32602, `Prompt ${params.name} not found`);
    const answer = prompt.messages(params.arguments ?? {}, context);
    return Array.isArray(answer) ? { messages: answer } : answer;
  });
  server.setRequestHandler('completion/complete', ({ params: { argument } }) => {
    const values = ['paris', 'park', 'party'].filter((word) => word.startsWith(argument.value));
    return { completion: { values, total: values.length, hasMore: false } };
  });
}

const eras: Readonly<Record<string, ReferenceEra>> = { legacy: 'legacy', dual: 'dual', modern: 'modern' };

if (import.meta.main) {
  const server = await startReferenceServer({
    era: eras[process.argv[2] ?? 'legacy'] ?? 'legacy',
    port: Number(process.env.PORT ?? 0),
  });
  process.stdout.write(`${server.url}\n`);
  process.once('SIGTERM', () => void server[Symbol.asyncDispose]());
  process.once('SIGINT', () => void server[Symbol.asyncDispose]());
}
