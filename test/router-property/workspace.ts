import { echo, events, nameOf, nonceOf, plain, questionOf, resultOf, Stream, type Who } from './answers.ts';
import { at, textAt } from './echo.ts';
import type { Fault, Schedule } from './schedule.ts';
import { type Arrival, Body, type Response } from './wire.ts';

export type Era = 'legacy' | 'modern' | 'both';

const MODERN = '2026-07-28';
const META = 'io.modelcontextprotocol/';
const CAPABILITIES = { tools: {}, resources: {}, prompts: {}, logging: {} };

/** One session of a client with a handshake. */
interface Session {
  readonly id: string;
  readonly who: Who;
  /** Its questions, each counted from 0 as every workspace counts. */
  readonly questions: Map<number, { readonly token: string; readonly answered: () => void }>;
  standing: Stream | undefined;
  /** The bridge heard of it, and used it. */
  isKnown: boolean;
  /** Nobody can be blamed for leaving it open: its end was lost on the way. */
  isExcused: boolean;
  asked: number;
}

export interface PlaceParts {
  readonly name: string;
  readonly era: Era;
  /** Offers the stream by GET. */
  readonly standing: boolean;
  readonly schedule: Schedule;
  /** Something that must never be. */
  readonly accuse: (what: string) => void;
  /** A request was read, and carried out. */
  readonly carriedOut: (nonce: string, method: string, fault: Fault) => void;
}

/** A workspace of either era, in memory: it tells in every answer who asked, and sees to it that nobody is mixed up. */
export class Place {
  readonly url: URL;
  /** Keys that it takes, with the name of each. */
  readonly keys = new Map<string, string>();
  readonly sessions = new Map<string, Session>();
  readonly streams = new Set<Stream>();
  /** Labels of accounts that are gone. */
  readonly removed = new Set<string>();
  readonly #parts: PlaceParts;
  /** Calls that wait for an answer of the client. */
  readonly #waiting = new Set<() => void>();
  readonly #states = new Map<string, { readonly who: Who; readonly nonce: string }>();
  #next = 1;

  constructor(parts: PlaceParts) {
    this.#parts = parts;
    this.url = new URL(`https://${parts.name}.example.com/api/workspaces/${parts.name}/mcp`);
  }

  /** It was started anew: nobody has a session, every connection is gone. */
  restart(): void {
    this.sessions.clear();
    this.#waiting.clear();
    for (const stream of this.streams) stream.body.break();
  }

  /** Sessions that the bridge should have ended. */
  get left(): string[] {
    const left = [...this.sessions.values()].filter(
      ({ isKnown, isExcused, who }) =>
        isKnown && !isExcused && !this.removed.has(who.who.slice(0, who.who.indexOf('#'))),
    );
    return left.map(({ id }) => id);
  }

  /** Ends what waits for an answer that will never come. */
  giveUp(): void {
    for (const answered of [...this.#waiting]) answered();
  }

  /** Says something to one of the clients that listen. */
  notice(pick: number): void {
    const listening = [...this.sessions.values()].filter(({ standing }) => standing);
    const session = listening[pick % Math.max(listening.length, 1)];
    const data = session && echo(session.who, 'notice');
    session?.standing?.say({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'info', data },
    });
  }

  /** Something never arrived here; a session cannot be ended by that. */
  lost({ method, headers }: Arrival): void {
    const session = this.sessions.get(headers['mcp-session-id'] ?? '');
    if (session && method === 'DELETE') session.isExcused = true;
  }

  receive(arrival: Arrival, fault: Fault): Response {
    const { headers, method, text } = arrival;
    if (fault !== 'none') this.lost(arrival);
    const key = (headers.authorization ?? '').replace('Bearer ', '');
    const name = this.keys.get(key);
    if (fault === 'unauthorized' || name === undefined)
      return plain(401, {}, { 'www-authenticate': 'Bearer' });
    if (fault === 'too-many') return plain(429, {}, { 'retry-after': '1' });
    const who = { who: name, user: headers['x-allv-user-email'] ?? '', client: '', key };
    const session = this.sessions.get(headers['mcp-session-id'] ?? '');
    if (session && fault === 'lost-session') this.sessions.delete(session.id);
    if (session && (session.who.key !== key || session.who.user !== who.user)) {
      this.#parts.accuse(`a session of ${nameOf(session.who)} was used by ${nameOf(who)}`);
    }
    if (method === 'DELETE') return this.#delete(session, fault);
    if (method === 'GET') return this.#get(session, fault);
    const message: unknown = JSON.parse(text);
    const version = at(message, 'params', '_meta', `${META}protocolVersion`);
    const isModern = version !== undefined || textAt(message, 'method') === 'server/discover';
    if (isModern) return this.#modern(message, who, fault);
    return this.#legacy(message, who, session, fault);
  }

  #delete(session: Session | undefined, fault: Fault): Response {
    if (!session) return plain(404, {});
    this.sessions.delete(session.id);
    if (session.standing) session.standing.body.end();
    return plain(fault === 'broken' ? 500 : 200, {});
  }

