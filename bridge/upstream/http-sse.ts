import { limits } from '../base/limits.ts';
import { within } from '../base/tasks.ts';
import { hostOf } from '../contract/account.ts';
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
import type { HttpAnswer, WorkspaceHttp } from './http.ts';
import { lost } from './network-trouble.ts';
import { overtaken } from './posting.ts';
import { type Posted, readVerdict } from './reading.ts';
import { mediaType } from './verdict.ts';
import { troubleOf, type Workspace } from './workspace.ts';

type Outgoing = Pick<UpRequest, 'bytes' | 'method' | 'repeatable' | 'signal'>;

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
    await this.#correlator.expect(request, () => this.#post(request));
    return { kind: 'complete' };
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.#broken) throw new SessionLost();
    await this.#post({ bytes, method: '', repeatable: true, signal });
  }

  listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    return this.#correlator.listen(onMessage, signal);
  }

  resume(): Promise<ExchangeEnd> {
    return Promise.reject(new SessionLost());
  }

  async #post({ bytes, method, repeatable, signal }: Outgoing): Promise<void> {
    const url = await this.#address(signal);
    const { toolResponseHeadMs, responseHeadMs } = this.#http.waits;
    let renewals = 0;
    let anew = false;
    for (let attempt = 0; ; attempt += 1) {
      const headers = { ...(await this.#workspace.headers(signal)), 'content-type': 'application/json' };
      const headMs = method === 'tools/call' ? toolResponseHeadMs : responseHeadMs;
      const question = { method: 'POST', url, headers, body: bytes, headMs, signal, anew } as const;
      const answer = await this.#http.askTwice(this.#workspace, question, repeatable);
      if (await this.#isRenewed(answer, headers, renewals, signal)) {
        renewals += 1;
        continue;
      }
      anew = answer.status === 421;
      const hadSession = method !== 'initialize';
      if (
        await this.#accepted(answer, { method, wantsAnswer: false, hadSession, repeatable, attempt }, signal)
      ) {
        return;
      }
    }
  }

  /** After a 401: there is a newer credential, so the same may be asked once more. */
  async #isRenewed(
    answer: HttpAnswer,
    sent: Readonly<Record<string, string>>,
    renewals: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (answer.status !== 401) return false;
    try {
      const isRenewed = (await this.#workspace.renewed?.(sent, signal)) ?? false;
      if (isRenewed && renewals >= limits.renewalsPerRequest) throw overtaken(this.#workspace);
      if (isRenewed) answer.body.destroy();
      return isRenewed;
    } catch (error) {
      answer.body.destroy();
      throw error;
    }
  }

  /** Whether the message was taken; false to send it again. @throws what the response says otherwise. */
  async #accepted(answer: HttpAnswer, posted: Posted, signal: AbortSignal): Promise<boolean> {
    const { verdict } = await readVerdict(answer, posted, this.#workspace, this.#http.waits);
    switch (verdict.kind) {
      case 'trouble':
        throw verdict.error;
      case 'session-lost':
        throw new SessionLost();
      case 'again':
        await this.#http.pause(verdict.waitMs, signal);
        return false;
      default:
        return true;
    }
  }

  /** Where messages are posted to; the stream is opened for the first one, and again if that failed. */
  #address(signal: AbortSignal): Promise<URL> {
    if (!this.#endpoint) {
      const opening = this.#open();
      this.#endpoint = opening;
      opening.catch(() => {
        if (this.#endpoint === opening) this.#endpoint = undefined;
      });
    }
    const late = (): Error => {
      const message = `${hostOf(this.#workspace.account)} opened a stream but does not speak HTTP+SSE on it. Check the transport.`;
      return troubleOf(this.#workspace.account, 'bad-answer', message);
    };
    const endpoint = this.#endpoint;
    return within(this.#http.waits.responseHeadMs, signal, () => endpoint, late);
  }

  /**
   * Opens the stream and waits for its `endpoint` event, which must stay on the account's own origin. Until then no
   * message has been sent, however the connection failed.
   */
  async #open(): Promise<URL> {
    const answer = await this.#get(this.#closing.signal).catch((error: unknown) => {
      throw error instanceof BridgeError && error.details.mayHaveRun ? this.#brokeOff(error) : error;
    });
    const named = Promise.withResolvers<URL>();
    named.promise.catch(() => undefined);
    void this.#read(answer, named);
    return named.promise;
  }

  #brokeOff(cause: unknown): BridgeError {
    const message = `${hostOf(this.#workspace.account)} broke off before anything was sent. Try again.`;
    return troubleOf(this.#workspace.account, 'unreachable', message, {}, cause);
  }

  async #get(signal: AbortSignal): Promise<HttpAnswer> {
    for (let [attempt, renewals] = [0, 0]; ; attempt += 1) {
      const headers = { ...(await this.#workspace.headers(signal)), accept: 'text/event-stream' };
      const headMs = this.#http.waits.responseHeadMs;
      const question = { method: 'GET', url: this.#url, headers, headMs, signal } as const;
      const answer = await this.#http.askTwice(this.#workspace, question, true);
      if (answer.status === 200 && mediaType(answer.header('content-type') ?? '') === 'text/event-stream') {
        this.#workspace.observe(answer.status);
        return answer;
      }
      if (await this.#isRenewed(answer, headers, renewals, signal)) {
        renewals += 1;
        continue;
      }
      const posted = { method: '', wantsAnswer: false, hadSession: false, repeatable: true, attempt };
      if (await this.#accepted(answer, posted, signal)) throw this.#notThisTransport();
    }
  }

  #notThisTransport(): BridgeError {
    const message = `${hostOf(this.#workspace.account)} does not speak HTTP+SSE at this address. Check the address or the transport.`;
    return troubleOf(this.#workspace.account, 'bad-answer', message);
  }

  async #read({ body }: HttpAnswer, named: PromiseWithResolvers<URL>): Promise<void> {
    let failure: unknown;
    let isNamed = false;
    try {
      // The stream lasts as long as the session, so only single events have a cap.
      for await (const event of readEvents(body, this.#workspace, Number.POSITIVE_INFINITY)) {
        if (event.event === 'endpoint') {
          named.resolve(this.#endpointFrom(event.data ?? ''));
          isNamed = true;
        } else if (event.data && (event.event === undefined || event.event === 'message')) {
          await this.#correlator.receive(Buffer.from(event.data));
        }
      }
    } catch (error) {
      failure = error;
    }
    this.#broken = true;
    const ended = isNamed ? lost(this.#workspace, failure) : this.#brokeOff(failure);
    const error = failure instanceof BridgeError ? failure : ended;
    named.reject(error);
    this.#correlator.fail(error);
  }

  #endpointFrom(text: string): URL {
    const named = text.trim();
    const url = URL.canParse(named, this.#url.href) ? new URL(named, this.#url) : undefined;
    if (url?.origin === this.#url.origin) return url;
    const message = `${hostOf(this.#workspace.account)} wants messages at another address. Nothing was sent there.`;
    throw troubleOf(this.#workspace.account, 'bad-answer', message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#broken = true;
    this.#closing.abort();
  }
}
