import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../base/limits.ts';
import { BridgeError } from '../contract/errors.ts';
import { readMessage } from '../jsonrpc/read.ts';
import { isAnswerTo, partsOf, withReadableError } from './answers.ts';
import {
  type ExchangeEnd,
  type OnUpMessage,
  SessionLost,
  type UpChannel,
  type UpRequest,
} from './channel.ts';
import { boundedRetryMs, readEvents, type StreamEvent } from './event-stream.ts';
import type { HttpAnswer, WorkspaceHttp } from './http.ts';
import { refusesHandshakes } from './modern/era-verdict.ts';
import { lost } from './network-trouble.ts';
import { Posting } from './posting.ts';
import { mediaType } from './verdict.ts';
import type { Workspace } from './workspace.ts';

const DEFAULT_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;
const VERSION = /^[\x21-\x7e]{1,64}$/;
/** During these a workspace may ask something, on either stream. */
const MAY_ASK: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);
/** A workspace that is slow to open its standing stream must not hold up calls for long. */
const STANDING_WAIT_MS = 1000;

/** A response to a GET, and the headers that it answers. */
interface Asked {
  readonly answer: HttpAnswer;
  readonly sent: Readonly<Record<string, string>>;
}

/** What a stream has told so far: where to go on, and whether the awaited answer came. */
interface Progress {
  lastEventId: string | undefined;
  retryMs: number;
  answered: boolean;
}

/** Streamable HTTP (MCP 2025-03-26 to 2025-11-25, transports): one POST per message, one optional GET stream. */
export class StreamableChannel implements UpChannel {
  protocolVersion: string | undefined;
  readonly #url: URL;
  readonly #workspace: Workspace;
  readonly #http: WorkspaceHttp;
  readonly #posting: Posting;
  readonly #mostBytes: number | undefined;
  #sessionId: string | undefined;
  /** The authorization of the last message that was taken. */
  #accepted: string | undefined;
  /** The standing stream is being opened for the first time; resolves when that went one way or the other. */
  #opening: Promise<unknown> | undefined;

  /** @param mostBytes of one answer, for who expects less than a client may. */
  constructor(url: URL, workspace: Workspace, http: WorkspaceHttp, mostBytes?: number) {
    this.#url = url;
    this.#workspace = workspace;
    this.#http = http;
    this.#posting = new Posting(url, workspace, http, mostBytes);
    this.#mostBytes = mostBytes;
  }