  #get(session: Session | undefined, fault: Fault): Response {
    if (!this.#parts.standing || this.#parts.era === 'modern') return plain(405, {});
    if (!session || !this.sessions.has(session.id)) return plain(404, {});
    if (fault === 'broken') return plain(500, {});
    session.standing = this.#stream(`${this.#parts.name} standing`, fault);
    return events(session.standing);
  }

  #stream(about: string, fault: Fault): Stream {
    const stream = new Stream(this.#parts.schedule, about, fault === 'half');
    this.streams.add(stream);
    stream.body.onClose(() => this.streams.delete(stream));
    return stream;
  }

  #legacy(message: unknown, who: Who, session: Session | undefined, fault: Fault): Response {
    const method = textAt(message, 'method');
    const id = at(message, 'id');
    if (this.#parts.era === 'modern') {
      const data = { supported: [MODERN] };
      return plain(400, {
        jsonrpc: '2.0',
        id,
        error: { code: -32022, message: 'No handshakes here.', data },
      });
    }
    if (method === 'initialize') return this.#begin(message, who, fault);
    if (!session || !this.sessions.has(session.id)) return plain(404, {});
    if (fault === 'none' && method !== '') session.isKnown = true;
    if (method === '') return this.#hearAnswer(message, session);
    if (id === undefined) return plain(202, undefined);
    return this.#answer({ message, id, method, who: session.who, session, fault });
  }

  #begin(message: unknown, who: Who, fault: Fault): Response {
    const client = textAt(message, 'params', 'clientInfo', 'name');
    const id = `${this.#parts.name}-${this.#next}`;
    this.#next += 1;
    const mine = { ...who, client };
    const session = {
      id,
      who: mine,
      questions: new Map(),
      standing: undefined,
      asked: 0,
      isKnown: false,
      isExcused: false,
    };
    this.sessions.set(id, session);
    const result = {
      protocolVersion: '2025-11-25',
      capabilities: CAPABILITIES,
      serverInfo: { name: this.#parts.name, version: '1' },
      instructions: echo(mine, 'welcome'),
    };
    return this.#say(at(message, 'id'), result, fault, { 'mcp-session-id': id });
  }

  #hearAnswer(message: unknown, session: Session): Response {
    const number = at(message, 'id');
    const question = typeof number === 'number' ? session.questions.get(number) : undefined;
    if (!question || typeof number !== 'number') return plain(202, undefined);
    session.questions.delete(number);
    const result = at(message, 'result');
    const token =
      textAt(result, 'content', 'token') ||
      textAt(result, 'content', 'text') ||
      textAt(result, 'roots', 0, 'name');
    const isRefused = result === undefined || textAt(result, 'action') === 'decline';
    if (!isRefused && token !== question.token) {
      this.#parts.accuse(
        `the answer to ${token} came as one to ${question.token}, of ${nameOf(session.who)}`,
      );
    }
    question.answered();
    return plain(202, undefined);
  }

  #answer(asked: {
    readonly message: unknown;
    readonly id: unknown;
    readonly method: string;
    readonly who: Who;
    readonly session: Session | undefined;
    readonly fault: Fault;
  }): Response {
    const { message, id, method, who, session, fault } = asked;
    const nonce = nonceOf(message);
    if (nonce !== '') this.#parts.carriedOut(nonce, method, fault);
    const result = resultOf(method, echo(who, nonce));
    if (!result)
      return plain(200, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
    if (!session) Object.assign(result, { resultType: 'complete' });
    if (method === 'tools/call') {
      const how = textAt(message, 'params', 'arguments', 'how');
      if (how === 'stream') return this.#streamed(message, id, result, fault);
      if (session && how.startsWith('ask')) return this.#asking(how, { ...asked, session, nonce, result });
    }
    return this.#say(id, result, fault);
  }

  #streamed(message: unknown, id: unknown, result: object, fault: Fault): Response {
    const stream = this.#stream(`${this.#parts.name} ${JSON.stringify(id)}`, fault);
    const progressToken = at(message, 'params', '_meta', 'progressToken');
    if (progressToken !== undefined) {
      stream.say({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken, progress: 1 },
      });
    }
    if (fault === 'wrong-id') stream.say({ jsonrpc: '2.0', id: 999_999, result });
    if (fault === 'twice') stream.say({ jsonrpc: '2.0', id, result });
    stream.say({ jsonrpc: '2.0', id, result }, true);
    return events(stream);
  }

  /** Asks the client something before the answer, on the stream of the call or on the standing one. */
  #asking(
    how: string,
    {
      id,
      session,
      nonce,
      result,
      fault,
    }: {
      readonly id: unknown;
      readonly session: Session;
      readonly nonce: string;
      readonly result: object;
      readonly fault: Fault;
    },
  ): Response {
    const stream = this.#stream(`${this.#parts.name} ${JSON.stringify(id)}`, fault);
    const number = session.asked;
    session.asked += 1;
    const token = `${session.id}/${nonce}`;
    const answered = (): void => {
      this.#waiting.delete(answered);
      stream.say({ jsonrpc: '2.0', id, result }, true);
    };
    this.#waiting.add(answered);
    stream.body.onClose(() => this.#waiting.delete(answered));
    session.questions.set(number, { token, answered });
    const on = how === 'ask-standing' && session.standing ? session.standing : stream;
    on.say({ jsonrpc: '2.0', id: number, ...questionOf(how, echo(session.who, token)) });
    return events(stream);
  }

  #modern(message: unknown, { who, user, key }: Who, fault: Fault): Response {
    const method = textAt(message, 'method');
    const id = at(message, 'id');
    if (this.#parts.era === 'legacy') return plain(400, {});
    const mine = { who, user, key, client: textAt(message, 'params', '_meta', `${META}clientInfo`, 'name') };
    const serverInfo = { name: this.#parts.name, version: '1' };
    if (method === 'server/discover') {
      const instructions = echo(mine, 'welcome');
      const _meta = { [`${META}serverInfo`]: serverInfo };
      const offers = { supportedVersions: [MODERN], capabilities: CAPABILITIES, instructions, _meta };
      return this.#say(id, { resultType: 'complete', ...offers }, fault);
    }
    if (method === 'subscriptions/listen') return this.#listen(message, id, fault);
    const isCall = method === 'tools/call';
    if (isCall && textAt(message, 'params', 'arguments', 'how').startsWith('ask')) {
      return this.#round(message, id, mine, fault);
    }
    return this.#answer({ message, id, method, who: mine, session: undefined, fault });
  }

  /** Asks in a result, and answers when the client comes back with what it was asked. */
  #round(message: unknown, id: unknown, who: Who, fault: Fault): Response {
    const state = textAt(message, 'params', 'requestState');
    const nonce = nonceOf(message);
    const before = this.#states.get(state);
    this.#parts.carriedOut(`${nonce} ${state}`, 'tools/call', fault);
    if (!before) {
      const next = `${this.#parts.name}-state-${this.#next}`;
      this.#next += 1;
      this.#states.set(next, { who, nonce });
      const question = questionOf('ask', echo(who, next));
      return this.#say(
        id,
        { resultType: 'input_required', inputRequests: { q: question }, requestState: next },
        fault,
      );
    }
    const token = textAt(message, 'params', 'inputResponses', 'q', 'content', 'token');
    if (before.nonce !== nonce || nameOf(before.who) !== nameOf(who) || (token !== state && token !== '')) {
      this.#parts.accuse(
        `the answer of ${nameOf(who)} to ${token} came as one to ${state} of ${nameOf(before.who)}`,
      );
    }
    return this.#say(id, { ...resultOf('tools/call', echo(who, nonce)), resultType: 'complete' }, fault);
  }

  #listen(message: unknown, id: unknown, fault: Fault): Response {
    const stream = this.#stream(`${this.#parts.name} listen`, fault);
    const notifications = at(message, 'params', 'notifications');
    const params = { notifications, _meta: { [`${META}subscriptionId`]: id } };
    stream.say({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params });
    return events(stream);
  }

  /** One answer in JSON, or what a fault makes of it. */
  #say(id: unknown, result: object, fault: Fault, headers: Readonly<Record<string, string>> = {}): Response {
    if (fault === 'broken') return plain(500, {});
    const text = JSON.stringify({ jsonrpc: '2.0', id: fault === 'wrong-id' ? 999_999 : id, result });
    const json = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      ...headers,
    };
    return { status: 200, headers: json, body: Body.whole(text, fault === 'half') };
  }
}
