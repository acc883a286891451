import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler, toWebRequest } from '@modelcontextprotocol/node';
import { type AuthInfo, createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { answerJson, type Doorkeeping, labelOf, readArrival } from './arrival.ts';
import { type CannedAnswer, CannedAnswers } from './canned-answers.ts';
import type { Gates } from './gates.ts';
import { listen } from './listen.ts';
import { Listens } from './listens.ts';
import { ModernContent, modernServer } from './modern-server.ts';
import type { Changes, ModernSeat } from './modern-tools.ts';
import { Recorder } from './recorder.ts';
import { SessionDoor } from './session-door.ts';
import type { StandingStreams } from './standing-streams.ts';
import type { TableTool } from './tool-table.ts';
import type { Workspace } from './workspace.ts';

export type Speaks = 'modern' | 'legacy' | 'both';

export interface ModernOptions extends Doorkeeping {
  /** Starts every answer of its tools, so that several workspaces can be told apart. */
  readonly name?: string;
  readonly port?: number;
  /** Modern: MCP 2026-07-28 only, as when absent. Legacy: sessions of MCP 2025-11-25 only. */
  readonly speaks?: Speaks;
  /** Further tools of its own. */
  readonly tools?: readonly TableTool<ModernSeat>[];
  /** Items per page of every list; everything on one page when absent. */
  readonly pageSize?: number;
  readonly instructions?: string;
}

export interface ModernWorkspace extends Workspace, Changes {
  readonly name: string;
  /** Where `slow` calls wait. */
  readonly gates: Gates;
  /** The listens of modern clients; wait for one before expecting a notification to arrive. */
  readonly listens: Listens;
  /** Sessions of the older era that are open now. */
  readonly openSessions: number;
  /** GET streams of these sessions. */
  readonly streams: StandingStreams;
  /** From now on every known session id gets a 404. */
  forgetSessions(): Promise<void>;
  /** Breaks every open connection. */
  cutConnections(): void;
  /** Answers the next matching requests without asking the server. They are recorded all the same. */
  answerNext(answer: CannedAnswer): void;
}

/**
 * Starts a general-purpose workspace of MCP 2026-07-28, over Streamable HTTP; of MCP 2025-11-25 too, if wanted.
 * Tools: those of the plain workspace, interview, survey, later, change, dispatch. Resources: two notes that can be
 * followed, and one that asks. Prompt: greet.
 */
export async function startModern(options: ModernOptions = {}): Promise<ModernWorkspace> {
  const { speaks = 'modern' } = options;
  const content = new ModernContent(options.name ?? 'modern', options);
  const requests = new Recorder();
  const canned = new CannedAnswers();
  const listens = new Listens();
  const handler = createMcpHandler(
    ({ authInfo }) => modernServer(content, authInfo?.clientId ?? 'anyone', 'modern', () => changes),
    { legacy: 'reject', bus: listens },
  );
  const door = new SessionDoor<string>({
    serverFor: (who) => modernServer(content, who, 'legacy', () => changes),
    nameOf: (who) => who,
  });
  const announce: Changes['announce'] = async (kind) => {
    listens.publish({ kind: `${kind}_list_changed` });
    await door.each((server) => server.notification({ method: `notifications/${kind}/list_changed` }));
  };
  const changes: Changes = {
    announce,
    async changeTools() {
      const tool = content.addTool();
      await announce('tools');
      return tool;
    },
    async touch(uri) {
      content.notes.change(uri);
      listens.publish({ kind: 'resource_updated', uri });
      await door.each((server) => content.notes.tell(server, uri));
    },
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const arrival = await readArrival(request);
    const who = labelOf(arrival, options);
    const asked = requestOf(request);
    requests.add(arrival, who === undefined ? {} : { principal: who });
    if (canned.give(arrival, response)) return;
    if (arrival.path !== '/mcp') {
      answerJson(response, 404, { error: 'not_found' });
    } else if (who === undefined) {
      answerJson(response, 401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer' });
    } else if (
      speaks === 'legacy' ||
      (speaks === 'both' && (await isLegacyRequest(await toWebRequest(asked, arrival.json), arrival.json)))
    ) {
      await door.handle(arrival, who, request, response);
    } else {
      const authInfo: AuthInfo = { token: '', clientId: who, scopes: [] };
      const serve = toNodeHandler({ fetch: (web, given) => handler.fetch(web, { ...given, authInfo }) });
      await serve(asked, response, arrival.json);
    }
  };
  const listening = await listen(answer, options.port);
  return {
    name: content.name,
    url: `${listening.origin}/mcp`,
    origin: listening.origin,
    requests,
    gates: content.gates,
    listens,
    streams: door.streams,
    get openSessions() {
      return door.openSessions;
    },
    ...changes,
    forgetSessions: () => door.forget(),
    cutConnections: () => listening.cutConnections(),
    answerNext: (given) => canned.add(given),
    async [Symbol.asyncDispose]() {
      await handler.close();
      await door.forget();
      await listening[Symbol.asyncDispose]();
    },
  };
}

/** The part of a request that the SDK's adapters look at; its body has been read. */
function requestOf(request: IncomingMessage): Parameters<typeof toWebRequest>[0] {
  const { method = 'GET', url = '/', headers } = request;
  return { method, url, headers, [Symbol.asyncIterator]: () => request[Symbol.asyncIterator]() };
}
