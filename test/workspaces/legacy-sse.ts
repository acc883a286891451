import type { IncomingMessage, ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import * as z from 'zod';
import { answerJson, bearerOf, readArrival } from './arrival.ts';
import { listen } from './listen.ts';
import { Recorder } from './recorder.ts';
import type { Workspace } from './workspace.ts';

export interface LegacySseOptions {
  /** Starts every answer of its tools. */
  readonly name?: string;
  readonly port?: number;
  /** Label to secret. Without it everybody is let in, as `anyone`. */
  readonly tokens?: Readonly<Record<string, string>>;
}

export interface LegacySseWorkspace extends Workspace {
  readonly name: string;
  /** Event streams that are open now; each is one session. */
  readonly openSessions: number;
  /** Adds a tool named `extra-<n>`, which announces the change on every stream; answers its name. */
  changeTools(): Promise<string>;
  /** Breaks every open connection, and with it every session. */
  cutConnections(): void;
}

interface Session {
  readonly who: string;
  readonly server: McpServer;
  readonly transport: SSEServerTransport;
}

/**
 * Starts a workspace that speaks the HTTP+SSE transport of MCP 2024-11-05: GET `/sse` is the session's stream and names
 * the address that messages are posted to. Tools: echo, whoami, ask.
 */
export async function startLegacySse(options: LegacySseOptions = {}): Promise<LegacySseWorkspace> {
  const { name = 'old', tokens } = options;
  const requests = new Recorder();
  const sessions = new Map<string, Session>();
  const extraTools: string[] = [];

  const open = async (who: string, response: ServerResponse) => {
    const server = oldServer(name, who, extraTools);
    const transport = new SSEServerTransport('/messages', response);
    sessions.set(transport.sessionId, { who, server, transport });
    response.once('close', () => {
      sessions.delete(transport.sessionId);
      void server.close();
    });
    await server.connect(transport);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const arrival = await readArrival(request);
    const token = bearerOf(arrival);
    const who =
      tokens === undefined ? 'anyone' : Object.entries(tokens).find(([, secret]) => secret === token)?.[0];
    requests.add(arrival, who === undefined ? {} : { principal: who });
    const session = sessions.get(arrival.query.get('sessionId') ?? '');
    if (who === undefined) {
      answerJson(response, 401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer' });
    } else if (arrival.path === '/sse') {
      if (arrival.method === 'GET') await open(who, response);
      else response.writeHead(405, { allow: 'GET' }).end();
    } else if (arrival.path !== '/messages' || session?.who !== who) {
      answerJson(response, 404, { error: 'not_found' });
    } else {
      await session.transport.handlePostMessage(request, response, arrival.json);
    }
  };
  const listening = await listen(handle, options.port);
  return {
    name,
    url: `${listening.origin}/sse`,
    origin: listening.origin,
    requests,
    get openSessions() {
      return sessions.size;
    },
    async changeTools() {
      const tool = `extra-${extraTools.length + 1}`;
      extraTools.push(tool);
      for (const { server } of sessions.values()) addExtra(server, name, tool);
      return tool;
    },
    cutConnections: () => listening.cutConnections(),
    async [Symbol.asyncDispose]() {
      await Promise.all([...sessions.values()].map(({ server }) => server.close()));
      await listening[Symbol.asyncDispose]();
    },
  };
}

function oldServer(name: string, who: string, extraTools: readonly string[]): McpServer {
  const server = new McpServer({ name, version: '0.9.0' });
  server.registerTool(
    'echo',
    {
      description: 'Gives the text back, after the name of the workspace.',
      inputSchema: { text: z.string() },
      annotations: { readOnlyHint: true },
    },
    ({ text }) => answer(`${name}: ${text}`),
  );
  server.registerTool(
    'whoami',
    { description: 'Tells whose token came in.', inputSchema: {}, annotations: { readOnlyHint: true } },
    () => answer(JSON.stringify({ workspace: name, token: who })),
  );
  server.registerTool(
    'ask',
    {
      description: 'Asks the person at the client something and gives the answer back.',
      inputSchema: { question: z.string() },
      annotations: { readOnlyHint: true },
    },
    async ({ question }) => {
      const given = await server.server.elicitInput({
        message: question,
        requestedSchema: {
          type: 'object',
          properties: { answer: { type: 'string' } },
          required: ['answer'],
        },
      });
      return answer(`${name}: ${given.action === 'accept' ? given.content?.answer : given.action}`);
    },
  );
  for (const tool of extraTools) addExtra(server, name, tool);
  return server;
}

function addExtra(server: McpServer, name: string, tool: string): void {
  server.registerTool(tool, { description: 'Exists to change the tool list.', inputSchema: {} }, () =>
    answer(`${name}: ${tool}`),
  );
}

function answer(text: string) {
  return { content: [{ type: 'text' as const, text }] };
}
