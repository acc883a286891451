import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import type { Server } from '@modelcontextprotocol/server';
import { type Arrival, answerRpcError } from './arrival.ts';
import { MemoryEventStore } from './event-store.ts';
import { StandingStreams } from './standing-streams.ts';

export interface SessionDoorParts<Who> {
  /** Makes the server of one session. */
  readonly serverFor: (who: Who) => Server;
  /** Who is asking, as one word: a session answers only the principal that opened it. */
  readonly nameOf: (who: Who) => string;
  /** Plain JSON answers instead of event streams. */
  readonly json?: boolean;
  /** Streams can be resumed. */
  readonly resumable?: boolean;
  /** The `retry` of the priming event; only with `resumable`. */
  readonly retryMs?: number;
}

interface Session<Who> {
  readonly who: Who;
  readonly server: Server;
  readonly transport: NodeStreamableHTTPServerTransport;
}

/** The stateful side of Streamable HTTP (MCP 2025-11-25, transports): `initialize` opens a session, its id finds it. */
export class SessionDoor<Who> {
  readonly #parts: SessionDoorParts<Who>;
  readonly #sessions = new Map<string, Session<Who>>();
  #opened = 0;
  /** The GET streams of all sessions. */
  readonly streams = new StandingStreams();

  constructor(parts: SessionDoorParts<Who>) {
    this.#parts = parts;
  }

  /** Sessions that are open now. */
  get openSessions(): number {
    return this.#sessions.size;
  }

  /** Sessions that were ever opened. */
  get openedSessions(): number {
    return this.#opened;
  }

  /** Answers one request whose credential has been checked. */
  async handle(
    arrival: Arrival,
    who: Who,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (arrival.method === 'POST' && arrival.json === undefined) {
      answerRpcError(response, 400, { code: -32700, message: 'Parse error: Invalid JSON' });
      return;
    }
    const id = arrival.headers['mcp-session-id'];
    if (id !== undefined) {
      const session = this.#sessions.get(id);
      if (session === undefined || this.#parts.nameOf(session.who) !== this.#parts.nameOf(who)) {
        answerRpcError(response, 404, { code: -32001, message: 'Session not found' });
        return;
      }
      if (arrival.method === 'GET') this.streams.watch(response);
      await session.transport.handleRequest(request, response, arrival.json);
      return;
    }
    if (arrival.rpc?.method !== 'initialize') {
      answerRpcError(response, 400, {
        code: -32000,
        message: 'Bad Request: Mcp-Session-Id header is required',
      });
      return;
    }
    await this.#open(arrival, who, request, response);
  }

  /** Tells something to every open session, for example that its tool list has changed. */
  async each(tell: (server: Server, who: Who) => Promise<void>): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ server, who }) => tell(server, who)));
  }

  /** Forgets all sessions, as a restart or an expiry does: their streams end and their ids get a 404. */
  async forget(): Promise<void> {
    const gone = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(gone.map(({ server }) => server.close()));
  }

  async #open(arrival: Arrival, who: Who, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { serverFor, json, resumable, retryMs } = this.#parts;
    const server = serverFor(who);
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => {
        this.#opened += 1;
        this.#sessions.set(id, { who, server, transport });
      },
      onsessionclosed: (id) => {
        this.#sessions.delete(id);
      },
      enableJsonResponse: json ?? false,
      ...(resumable === true ? { eventStore: new MemoryEventStore() } : {}),
      ...(retryMs === undefined ? {} : { retryInterval: retryMs }),
    });
    await server.connect(transport);
    await transport.handleRequest(request, response, arrival.json);
    if (transport.sessionId === undefined) await server.close();
  }
}
