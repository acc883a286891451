import { limits } from '../base/limits.ts';
import { BridgeError } from '../contract/errors.ts';
import {
  type ExchangeEnd,
  type OnUpMessage,
  SessionLost,
  type UpChannel,
  type UpRequest,
} from './channel.ts';
import { Correlator } from './correlator.ts';
import { readEvents } from './event-stream.ts';
import { lost, readBody, type WorkspaceHttp } from './http.ts';
import { judge, mediaType } from './verdict.ts';
import { hostOf, troubleOf, type Workspace } from './workspace.ts';

/**
 * The HTTP+SSE transport of MCP 2024-11-05: one GET stream brings everything down and first names the address that
 * messages are posted to. The stream is the session; when it ends, the session is lost.
 */
export class HttpSseChannel implements UpChannel {
  protocolVersion: string | undefined;
  readonly #url: URL;
  readonly #workspace: Workspace;
  readonly #http: WorkspaceHttp;
  readonly #correlator = new Correlator();
  readonly #closing = new AbortController();
  #endpoint: Promise<URL> | undefined;
  #broken = false;

  constructor(url: URL, workspace: Workspace, http: WorkspaceHttp) {
    this.#url = url;
    this.#workspace = workspace;
    this.#http = http;
  }

  async request(request: UpRequest): Promise<ExchangeEnd> {
    if (this.#broken) throw new SessionLost();
    await this.#correlator.expect(request, () => this.#post(request.bytes, request));
    return { kind: 'complete' };
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.#broken) throw new SessionLost();
    await this.#post(bytes, undefined, signal);
  }

  listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    return this.#correlator.listen(onMessage, signal);
  }

  resume(): Promise<ExchangeEnd> {
    throw new SessionLost();
  }

  async #post(bytes: Uint8Array, request: UpRequest | undefined, outer?: AbortSignal): Promise<void> {
    const signal = request?.signal ?? outer ?? this.#closing.signal;
    this.#endpoint ??= this.#open();
    const url = await this.#endpoint;
    const headers = { ...(await this.#workspace.headers(signal)), 'content-type': 'application/json' };
    const question = {
      method: 'POST',
      url,
      headers,
      body: bytes,
      headMs: limits.responseHeadMs,
      signal,
    } as const;
    const answer = await this.#http.ask(this.#workspace, question);
    const body = await readBody(answer.body, limits.metadataBytes, limits.bodyIdleMs).catch(() => undefined);
    if (answer.status >= 200 && answer.status < 300) return;
    throw this.#trouble(answer.status, (name) => answer.header(name), body, request);
  }

  #trouble(
    status: number,
    header: (name: string) => string | undefined,
    body: Buffer | undefined,
    request: UpRequest | undefined,
  ): Error {
    const verdict = judge(
      {
        status,
        contentType: header('content-type') ?? '',
        challenge: header('www-authenticate'),
        location: header('location'),
        retryAfter: header('retry-after'),
        body: this.#workspace.withoutSecrets(body?.toString('utf8') ?? ''),
      },
      {
        account: this.#workspace.account,
        method: request?.method ?? '',
        wantsAnswer: false,
        hadSession: request?.method !== 'initialize',
        repeatable: request?.repeatable ?? true,
        answersUs: false,
        now: new Date(),
      },
    );
    this.#workspace.observe(
      status,
      verdict.kind === 'trouble' ? verdict.error.details.retryAfterSeconds : undefined,
    );
    switch (verdict.kind) {
      case 'trouble':
        return verdict.error;
      case 'again':
        return verdict.otherwise;
      case 'session-lost':
        return new SessionLost();
      default:
        return lost(this.#workspace);
    }
  }

  /** Opens the stream and waits for its `endpoint` event, which must stay on the account's own origin. */
  async #open(): Promise<URL> {
    const { signal } = this.#closing;
    const headers = { ...(await this.#workspace.headers(signal)), accept: 'text/event-stream' };
    const question = {
      method: 'GET',
      url: this.#url,
      headers,
      headMs: limits.responseHeadMs,
      signal,
    } as const;
    const answer = await this.#http.ask(this.#workspace, question);
    if (answer.status !== 200 || mediaType(answer.header('content-type') ?? '') !== 'text/event-stream') {
      const body = await readBody(answer.body, limits.metadataBytes, limits.bodyIdleMs).catch(
        () => undefined,
      );
      this.#endpoint = undefined;
      if (answer.status >= 400)
        throw this.#trouble(answer.status, (name) => answer.header(name), body, undefined);
      throw this.#notThisTransport();
    }
    const named = Promise.withResolvers<URL>();
    named.promise.catch(() => undefined);
    void this.#read(readEvents(answer.body, this.#workspace), named);
    return named.promise;
  }

  #notThisTransport(): BridgeError {
    const message = `${hostOf(this.#workspace.account)} does not speak HTTP+SSE at this address. Check the address or the transport.`;
    return troubleOf(this.#workspace.account, 'bad-answer', message);
  }

  async #read(events: ReturnType<typeof readEvents>, named: PromiseWithResolvers<URL>): Promise<void> {
    let failure: unknown;
    try {
      for await (const event of events) {
        if (event.event === 'endpoint') named.resolve(this.#endpointFrom(event.data ?? ''));
        else if (event.data && (event.event === undefined || event.event === 'message')) {
          await this.#correlator.receive(Buffer.from(event.data));
        }
      }
    } catch (error) {
      failure = error;
    }
    this.#broken = true;
    const error = failure instanceof BridgeError ? failure : lost(this.#workspace, failure);
    named.reject(error);
    this.#correlator.fail(error);
  }

  #endpointFrom(text: string): URL {
    const url = new URL(text.trim(), this.#url);
    if (url.origin === this.#url.origin) return url;
    const message = `${hostOf(this.#workspace.account)} wants messages at another address. Nothing was sent there.`;
    throw troubleOf(this.#workspace.account, 'bad-answer', message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#broken = true;
    this.#closing.abort();
  }
}
