import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Arrival, readArrival } from '../workspaces/arrival.ts';
import { type Listening, listen } from '../workspaces/listen.ts';
import { accounts, type Place, signatureOf } from './accounts.ts';

const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';
const VERSION_UNSUPPORTED = -32022;
const HEADER_MISMATCH = -32020;
const NOT_INITIALIZED = -32000;
const NO_SESSION = -32001;
/** A workspace that goes down leaves requests without an answer for so long, then it is gone for as long again. */
const DOWN_MS = 150;

export interface FixtureParts {
  readonly place: Place;
  /** The number of the account that this request speaks for; 0 when its credential is none, or none any more. */
  identify(arrival: Arrival, origin: string): number;
  /** Told of a request with a credential that is not known here. */
  stranger(arrival: Arrival): void;
  /** Told of every call that is carried out: its nonce, and for whom. */
  execute(nonce: string, account: number): void;
  /** `WWW-Authenticate` of a 401. */
  challenge(origin: string): string;
  /** Documents at well-known addresses, by path. */
  documents(origin: string): Readonly<Record<string, unknown>>;
}

/**
 * The least a workspace can do and still know who asks: checks credential, user, era and session of every request, and
 * answers with who it took the caller for. Can go down and come back at the same address.
 */
export class Fixture implements AsyncDisposable {
  restarts = 0;
  /** Requests in a session that somebody else opened. */
  borrowedSessions = 0;
  readonly #parts: FixtureParts;
  readonly #sessions = new Map<string, number>();
  #listening: Listening | undefined;
  #isGoing = false;

  constructor(parts: FixtureParts) {
    this.#parts = parts;
  }

  get origin(): string {
    return this.#listening?.origin ?? '';
  }

  get url(): string {
    return `${this.origin}${this.#parts.place.path}`;
  }

  async start(port = 0): Promise<void> {
    this.#listening = await listen((request, response) => this.#answer(request, response), port);
  }

  /** Carries requests out without answering them, breaks every connection, forgets all sessions, and comes back. */
  async restart(): Promise<void> {
    const { port } = this.#listening ?? {};
    this.#isGoing = true;
    await new Promise((resolve) => setTimeout(resolve, DOWN_MS));
    await this.#listening?.[Symbol.asyncDispose]();
    this.#sessions.clear();
    await new Promise((resolve) => setTimeout(resolve, DOWN_MS));
    this.#isGoing = false;
    await this.start(port);
    this.restarts += 1;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = this.#given(await readArrival(request));
    // What was carried out is never told while it goes down.
    if (this.#isGoing) return;
    const { status, body, headers = {} } = given;
    const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
    response.writeHead(status, {
      ...headers,
      'content-length': bytes.length,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    });
    response.end(bytes);
  }

  #given(arrival: Arrival): Given {
    const { place, identify, stranger, challenge, documents } = this.#parts;
    const document = documents(this.origin)[arrival.path];
    if (document !== undefined) return { status: 200, body: document };
    if (arrival.path !== place.path) return { status: 404 };
    const account = identify(arrival, this.origin);
    if (account === 0) {
      stranger(arrival);
      return { status: 401, headers: { 'www-authenticate': challenge(this.origin) } };
    }
    const session = arrival.headers['mcp-session-id'];
    if (arrival.method === 'DELETE') {
      if (session !== undefined) this.#sessions.delete(session);
      return { status: 200 };
    }
    if (arrival.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    return arrival.headers['mcp-protocol-version'] === MODERN
      ? this.#modern(arrival, account)
      : this.#legacy(arrival, account, session);
  }

  #modern(arrival: Arrival, account: number): Given {
    const { rpc, headers } = arrival;
    if (this.#parts.place.speaks === 'legacy') return refusal(400, rpc?.id, NOT_INITIALIZED);
    const named = rpc?.method === 'tools/call' ? rpc.target : undefined;
    if (headers['mcp-method'] !== rpc?.method || headers['mcp-name'] !== named) {
      return refusal(400, rpc?.id, HEADER_MISMATCH);
    }
    if (rpc?.id === undefined) return { status: 202 };
    const kind = rpc.method === 'tools/call' ? {} : { ttlMs: 0, cacheScope: 'private' };
    return result(rpc.id, { resultType: 'complete', ...kind, ...this.#result(arrival, account) });
  }

  #legacy(arrival: Arrival, account: number, session: string | undefined): Given {
    const { rpc } = arrival;
    if (this.#parts.place.speaks === 'modern') {
      return refusal(400, rpc?.id, VERSION_UNSUPPORTED, { supported: [MODERN], requested: LEGACY });
    }
    if (rpc?.method === 'initialize' && rpc.id !== undefined) {
      const opened = randomUUID();
      this.#sessions.set(opened, account);
      const welcome = { protocolVersion: LEGACY, capabilities: { tools: {} }, serverInfo: SERVER };
      return { ...result(rpc.id, welcome), headers: { 'mcp-session-id': opened } };
    }
    const owner = this.#sessions.get(session ?? '');
    if (owner === undefined) return refusal(session === undefined ? 400 : 404, rpc?.id, NO_SESSION);
    if (owner !== account) this.borrowedSessions += 1;
    return rpc?.id === undefined ? { status: 202 } : result(rpc.id, this.#result(arrival, account));
  }

  #result({ rpc }: Arrival, number: number): object {
    const account = accounts[number - 1];
    const signature = account ? signatureOf(account) : 'nobody';
    switch (rpc?.method) {
      case 'server/discover':
        return { supportedVersions: [MODERN], capabilities: { tools: {} } };
      case 'tools/list':
        return { tools: [{ name: 'echo', description: signature, inputSchema: { type: 'object' } }] };
      case 'tools/call': {
        if (rpc.target === 'get_account')
          return textOf(JSON.stringify({ id: account?.id, name: account?.id }));
        const given = rpc.params.arguments;
        const nonce =
          typeof given === 'object' && given !== null && 'nonce' in given ? String(given.nonce) : '';
        this.#parts.execute(nonce, number);
        return textOf(`${signature}: ${nonce}`);
      }
      default:
        return {};
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening?.[Symbol.asyncDispose]();
  }
}

const SERVER = { name: 'endurance', version: '1' };

interface Given {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function result(id: string | number, content: object): Given {
  return { status: 200, body: { jsonrpc: '2.0', id, result: content } };
}

function refusal(status: number, id: string | number | undefined, code: number, data?: object): Given {
  const error = { code, message: 'Refused', ...(data === undefined ? {} : { data }) };
  return { status, body: { jsonrpc: '2.0', id: id ?? null, error } };
}

function textOf(text: string): object {
  return { content: [{ type: 'text', text }] };
}
