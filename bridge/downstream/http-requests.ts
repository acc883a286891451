import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { BridgeError } from '../contract/errors.ts';
import type { Message, RequestMessage } from '../jsonrpc/message.ts';
import { readMessage } from '../jsonrpc/read.ts';
import type { Caller, RequestHeaders } from '../relay/channel.ts';
import { LEGACY_VERSIONS } from '../relay/greeting.ts';
import { isModern, namesModern } from '../relay/modern/message.ts';
import type { Address, DoorSession, Sessions } from '../sessions/door.ts';
import { hasUnknownVersion, type Method, sessionHeader, single } from './guard.ts';
import { readBody } from './http-body.ts';
import { refusalBody, refusals, refuse } from './http-refusal.ts';
import { HttpOutlet, HttpReply, sendJson } from './http-reply.ts';
import { RefusalLog, refusalOf, troubleFor } from './refusals.ts';
import { isListen, StandingStreams } from './standing-streams.ts';

/** Codes that servers on the official SDK use, and that clients therefore know. */
const BAD_REQUEST = -32000;
const SESSION_NOT_FOUND = -32001;

/** A request whose head passed every guard and whose token is known. */
export interface GuardedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly address: Address;
  readonly headers: RequestHeaders;
}

/**
 * What the three methods of Streamable HTTP do: with sessions (MCP 2025-11-25, transports), and without, where there is
 * only POST (MCP 2026-07-28).
 */
export class HttpRequests {
  readonly #sessions: Sessions;
  readonly #outlets = new Set<HttpOutlet>();
  readonly #standing = new StandingStreams();
  readonly #refusals: RefusalLog;
  #openBodies = 0;
  /** Bytes of messages that are not done, by client. */
  readonly #heldBytes = new Map<string, number>();

  constructor(sessions: Sessions, log: Log) {
    this.#sessions = sessions;
    this.#refusals = new RefusalLog(log);
  }

  async take(method: Method, guarded: GuardedRequest): Promise<void> {
    if (method !== 'POST' && namesModern(guarded.headers)) {
      const because = 'From MCP 2026-07-28 on there is only POST.';
      return refuse(guarded.request, guarded.response, 405, refusalBody(because), { Allow: 'POST' });
    }
    switch (method) {
      case 'POST':
        return this.#post(guarded);
      case 'GET':
        return this.#get(guarded);
      case 'DELETE':
        return this.#delete(guarded);
      default:
        return method satisfies never;
    }
  }

  /** Ends every stream that GET opened; their clients come back for them. */
  endStreams(): void {
    for (const outlet of this.#outlets) outlet.end();
  }

  /** The response stays open until one side ends it, so nobody waits for it to end by itself. */
  isStanding(response: ServerResponse): boolean {
    return this.#standing.has(response);
  }

  async #post(guarded: GuardedRequest): Promise<void> {
    const { request, response } = guarded;
    const bytes = await this.#body(request, response);
    if (!bytes) return;
    const message = readMessage(bytes);
    if (message.kind === 'refused') {
      this.#refusals.note(message, guarded.caller);
      return sendJson(response, 400, refusalOf(message));
    }
    const { id } = guarded.caller;
    const held = this.#heldBytes.get(id) ?? 0;
    if (asksIn(message) && held > 0 && held + bytes.length > limits.clientQueueBytes) {
      const full = new BridgeError('wait', 'Too much is waiting to be sent already. Try again shortly.');
      return troubleFor(message, full, new HttpReply(response, { asks: true, resumable: false }));
    }
    this.#heldBytes.set(id, held + bytes.length);
    try {
      await this.#carry(message, guarded);
    } finally {
      const left = (this.#heldBytes.get(id) ?? 0) - bytes.length;
      if (left > 0) this.#heldBytes.set(id, left);
      else this.#heldBytes.delete(id);
    }
  }

  async #carry(message: Message, guarded: GuardedRequest): Promise<void> {
    const { response } = guarded;
    if (isModern(message, guarded.headers)) return this.#withoutSession(message, guarded);
    if (message.kind === 'request' && message.method === 'initialize')
      return this.#initialize(message, guarded);
    const session = this.#find(message, guarded);
    if (!session) return;
    await converse(session, message, new HttpReply(response, { asks: asksIn(message), resumable: true }));
  }

