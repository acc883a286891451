import { limits } from '../../base/limits.ts';
import { isRecord } from '../../base/record.ts';
import { within } from '../../base/tasks.ts';
import { hostOf } from '../../contract/account.ts';
import type { RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import { requestOf } from '../../jsonrpc/write.ts';
import type { OnUpMessage, UpMessage } from '../channel.ts';
import type { Eras } from '../eras.ts';
import type { WorkspaceHttp } from '../http.ts';
import { Posting } from '../posting.ts';
import { troubleOf, type Workspace } from '../workspace.ts';
import { EraChanged, type ModernChannel, type ModernRequest } from './channel.ts';
import { probeHttp } from './discover.ts';
import { HEADER_MISMATCH } from './envelope.ts';
import { isForeignRefusal } from './era-verdict.ts';
import { type ExchangeRequest, exchange } from './exchange.ts';
import { learnTools, withoutInvalidTools } from './listed-tools.ts';
import { headersFor } from './param-headers.ts';
import { requestHeaders } from './request-headers.ts';

/** What servers of MCP 2025-11-25 and older say about their sessions, in answers to nobody. */
const SESSION_ERRORS: readonly unknown[] = [-32000, -32001];
const MOST_PAGES = 100;

type ParamHeaders = Readonly<Record<string, string>>;

/** Streamable HTTP without sessions (MCP 2026-07-28, transports): one POST per request, everything on its response. */
export class ModernHttp implements ModernChannel {
  readonly era = 'modern';
  readonly #url: URL;
  readonly #posting: Posting;
  readonly #eras: Eras;

  constructor(url: URL, workspace: Workspace, http: WorkspaceHttp, eras: Eras) {
    this.#url = url;
    this.#posting = new Posting(url, workspace, http);
    this.#eras = eras;
  }

  request(request: ModernRequest): Promise<void> {
    const { message, paramHeaders, onMessage } = request;
    if (message.method === 'tools/call' && !paramHeaders) return this.#call(request);
    if (message.method === 'subscriptions/listen') return this.#listen(request);
    return this.#send(request, paramHeaders ?? {}, onMessage);
  }

  /** Whoever listens hears of everything again after a break, and there is no session that could refuse a second listen. */
  async #listen(request: ModernRequest): Promise<void> {
    using lasting = this.#posting.http.lasting(request.signal);
    await this.#send({ ...request, signal: lasting.signal }, request.paramHeaders ?? {}, request.onMessage);
  }

  /** A call whose headers the bridge makes, by what it knows of the tool. */
  async #call(request: ModernRequest): Promise<void> {
    const made = this.#paramHeadersOf(request.message);
    let mismatch: UpMessage | undefined;
    await this.#send(request, made, (heard) => {
      if (!isMismatch(heard)) return request.onMessage(heard);
      mismatch = heard;
    });
    if (!mismatch) return;
    // Nothing was carried out, so even a call that may not be repeated can be made properly.
    const better = await this.#relearnt(request);
    if (!better || isSame(better, made)) await request.onMessage(mismatch);
    else await this.#send(request, better, request.onMessage);
  }

  async #send(request: ModernRequest, paramHeaders: ParamHeaders, onMessage: OnUpMessage): Promise<void> {
    const { message, repeatable, signal } = request;
    let foreign: UpMessage | undefined;
    const sent = {
      message,
      headers: requestHeaders(message, paramHeaders),
      repeatable,
      signal,
      onMessage: (heard: UpMessage) => {
        if (isSessionError(heard)) foreign = heard;
        else return onMessage(heard);
      },
    };
    const refusal = await this.#exchange(sent, request.paramHeaders !== undefined);
    const isForeign = foreign !== undefined || (refusal && isForeignRefusal(refusal.status));
    if (isForeign && !(await this.#isStillModern(signal))) {
      throw new EraChanged(this.#posting.workspace, refusal?.status, refusal?.error);
    }
    if (refusal) throw refusal.error;
    if (foreign) await onMessage(foreign);
  }

  /** A gateway may refuse as a workspace of the other era would: then nothing is sent again that may have run. */
  async #isStillModern(signal: AbortSignal): Promise<boolean> {
    const { workspace, http } = this.#posting;
    this.#eras.doubt(workspace.account);
    const ask = (either: AbortSignal): Promise<boolean> => probeHttp(this.#url, workspace, http, either);
    try {
      return await this.#eras.findOut(workspace.account, 'modern', signal, ask);
    } catch {
      signal.throwIfAborted();
      return true;
    }
  }

  /**
   * As `exchange`; every list of tools that comes by is remembered.
   * @param offersAll hand over invalid tools too. A client that makes no headers must not offer them, because nobody can
   * tell what their headers should be.
   */
  #exchange(request: ExchangeRequest, offersAll: boolean): ReturnType<typeof exchange> {
    if (request.message.method !== 'tools/list') return exchange(this.#posting, request);
    const schemas = this.#eras.schemas(this.#posting.workspace.account);
    const onMessage: OnUpMessage = (heard) => {
      const { message } = heard;
      if (message?.kind !== 'response') return request.onMessage(heard);
      const invalid = learnTools(message, schemas);
      if (offersAll) return request.onMessage(heard);
      return request.onMessage({ ...heard, message: withoutInvalidTools(message, invalid) });
    };
    return exchange(this.#posting, { ...request, onMessage });
  }

  #paramHeadersOf({ method, params }: RequestMessage): ParamHeaders {
    if (method !== 'tools/call' || typeof params.name !== 'string') return {};
    const tool = this.#eras.schemas(this.#posting.workspace.account).of(params.name);
    return tool ? headersFor(tool, params.arguments) : {};
  }

  /** The headers of a call after the tools were listed again; undefined when they cannot be listed. */
  async #relearnt({ message, signal }: ModernRequest): Promise<ParamHeaders | undefined> {
    const { account } = this.#posting.workspace;
    const late = () => troubleOf(account, 'timeout', `${hostOf(account)} did not list its tools in time.`);
    try {
      await within(
        limits.greetingMs,
        signal,
        (either) => this.#listTools(message.params._meta, either),
        late,
      );
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
    return this.#paramHeadersOf(message);
  }

  async #listTools(given: unknown, signal: AbortSignal): Promise<void> {
    const { progressToken, ...envelope } = isRecord(given) ? given : {};
    let cursor: unknown;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const params = JSON.stringify({ _meta: envelope, ...(cursor === undefined ? {} : { cursor }) });
      const message = readMessage(requestOf('"gangway-tools"', 'tools/list', params));
      if (message.kind !== 'request') return;
      let answer: ResponseMessage | undefined;
      const sent = {
        message,
        headers: requestHeaders(message, {}),
        repeatable: true,
        signal,
        onMessage: (heard: UpMessage) => {
          if (heard.message?.kind === 'response') answer = heard.message;
        },
      };
      const refusal = await this.#exchange(sent, true);
      if (refusal) throw refusal.error;
      cursor = isRecord(answer?.result) ? answer.result.nextCursor : undefined;
      if (typeof cursor !== 'string' || cursor === '') return;
    }
  }

  /** Nothing is kept open between requests. */
  async [Symbol.asyncDispose](): Promise<void> {}
}

function isMismatch({ message, status }: UpMessage): boolean {
  return message?.kind === 'response' && status === 400 && message.error?.code === HEADER_MISMATCH;
}

function isSessionError({ message, status }: UpMessage): boolean {
  if (message?.kind !== 'response' || message.id !== null || (status !== 400 && status !== 404)) return false;
  return SESSION_ERRORS.includes(message.error?.code);
}

function isSame(one: ParamHeaders, other: ParamHeaders): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
