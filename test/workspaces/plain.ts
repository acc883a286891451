import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server, type ServerContext } from '@modelcontextprotocol/server';
import { answerJson, type Doorkeeping, labelOf, readArrival } from './arrival.ts';
import { type CannedAnswer, CannedAnswers } from './canned-answers.ts';
import { Gates } from './gates.ts';
import { type Listening, listen } from './listen.ts';
import { Notes } from './notes.ts';
import { extraTool, type PlainSeat, plainTools, type Stream } from './plain-tools.ts';
import { servePrompts } from './prompts.ts';
import { Recorder } from './recorder.ts';
import { SessionDoor } from './session-door.ts';
import type { StandingStreams } from './standing-streams.ts';
import { serveTools, type TableTool } from './tool-table.ts';
import type { Workspace } from './workspace.ts';

export interface PlainOptions extends Doorkeeping {
  /** Starts every answer of its tools, so that several workspaces can be told apart. */
  readonly name?: string;
  readonly port?: number;
  readonly path?: string;
  /** Names of further tools, which do nothing. */
  readonly extraTools?: readonly string[];
  /** Items per page of every list; everything on one page when absent. */
  readonly pageSize?: number;
  /** Event streams can be resumed with `Last-Event-ID`. */
  readonly resumable?: boolean;
  /** Time before a resume that the priming event asks for; only with `resumable`. */
  readonly retryMs?: number;
  /** JSON answers instead of event streams. */
  readonly json?: boolean;
  /** False: GET gets a 405, so there is no standing stream. */
  readonly standingStream?: boolean;
  readonly instructions?: string;
}

export interface PlainWorkspace extends Workspace {
  readonly name: string;
  /** Where `slow` calls wait. */
  readonly gates: Gates;
  /** Sessions that are open now. */
  readonly openSessions: number;
  /** Sessions that were ever opened. */
  readonly openedSessions: number;
  /** GET streams; wait for one before expecting a notification to arrive. */
  readonly streams: StandingStreams;
  /** Adds a tool named `extra-<n>` and announces the change; answers its name. */
  changeTools(): Promise<string>;
  /** Sends `notifications/<kind>/list_changed` to every session. */
  announce(kind: 'tools' | 'prompts' | 'resources'): Promise<void>;
  /** Changes a note and sends `notifications/resources/updated` to the sessions that subscribed to it. */
  touch(uri: string): Promise<void>;
  /** From now on every known session id gets a 404. */
  forgetSessions(): Promise<void>;
  /** Breaks every open connection; the sessions live on. */
  cutConnections(): void;
  /** Answers the next matching requests without asking the server. They are recorded all the same. */
  answerNext(answer: CannedAnswer): void;
}

interface Plain {
  readonly name: string;
  readonly options: PlainOptions;
  readonly gates: Gates;
  readonly tools: TableTool<PlainSeat>[];
  readonly notes: Notes;
}

/**
 * Starts a general-purpose workspace: Streamable HTTP with sessions, MCP 2025-11-25 and older. Tools: echo, whoami,
 * slow, ask, sample, roots, progress, log, fail, big. Resources: two notes that can be subscribed to. Prompt: greet.
 */
export async function startPlain(options: PlainOptions = {}): Promise<PlainWorkspace> {
  const name = options.name ?? 'plain';
  const plain: Plain = {
    name,
    options,
    gates: new Gates(),
    tools: [...plainTools, ...(options.extraTools ?? []).map(extraTool)],
    notes: new Notes(name, { pageSize: options.pageSize }),
  };
  const requests = new Recorder();
  const canned = new CannedAnswers();
  const door = new SessionDoor<string>({
    serverFor: (who) => plainServer(plain, who),
    nameOf: (who) => who,
    json: options.json ?? false,
    resumable: options.resumable ?? false,
    ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
  });
  const path = options.path ?? '/mcp';

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const arrival = await readArrival(request);
    const who = labelOf(arrival, options);
    requests.add(arrival, who === undefined ? {} : { principal: who });
    if (canned.give(arrival, response)) return;
    if (arrival.path !== path) {
      answerJson(response, 404, { error: 'not_found' });
    } else if (who === undefined) {
      answerJson(response, 401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer' });
    } else if (arrival.method === 'GET' && options.standingStream === false) {
      response.writeHead(405, { allow: 'POST, DELETE' }).end();
    } else {
      await door.handle(arrival, who, request, response);
    }
  };
  const listening: Listening = await listen(handle, options.port);

  let added = 0;
  const announce: PlainWorkspace['announce'] = (kind) =>
    door.each((server) => server.notification({ method: `notifications/${kind}/list_changed` }));
  return {
    name,
    url: `${listening.origin}${path}`,
    origin: listening.origin,
    requests,
    gates: plain.gates,
    streams: door.streams,
    get openSessions() {
      return door.openSessions;
    },
    get openedSessions() {
      return door.openedSessions;
    },
    announce,
    async changeTools() {
      added += 1;
      const tool = `extra-${added}`;
      plain.tools.push(extraTool(tool));
      await announce('tools');
      return tool;
    },
    async touch(uri) {
      plain.notes.change(uri);
      await door.each((server) => plain.notes.tell(server, uri));
    },
    forgetSessions: () => door.forget(),
    cutConnections: () => listening.cutConnections(),
    answerNext: (answer) => canned.add(answer),
    async [Symbol.asyncDispose]() {
      await door.forget();
      await listening[Symbol.asyncDispose]();
    },
  };
}

function plainServer(plain: Plain, who: string): Server {
  const { name, options } = plain;
  const server = new Server(
    { name, version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      ...(options.instructions === undefined ? {} : { instructions: options.instructions }),
    },
  );
  const paging = options.pageSize === undefined ? {} : { pageSize: options.pageSize };
  const seat = plainSeat(plain, server, who);
  serveTools(server, { tools: () => plain.tools, seat, list: `tools of ${name}`, ...paging });
  plain.notes.serve(server);
  servePrompts(server, name);
  return server;
}

function plainSeat(plain: Plain, server: Server, who: string): PlainSeat {
  const along = (context: ServerContext, stream: Stream) => ({
    signal: context.mcpReq.signal,
    ...(stream === 'call' ? { relatedRequestId: context.mcpReq.id } : {}),
  });
  return {
    workspace: plain.name,
    who,
    gates: plain.gates,
    async ask(message, context, stream) {
      const answer = await server.elicitInput(
        {
          message,
          requestedSchema: {
            type: 'object',
            properties: { answer: { type: 'string' } },
            required: ['answer'],
          },
        },
        along(context, stream),
      );
      return answer.action === 'accept' ? String(answer.content?.answer) : answer.action;
    },
    async sample(text, context, stream) {
      const made = await server.createMessage(
        { messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens: 100 },
        along(context, stream),
      );
      return made.content.type === 'text' ? made.content.text : made.content.type;
    },
    async roots(context, stream) {
      const answer = await server.listRoots(undefined, along(context, stream));
      return answer.roots.map((root) => root.uri);
    },
  };
}