  /** What the client says of sessions is not looked at, and it is told of none (MCP 2026-07-28, streamable HTTP). */
  async #withoutSession(message: Message, guarded: GuardedRequest): Promise<void> {
    const { response, caller, address, headers } = guarded;
    const reply = new HttpReply(response, { asks: asksIn(message), resumable: false });
    if (isListen(message) && !this.#standing.admit(response, caller.id)) {
      const full = new BridgeError('wait', 'Too many listens are open already. Close one, then try again.');
      return troubleFor(message, full, reply);
    }
    let session: DoorSession;
    try {
      session = this.#sessions.standing(caller, address);
    } catch (error) {
      return troubleFor(message, error, reply);
    }
    await converse(session, message, reply, headers);
  }

  async #body(request: IncomingMessage, response: ServerResponse): Promise<Buffer | undefined> {
    if (this.#openBodies >= limits.httpOpenBodies) {
      refuse(request, response, 503, refusals.busy, { 'Retry-After': '1' });
      return undefined;
    }
    this.#openBodies += 1;
    const body = await readBody(request);
    this.#openBodies -= 1;
    switch (body.kind) {
      case 'whole':
        return body.bytes;
      case 'too-large':
        refuse(request, response, 413, refusals.tooLarge);
        return undefined;
      case 'late':
        refuse(request, response, 408, refusals.late, { Connection: 'close' });
        return undefined;
      case 'gone':
        return undefined;
      default:
        return body satisfies never;
    }
  }

  /** `initialize` begins a conversation; with the id of one that exists it begins that one anew. */
  async #initialize(message: RequestMessage, guarded: GuardedRequest): Promise<void> {
    const { response, caller, address, headers } = guarded;
    const traits = { asks: true, resumable: true };
    if (sessionHeader(headers).kind !== 'none') {
      const known = this.#find(message, guarded);
      if (known) await converse(known, message, new HttpReply(response, traits));
      return;
    }
    let session: DoorSession;
    try {
      session = this.#sessions.open(caller, address);
    } catch (error) {
      return troubleFor(message, error, new HttpReply(response, traits));
    }
    const named = (): Record<string, string> => (session.greeted ? { 'Mcp-Session-Id': session.id } : {});
    await converse(session, message, new HttpReply(response, { ...traits, headers: named }));
    // A client that was refused, or hung up before it learned the id, will never come back for this session.
    if (!session.greeted || !(await isSent(response))) await session.close();
  }

  /** The caller's own session that the request names; otherwise says what is wrong and returns undefined. */
  #find(message: Message | undefined, guarded: GuardedRequest): DoorSession | undefined {
    const { request, response, caller, address, headers } = guarded;
    const id = message?.kind === 'request' ? message.id : null;
    const stated = sessionHeader(headers);
    if (stated.kind === 'none') {
      const because = 'The Mcp-Session-Id header is missing; start with initialize.';
      refuse(request, response, 400, refusalBody(because, id, BAD_REQUEST));
      return undefined;
    }
    if (stated.kind === 'malformed') {
      refuse(request, response, 400, refusalBody('The Mcp-Session-Id header is malformed.', id, BAD_REQUEST));
      return undefined;
    }
    const greets = message?.kind === 'request' && message.method === 'initialize';
    if (!greets && hasUnknownVersion(headers, LEGACY_VERSIONS)) {
      const because = `This protocol version is not supported. Supported: ${LEGACY_VERSIONS.join(', ')}.`;
      refuse(request, response, 400, refusalBody(because, id, BAD_REQUEST));
      return undefined;
    }
    const session = this.#sessions.find(stated.id, caller, address);
    if (!session) {
      refuse(
        request,
        response,
        404,
        refusalBody('Session not found; start with initialize.', id, SESSION_NOT_FOUND),
      );
    }
    return session;
  }

  #get(guarded: GuardedRequest): void {
    const { request, response, caller, headers } = guarded;
    const session = this.#find(undefined, guarded);
    if (!session) return;
    if (!this.#standing.admit(response, caller.id)) {
      refuse(request, response, 429, refusals.streams, { 'Retry-After': '60' });
      return;
    }
    const outlet = new HttpOutlet(response);
    response.on('close', () => {
      this.#outlets.delete(outlet);
      session.detach(outlet);
    });
    const isResuming = headers.has('last-event-id');
    const lastEventId = single(headers, 'last-event-id');
    if ((isResuming && lastEventId === undefined) || !session.attach(outlet, lastEventId)) {
      refuse(request, response, 400, refusalBody('Last-Event-ID belongs to no stream of this session.'));
      return;
    }
    this.#outlets.add(outlet);
    outlet.open();
  }

  async #delete(guarded: GuardedRequest): Promise<void> {
    const session = this.#find(undefined, guarded);
    if (!session) return;
    await session.close();
    guarded.response.writeHead(200, { 'Content-Length': '0' });
    guarded.response.end();
  }
}

/** Resolves when the response has ended: whether all of it left before the client hung up. */
async function isSent(response: ServerResponse): Promise<boolean> {
  if (!response.closed) await once(response, 'close');
  return response.writableFinished;
}

/** The session answers every message by itself; the end is only there in case it did not. */
async function converse(
  session: DoorSession,
  message: Message,
  reply: HttpReply,
  headers?: RequestHeaders,
): Promise<void> {
  try {
    await session.receive(message, reply, headers);
  } catch (error) {
    await troubleFor(message, error, reply);
  } finally {
    await reply.end();
  }
}

function asksIn(message: Message): boolean {
  if (message.kind === 'batch')
    return message.messages.some((part) => part.kind !== 'response' && part.kind !== 'notification');
  return message.kind === 'request';
}
