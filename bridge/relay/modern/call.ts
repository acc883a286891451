import type { Account } from '../../contract/account.ts';
import type { Outcome } from '../../contract/activity.ts';
import { asBridgeError, BridgeError, trouble } from '../../contract/errors.ts';
import type { RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { idKey } from '../../jsonrpc/read.ts';
import { errorOf, resultOf, withId } from '../../jsonrpc/write.ts';
import type { UpMessage } from '../../upstream/channel.ts';
import { EraChanged } from '../../upstream/modern/channel.ts';
import {
  CallMeter,
  codeOf,
  idUp,
  isRepeatable,
  outcomeOf,
  troubleOutcome,
  withIdDown,
} from '../call-record.ts';
import type { Reply } from '../channel.ts';
import type { RelayParts } from '../parts.ts';
import { troubleAnswer } from '../trouble.ts';
import { absentList, answerDown, noticeDown } from './answer-down.ts';
import type { ModernUp } from './ups.ts';

export interface ModernCallParts {
  readonly message: RequestMessage;
  readonly reply: Reply;
  /** The account the request was bound to when it started. */
  readonly account: Account | null;
  /** Name and version of the program that asks. */
  readonly program: string | null;
  readonly paramHeaders: Readonly<Record<string, string>> | undefined;
  readonly relay: RelayParts;
  /** The workspace asks the client something; `mark` is that of the identity. */
  readonly onAsked: (mark: string) => void;
}

/** Statuses by which a client would take the bridge itself for a place to sign in at. */
const NEVER_DOWN: ReadonlySet<number> = new Set([401, 403, 407]);

/** One request without a handshake on its way to a workspace and back. It ends with one answer, or none if cancelled. */
export class ModernCall {
  readonly message: RequestMessage;
  readonly key: string;
  /** Where it runs; undefined as long as nothing was sent. */
  up: ModernUp | undefined;
  readonly #parts: ModernCallParts;
  readonly #meter: CallMeter;
  readonly #abort = new AbortController();
  #answered = false;
  #cancelled = false;

  constructor(parts: ModernCallParts) {
    this.#parts = parts;
    this.message = parts.message;
    this.key = idKey(parts.message.id);
    this.#meter = new CallMeter(parts.message, parts.account, parts.program);
  }

  /** Nobody waits for it any more: it was cancelled or given up, or the client left. */
  get isOver(): boolean {
    return this.#abort.signal.aborted || this.#parts.reply.gone.aborted;
  }

  /**
   * Sends `message`, which is the client's own or what was made of it, and hands everything that comes back to the
   * reply. When it resolves, the request is answered.
   * @throws BridgeError when it is not; the caller ends it, or after EraChanged runs it once more.
   */
  async run(up: ModernUp, message: RequestMessage): Promise<void> {
    this.up = up;
    const { reply } = this.#parts;
    // Over HTTP a closed response is how a client cancels (MCP 2026-07-28, cancellation).
    const onGone = (): void => this.#abort.abort(new BridgeError('stopping', 'The client left.'));
    reply.gone.addEventListener('abort', onGone);
    try {
      if (reply.gone.aborted) onGone();
      this.#abort.signal.throwIfAborted();
      await up.channel.request({
        message: withIdUp(message),
        paramHeaders: this.#parts.paramHeaders,
        repeatable: isRepeatable(message),
        signal: this.#abort.signal,
        onMessage: (heard) => this.#hear(heard, up),
      });
    } catch (error) {
      if (error instanceof EraChanged) this.up = undefined;
      throw error;
    } finally {
      reply.gone.removeEventListener('abort', onGone);
    }
    if (!this.#answered) throw new BridgeError('bad-answer', 'The workspace ended without an answer.');
  }

  async #hear(heard: UpMessage, up: ModernUp): Promise<void> {
    this.#abort.signal.throwIfAborted();
    const { message } = heard;
    if (this.#answered || message === undefined) return;
    if (message.kind === 'response') return this.#answer(message, heard, up);
    // A workspace asks in results only (MCP 2026-07-28, multi round-trip requests).
    if (message.kind !== 'notification') return;
    const data = noticeDown(message, up);
    this.#meter.receivedBytes += data.length;
    await this.#parts.reply.event({ data });
  }

  #answer(
    answer: ResponseMessage,
    { streamed, status = 200 }: UpMessage,
    up: ModernUp,
  ): void | Promise<void> {
    const { account, reply, relay } = this.#parts;
    const { onAsked } = this.#parts;
    const asked = { request: this.message, account: account ?? up.workspace.account, up, relay, onAsked };
    const empty = absentList(answer, asked);
    if (empty) return this.#end('ok', null, () => reply.answer(empty));
    const down = answerDown(answer, asked);
    const { id } = this.message;
    const bytes =
      answer.id === null ? withIdDown(down, id) : answer.id === id ? down.bytes : withId(down, id);
    this.#meter.receivedBytes += bytes.length;
    const how = NEVER_DOWN.has(status) || !answer.error ? { streamed } : { streamed, status };
    return this.#end(outcomeOf(answer), codeOf(answer), () => reply.answer(bytes, how), down.text);
  }

  /** Answers with a result of the bridge's own, raw JSON text. */
  async answerResult(result: string): Promise<void> {
    await this.#end('ok', null, () => this.#parts.reply.answer(resultOf(this.message.id, result)));
  }

  /** Refuses the request itself. */
  async refuse(code: number, because: string, status = 200): Promise<void> {
    const body = errorOf(this.message.id, code, because);
    await this.#end('error', code, () => this.#parts.reply.answer(body, { status }));
  }

  /** Ends the request with trouble of the bridge's own, or silently when nobody waits for an answer. */
  async answerTrouble(error: unknown): Promise<void> {
    if (this.#answered) return;
    const { reply } = this.#parts;
    if (this.#cancelled || reply.gone.aborted) return this.#end('cancelled', null, () => reply.end());
    const known = asBridgeError(error);
    if (known.code === 'internal') this.#fault(error);
    const code = trouble[known.code].rpc;
    await this.#end(troubleOutcome(known), code, () => reply.answer(troubleAnswer(this.message.id, known)));
  }

  /** Ends a request that `isOver` before it was sent. */
  async skip(): Promise<void> {
    await this.answerTrouble(this.#abort.signal.reason);
  }

  /** The client withdrew the request: the workspace is told, the client gets nothing more. */
  cancel(): void {
    this.#cancelled = true;
    this.#abort.abort(new BridgeError('stopping', 'The client cancelled the request.'));
  }

  /** The session ends, or the way to the workspace: what still runs is given up. */
  giveUp(reason: string): void {
    this.#abort.abort(new BridgeError('stopping', reason, { mayHaveRun: this.up !== undefined }));
  }

  /** Exactly once; what is kept of the request must never cost the client its answer. */
  #end(
    outcome: Outcome,
    code: number | null,
    say: () => void | Promise<void>,
    answer: string | null = null,
  ): void | Promise<void> {
    if (this.#answered) return undefined;
    this.#answered = true;
    try {
      this.#parts.relay.record(this.#meter.record(outcome, code, answer));
    } catch (error) {
      this.#fault(error);
    }
    return say();
  }

  #fault(error: unknown): void {
    const { relay, account } = this.#parts;
    relay.log.error('request failed', error, { account: account?.id });
  }
}

/** The request with an id that comes back unchanged from any JSON implementation. */
function withIdUp(message: RequestMessage): RequestMessage {
  const id = idUp(message.id);
  if (id === message.id) return message;
  const bytes = Buffer.from(withId(message, id));
  return { ...message, id, bytes, text: bytes.toString() };
}
