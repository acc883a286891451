import { limits } from '../base/limits.ts';
import { hostOf } from '../contract/account.ts';
import type { BridgeError } from '../contract/errors.ts';
import type { ResponseMessage } from '../jsonrpc/message.ts';
import { readMessage } from '../jsonrpc/read.ts';
import { isAnswerTo, partsOf, withReadableError } from './answers.ts';
import { type HttpAnswer, readBody, type WorkspaceHttp } from './http.ts';
import { lost, networkTrouble } from './network-trouble.ts';
import { isCutOff, readVerdict } from './reading.ts';
import type { Verdict } from './verdict.ts';
import { troubleOf, type Workspace } from './workspace.ts';

const ACCEPT_BOTH = 'application/json, text/event-stream';

/** What goes up, and how it may be treated. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly method: string;
  /** Raw id of a request. */
  readonly id?: string;
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
  /** Headers of the protocol beside the account's own, made anew for each try. */
  headers(): Readonly<Record<string, string>>;
  /** The message belongs to a session that the workspace may have forgotten. */
  hadSession?(): boolean;
  /** An error without an id is an answer too, when the status says that the request was refused. */
  readonly takesErrorWithoutId?: boolean;
}

/** The response to a message, and the headers that it answers. */
export interface Response {
  readonly answer: HttpAnswer;
  readonly verdict: Exclude<Verdict, { readonly kind: 'again' }>;
  /** Of an answer that is no success, secrets removed. */
  readonly body: string;
  readonly sent: Readonly<Record<string, string>>;
}

/** The POSTs of one channel: each message is sent until the response is something else than "send it again". */
export class Posting {
  readonly workspace: Workspace;
  readonly http: WorkspaceHttp;
  readonly #url: URL;
  readonly #mostBytes: number;

  /** @param mostBytes of one answer, for who expects less than a client may. */
  constructor(url: URL, workspace: Workspace, http: WorkspaceHttp, mostBytes: number = limits.answerBytes) {
    this.#url = url;
    this.workspace = workspace;
    this.http = http;
    this.#mostBytes = mostBytes;
  }

  /** @throws BridgeError when there is no response. */
  async post(outgoing: Outgoing): Promise<Response> {
    const { method, id, repeatable, signal } = outgoing;
    let renewals = 0;
    let anew = false;
    for (let attempt = 0; ; attempt += 1) {
      // Asked before the answer comes: the session may be replaced while the request is on its way.
      const hadSession = outgoing.hadSession?.() ?? false;
      const { answer, sent } = await this.#once(outgoing, anew);
      const posted = {
        method,
        ...(id === undefined ? {} : { id }),
        wantsAnswer: id !== undefined,
        hadSession,
        repeatable,
        attempt,
        takesErrorWithoutId: outgoing.takesErrorWithoutId ?? false,
      };
      const { verdict, body } = await readVerdict(answer, posted, this.workspace, this.http.waits);
      if (verdict.kind === 'again') {
        await this.http.pause(verdict.waitMs, signal);
        anew = verdict.anew ?? false;
        continue;
      }
      const isRenewed =
        verdict.kind === 'trouble' && answer.status === 401 && (await this.workspace.renewed?.(sent, signal));
      if (!isRenewed) return { answer, verdict, body, sent };
      if (renewals === limits.renewalsPerRequest) {
        return { answer, verdict: { kind: 'trouble', error: overtaken(this.workspace) }, body, sent };
      }
      renewals += 1;
    }
  }

  async #once(outgoing: Outgoing, anew: boolean): Promise<Pick<Response, 'answer' | 'sent'>> {
    const { bytes, method, repeatable, signal } = outgoing;
    const headers = {
      ...(await this.workspace.headers(signal)),
      ...outgoing.headers(),
      'content-type': 'application/json',
      accept: ACCEPT_BOTH,
    };
    const { toolResponseHeadMs, responseHeadMs } = this.http.waits;
    const headMs = method === 'tools/call' ? toolResponseHeadMs : responseHeadMs;
    const question = { method: 'POST', url: this.#url, headers, body: bytes, headMs, signal, anew } as const;
    return { answer: await this.http.askTwice(this.workspace, question, repeatable), sent: headers };
  }

  /**
   * Reads the answer to the request `id` from a JSON body.
   * @throws BridgeError when it is too large, is cut off, or is something else.
   */
  async readAnswer(answer: HttpAnswer, id: string, signal: AbortSignal): Promise<ResponseMessage> {
    let bytes: Buffer | undefined;
    try {
      bytes = await readBody(answer.body, this.#mostBytes, this.http.waits);
    } catch (error) {
      signal.throwIfAborted();
      throw networkTrouble(this.workspace, error, { sent: true, secure: false });
    }
    if (!bytes) {
      const { account } = this.workspace;
      const most = this.#mostBytes / 1024 / 1024;
      const message = `The answer from ${hostOf(account)} is larger than ${most} MB and was stopped.`;
      throw troubleOf(account, 'too-large', message, { mayHaveRun: true });
    }
    if (isCutOff(answer, bytes)) throw lost(this.workspace);
    return this.answerIn(bytes, id);
  }

  /** @throws BridgeError `bad-answer` when the answer to the request `id` is not in there. */
  answerIn(bytes: Uint8Array, id: string): ResponseMessage {
    for (const part of partsOf(readMessage(bytes))) {
      if (part.kind === 'response' && isAnswerTo(part, id)) return withReadableError(part);
    }
    const { account } = this.workspace;
    const message = `${hostOf(account)} sent something that is not the answer to the request. It may have been carried out.`;
    throw troubleOf(account, 'bad-answer', message, { mayHaveRun: true });
  }
}

/** Its credential ended on its way each time, so nothing is wrong with the sign-in: there is a newer one already. */
export function overtaken({ account }: Workspace): BridgeError {
  const message = `${hostOf(account)} refused this request three times, each time with a sign-in that was renewed meanwhile. Nothing was carried out. Try again.`;
  return troubleOf(account, 'wait', message);
}
