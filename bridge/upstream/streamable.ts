import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../base/limits.ts';
import { BridgeError } from '../contract/errors.ts';
import type { ResponseMessage } from '../jsonrpc/message.ts';
import { idKey, readMessage } from '../jsonrpc/read.ts';
import {
  type ExchangeEnd,
  type OnUpMessage,
  SessionLost,
  type UpChannel,
  type UpRequest,
} from './channel.ts';
import { boundedRetryMs, readEvents } from './event-stream.ts';
import { type HttpAnswer, lost, networkTrouble, readBody, type WorkspaceHttp } from './http.ts';
import { judge, mediaType, type ResponseHead, type Verdict } from './verdict.ts';
import { hostOf, troubleOf, type Workspace } from './workspace.ts';

const DEFAULT_RETRY_MS = 1000;
const ACCEPT_BOTH = 'application/json, text/event-stream';
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;

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
  #sessionId: string | undefined;

  constructor(url: URL, workspace: Workspace, http: WorkspaceHttp) {
    this.#url = url;
    this.#workspace = workspace;
    this.#http = http;
  }

  async request(request: UpRequest): Promise<ExchangeEnd> {
    for (let attempt = 0; ; attempt += 1) {
      // Told by the answer's own request: the session may have been replaced while it was on its way.
      const hadSession = this.#sessionId !== undefined && request.method !== 'initialize';
      const answer = await this.#post(request.bytes, request.method, request.signal, request.repeatable);
      const { verdict, body } = await this.#judge(answer, request, hadSession);
      switch (verdict.kind) {
        case 'json':
          return this.#deliverJson(answer, request);
        case 'events':
          if (request.method === 'initialize') this.#learnSession(answer);
          return this.#deliverEvents(answer, request.id, request.onMessage, request.signal);
        case 'answer':
          await this.#deliverText(body, request);
          return { kind: 'complete' };
        case 'session-lost':
          throw new SessionLost();
        case 'again':
          if (attempt >= verdict.triesAllowed) throw verdict.otherwise;
          await delay(verdict.waitMs, undefined, { signal: request.signal });
          continue;
        case 'accepted':
          return { kind: 'complete' };
        case 'trouble':
          throw verdict.error;
        default:
          return verdict satisfies never;
      }
    }
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const hadSession = this.#sessionId !== undefined;
    const answer = await this.#post(bytes, 'notification', signal, true);
    const { verdict } = await this.#judge(answer, undefined, hadSession);
    if (verdict.kind === 'session-lost') throw new SessionLost();
    if (verdict.kind === 'trouble') throw verdict.error;
    if (verdict.kind === 'again') throw verdict.otherwise;
  }

  async listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    const progress: Progress = { lastEventId: undefined, retryMs: DEFAULT_RETRY_MS, answered: false };
    let failures = 0;
    while (!signal.aborted) {
      const opened = await this.#openStanding(progress.lastEventId, signal);
      if (opened === 'none') return;
      if (opened === 'later') failures += 1;
      else {
        const before = progress.lastEventId;
        const heard = await this.#pump(opened, progress, undefined, onMessage, signal);
        failures = heard || progress.lastEventId !== before ? 0 : failures + 1;
      }
      // A server that closes at once each time must not be asked in a hot loop.
      const waitMs = Math.min(progress.retryMs * 2 ** Math.min(failures, 5), 30_000);
      await delay(waitMs * (0.8 + Math.random() * 0.4), undefined, { signal }).catch(() => undefined);
    }
  }

  async resume(
    lastEventId: string,
    answers: string | undefined,
    onMessage: OnUpMessage,
    signal: AbortSignal,
  ): Promise<ExchangeEnd> {
    const answer = await this.#get(lastEventId, signal);
    if (answer.status === 404) {
      answer.body.destroy();
      throw new SessionLost();
    }
    if (answer.status !== 200 || mediaType(answer.header('content-type') ?? '') !== 'text/event-stream') {
      answer.body.destroy();
      throw lost(this.#workspace);
    }
    return this.#deliverEvents(answer, answers, onMessage, signal, lastEventId);
  }

  async #post(
    bytes: Uint8Array,
    method: string,
    signal: AbortSignal,
    repeatable: boolean,
  ): Promise<HttpAnswer> {
    const headers = {
      ...(await this.#headers(signal)),
      'content-type': 'application/json',
      accept: ACCEPT_BOTH,
    };
    const headMs = method === 'tools/call' ? limits.toolResponseHeadMs : limits.responseHeadMs;
    const question = { method: 'POST', url: this.#url, headers, body: bytes, headMs, signal } as const;
    try {
      return await this.#http.ask(this.#workspace, question);
    } catch (error) {
      signal.throwIfAborted();
      const trouble = networkTrouble(this.#workspace, error);
      if (!repeatable || !['outcome-unknown', 'unreachable'].includes(trouble.code)) throw trouble;
      return this.#http.ask(this.#workspace, question);
    }
  }

  async #headers(signal: AbortSignal): Promise<Record<string, string>> {
    const headers = { ...(await this.#workspace.headers(signal)) };
    if (this.#sessionId !== undefined) headers['mcp-session-id'] = this.#sessionId;
    if (this.protocolVersion !== undefined) headers['mcp-protocol-version'] = this.protocolVersion;
    return headers;
  }

  async #get(lastEventId: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const headers: Record<string, string> = { ...(await this.#headers(signal)), accept: 'text/event-stream' };
    if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
    return this.#http.ask(this.#workspace, { method: 'GET', url: this.#url, headers, headMs: 0, signal });
  }

  /** The standing stream; `none` when the workspace has none, `later` when it cannot be had right now. */
  async #openStanding(
    lastEventId: string | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer | 'none' | 'later'> {
    let answer: HttpAnswer;
    try {
      answer = await this.#get(lastEventId, signal);
    } catch {
      return signal.aborted ? 'none' : 'later';
    }
    const isStream = mediaType(answer.header('content-type') ?? '') === 'text/event-stream';
    if (answer.status === 200 && isStream) return answer;
    answer.body.destroy();
    if (answer.status === 404 && this.#sessionId !== undefined) throw new SessionLost();
    return answer.status === 409 || answer.status === 429 || answer.status >= 500 ? 'later' : 'none';
  }

  async #judge(
    answer: HttpAnswer,
    request: UpRequest | undefined,
    hadSession: boolean,
  ): Promise<{ verdict: Verdict; body: string }> {
    const isSuccess = answer.status >= 200 && answer.status < 300;
    let body = '';
    if (!isSuccess) {
      const bytes = await readBody(answer.body, limits.metadataBytes, limits.bodyIdleMs).catch(
        () => undefined,
      );
      body = this.#workspace.withoutSecrets(bytes?.toString('utf8') ?? '');
    } else if (!request) {
      answer.body.resume();
      answer.body.on('error', () => undefined);
    }
    const head: ResponseHead = {
      status: answer.status,
      contentType: answer.header('content-type') ?? '',
      challenge: answer.header('www-authenticate'),
      location: answer.header('location'),
      retryAfter: answer.header('retry-after'),
      body,
    };
    const verdict = judge(head, {
      account: this.#workspace.account,
      method: request?.method ?? '',
      wantsAnswer: request !== undefined,
      hadSession,
      repeatable: request?.repeatable ?? true,
      answersUs: request !== undefined && body !== '' && answersRequest(Buffer.from(body), request.id),
      now: new Date(),
    });
    this.#workspace.observe(
      answer.status,
      verdict.kind === 'trouble' ? verdict.error.details.retryAfterSeconds : undefined,
    );
    if (isSuccess && verdict.kind === 'trouble') answer.body.destroy();
    return { verdict, body };
  }

  #learnSession(answer: HttpAnswer): void {
    const id = answer.header('mcp-session-id');
    this.#sessionId = id !== undefined && SESSION_ID.test(id) ? id : undefined;
  }

  async #deliverJson(answer: HttpAnswer, request: UpRequest): Promise<ExchangeEnd> {
    if (request.method === 'initialize') this.#learnSession(answer);
    let bytes: Buffer | undefined;
    try {
      bytes = await readBody(answer.body, limits.answerBytes, limits.bodyIdleMs);
    } catch (error) {
      request.signal.throwIfAborted();
      throw lost(this.#workspace, error);
    }
    if (!bytes) {
      const most = limits.answerBytes / 1024 / 1024;
      const message = `The answer from ${hostOf(this.#workspace.account)} is larger than ${most} MB and was stopped.`;
      throw troubleOf(this.#workspace.account, 'too-large', message, { mayHaveRun: true });
    }
    await this.#deliverBytes(bytes, request);
    return { kind: 'complete' };
  }

  #deliverText(text: string, request: UpRequest): Promise<void> {
    return this.#deliverBytes(Buffer.from(text), request);
  }

  async #deliverBytes(bytes: Uint8Array, request: UpRequest): Promise<void> {
    const message = readMessage(bytes);
    const candidates = message.kind === 'batch' ? message.messages : [message];
    for (const candidate of candidates) {
      if (candidate.kind === 'response' && isAnswerTo(candidate, request.id)) {
        await request.onMessage({ message: candidate, streamed: false });
        return;
      }
    }
    throw this.#notAnAnswer();
  }

  #notAnAnswer(): Error {
    const message = `${hostOf(this.#workspace.account)} sent something that is not the answer to the request. It may have been carried out.`;
    return troubleOf(this.#workspace.account, 'bad-answer', message, { mayHaveRun: true });
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

  /** Hands over events until the stream ends, breaks, or has brought the answer to `answers`. */
  async #pump(
    answer: HttpAnswer,
    progress: Progress,
    answers: string | undefined,
    onMessage: OnUpMessage,
    signal: AbortSignal,
  ): Promise<boolean> {
    let heard = false;
    try {
      for await (const event of readEvents(answer.body, this.#workspace)) {
        heard = true;
        if (event.retryMs !== undefined) progress.retryMs = boundedRetryMs(event.retryMs);
        if (event.id !== undefined && event.id !== '') progress.lastEventId = event.id;
        const place = {
          streamed: true,
          ...(event.id ? { eventId: event.id } : {}),
          ...(event.retryMs === undefined ? {} : { retryMs: event.retryMs }),
        };
        if (!event.data) {
          await onMessage(place);
          continue;
        }
        const message = readMessage(Buffer.from(event.data));
        // One unreadable event does not end the stream; the answer may still come.
        if (message.kind === 'refused') continue;
        if (message.kind === 'response' && answers !== undefined && isAnswerTo(message, answers)) {
          progress.answered = true;
        }
        await onMessage({ message, ...place });
        if (progress.answered) return heard;
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof BridgeError) throw error;
    }
    return heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#sessionId === undefined) return;
    const signal = AbortSignal.timeout(limits.shutdownMs);
    try {
      const headers = await this.#headers(signal);
      const question = {
        method: 'DELETE',
        url: this.#url,
        headers,
        headMs: limits.shutdownMs,
        signal,
      } as const;
      const answer = await this.#http.ask(this.#workspace, question);
      answer.body.destroy();
    } catch {
      // The workspace forgets the session by itself; there is nobody left to tell.
    }
    this.#sessionId = undefined;
  }
}

/** The message answers the request with this raw id; an error without an id answers the only request of its response. */
function isAnswerTo(message: ResponseMessage, requestId: string): boolean {
  if (message.id === null) return message.error !== undefined;
  return idKey(message.id) === idKey(requestId);
}

function answersRequest(body: Uint8Array, requestId: string): boolean {
  const message = readMessage(body);
  return message.kind === 'response' && message.id !== null && idKey(message.id) === idKey(requestId);
}