  async request(request: UpRequest): Promise<ExchangeEnd> {
    // Servers that ask on the standing stream drop the question when there is none yet.
    if (this.#opening && MAY_ASK.has(request.method)) await this.#opening;
    const { answer, verdict, body } = await this.#post(request);
    switch (verdict.kind) {
      case 'json': {
        if (request.method === 'initialize') this.#learnSession(answer);
        const message = await this.#posting.readAnswer(answer, request.id, request.signal);
        await request.onMessage({ message, streamed: false });
        return { kind: 'complete' };
      }
      case 'events':
        if (request.method === 'initialize') this.#learnSession(answer);
        return this.#deliverEvents(answer, request.id, request.onMessage, request.signal);
      case 'answer': {
        const message = this.#posting.answerIn(Buffer.from(body), request.id);
        // It was upgraded since the handshake, which knows what to do.
        if (request.method !== 'initialize' && refusesHandshakes(message)) throw new SessionLost();
        await request.onMessage({ message, streamed: false });
        return { kind: 'complete' };
      }
      case 'accepted':
        return { kind: 'complete' };
      default:
        return verdict satisfies never;
    }
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#post({ bytes, method: '', repeatable: true, signal });
  }

  async listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    const progress: Progress = { lastEventId: undefined, retryMs: DEFAULT_RETRY_MS, answered: false };
    let failures = 0;
    let refusals = 0;
    const first = Promise.withResolvers<void>();
    const late = delay(STANDING_WAIT_MS, undefined, { signal, ref: false }).catch(() => undefined);
    this.#opening = Promise.race([first.promise, late]).finally(() => {
      this.#opening = undefined;
    });
    while (!signal.aborted) {
      const opened = await this.#openStanding(progress.lastEventId, signal).finally(first.resolve);
      if (opened === 'none') return;
      // It is asked for before the handshake is over, which a workspace may mind once; twice in a row it means it.
      refusals = opened === 'refused' ? refusals + 1 : 0;
      if (refusals > 1) return;
      let heard = false;
      if (typeof opened === 'object') {
        // A stream that outgrew its cap is opened again like one that broke.
        heard = await this.#pump(opened, progress, undefined, onMessage, signal).catch(() => false);
      }
      failures = heard ? 0 : failures + 1;
      // A server that closes at once each time must not be asked in a hot loop.
      const waitMs = Math.min(progress.retryMs * 2 ** Math.min(failures, 5), LONGEST_RETRY_MS);
      await this.#http.pause(waitMs * (0.8 + Math.random() * 0.4), signal).catch(() => undefined);
    }
  }

  async resume(
    lastEventId: string,
    answers: string | undefined,
    onMessage: OnUpMessage,
    signal: AbortSignal,
  ): Promise<ExchangeEnd> {
    for (let attempt = 0; attempt < limits.resumeTries; attempt += 1) {
      if (attempt > 0) await this.#http.pause(boundedRetryMs(DEFAULT_RETRY_MS * 2 ** (attempt - 1)), signal);
      const opened = await this.#openStanding(lastEventId, signal);
      signal.throwIfAborted();
      if (opened === 'none' || opened === 'refused') break;
      if (opened !== 'later') {
        return this.#deliverEvents(opened, answers, onMessage, signal, lastEventId);
      }
    }
    throw lost(this.#workspace);
  }

  async #post(message: Pick<UpRequest, 'bytes' | 'method' | 'repeatable' | 'signal'> & { id?: string }) {
    const { answer, verdict, body, sent } = await this.#posting.post({
      ...message,
      headers: () => this.#ownHeaders(),
      hadSession: () => this.#sessionId !== undefined && message.method !== 'initialize',
    });
    if (verdict.kind === 'session-lost') throw new SessionLost();
    if (verdict.kind === 'trouble') throw verdict.error;
    if (answer.status < 300) this.#accepted = sent.authorization;
    return { answer, verdict, body };
  }

  async #headers(signal: AbortSignal): Promise<Record<string, string>> {
    return { ...(await this.#workspace.headers(signal)), ...this.#ownHeaders() };
  }

  #ownHeaders(): Record<string, string> {
    const headers: Record<string, string> = {};
    if (this.#sessionId !== undefined) headers['mcp-session-id'] = this.#sessionId;
    if (this.protocolVersion !== undefined && VERSION.test(this.protocolVersion)) {
      headers['mcp-protocol-version'] = this.protocolVersion;
    }
    return headers;
  }

  async #get(lastEventId: string | undefined, signal: AbortSignal): Promise<Asked> {
    const headers: Record<string, string> = { ...(await this.#headers(signal)), accept: 'text/event-stream' };
    // Sent as UTF-8 (WHATWG HTML section 9.2.3); an id with control characters cannot be sent.
    if (lastEventId !== undefined && !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(lastEventId)) {
      headers['last-event-id'] = Buffer.from(lastEventId).toString('latin1');
    }
    const question = { method: 'GET', url: this.#url, headers, headMs: 0, signal } as const;
    return { answer: await this.#http.ask(this.#workspace, question), sent: headers };
  }

  /** A stream by GET; `none` when there is none, `refused` when it seems ill-timed (400), `later` when there will be. */
  async #openStanding(
    lastEventId: string | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer | 'none' | 'refused' | 'later'> {
    const hadSession = this.#sessionId !== undefined;
    let asked: Asked;
    try {
      asked = await this.#get(lastEventId, signal);
    } catch {
      return signal.aborted ? 'none' : 'later';
    }
    const { answer, sent } = asked;
    const isStream = mediaType(answer.header('content-type') ?? '') === 'text/event-stream';
    if (answer.status === 200 && isStream) return answer;
    answer.body.destroy();
    if (answer.status === 404 && hadSession) throw new SessionLost();
    if (answer.status === 401 && this.#workspace.renewed) {
      // A workspace that takes these headers for messages refuses the stream alone, which says nothing of the sign-in.
      if (sent.authorization !== this.#accepted) {
        await this.#workspace.renewed(sent, signal).catch(() => undefined);
      }
      return 'later';
    }
    if (answer.status === 400) return 'refused';
    return answer.status === 409 || answer.status === 429 || answer.status >= 500 ? 'later' : 'none';
  }

  #learnSession(answer: HttpAnswer): void {
    const id = answer.header('mcp-session-id');
    this.#sessionId = id !== undefined && SESSION_ID.test(id) ? id : undefined;
  }

  async #deliverEvents(
    answer: HttpAnswer,
    answers: string | undefined,
    onMessage: OnUpMessage,
    signal: AbortSignal,
    lastEventId?: string,
  ): Promise<ExchangeEnd> {
    const progress: Progress = { lastEventId, retryMs: DEFAULT_RETRY_MS, answered: false };
    await this.#pump(answer, progress, answers, onMessage, signal);
    if (progress.answered) return { kind: 'complete' };
    signal.throwIfAborted();
    if (progress.lastEventId !== undefined && this.#sessionId !== undefined) {
      return { kind: 'resumable', lastEventId: progress.lastEventId, retryMs: progress.retryMs };
    }
    if (answers === undefined) return { kind: 'complete' };
    throw lost(this.#workspace);
  }

  /**
   * Hands over events until the stream ends, breaks, or has brought the answer to `answers`.
   * @returns whether there was any.
   */
  async #pump(
    answer: HttpAnswer,
    progress: Progress,
    answers: string | undefined,
    onMessage: OnUpMessage,
    signal: AbortSignal,
  ): Promise<boolean> {
    let heard = false;
    try {
      for await (const event of readEvents(answer.body, this.#workspace, this.#mostBytes)) {
        heard = true;
        await this.#handOver(event, progress, answers, onMessage);
        if (progress.answered) break;
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof BridgeError) throw error;
    }
    return heard;
  }

  async #handOver(
    event: StreamEvent,
    progress: Progress,
    answers: string | undefined,
    onMessage: OnUpMessage,
  ): Promise<void> {
    if (event.retryMs !== undefined) progress.retryMs = event.retryMs;
    if (event.id) progress.lastEventId = event.id;
    const place = {
      streamed: true,
      ...(event.id ? { eventId: event.id } : {}),
      ...(event.retryMs === undefined ? {} : { retryMs: event.retryMs }),
    };
    const isMessage = event.event === undefined || event.event === 'message';
    if (!event.data || !isMessage) return onMessage(place);
    for (const part of partsOf(readMessage(Buffer.from(event.data)))) {
      // One unreadable event does not end the stream; the answer may still come.
      if (part.kind === 'refused' || progress.answered) continue;
      if (part.kind === 'response' && answers !== undefined) {
        // Somebody else's answer must not be taken for this one.
        if (!isAnswerTo(part, answers)) continue;
        progress.answered = true;
      }
      await onMessage({ message: withReadableError(part), ...place });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#sessionId === undefined) return;
    const { shutdownMs } = this.#http.waits;
    const signal = AbortSignal.timeout(shutdownMs);
    try {
      const headers = await this.#headers(signal);
      const question = { method: 'DELETE', url: this.#url, headers, headMs: shutdownMs, signal } as const;
      const answer = await this.#http.ask(this.#workspace, question);
      answer.body.destroy();
    } catch {
      // The workspace forgets the session by itself; there is nobody left to tell.
    }
    this.#sessionId = undefined;
  }
}
