import { pause } from '../base/tasks.ts';
import type { Account } from '../contract/account.ts';
import type { Outcome } from '../contract/activity.ts';
import { asBridgeError, BridgeError, trouble } from '../contract/errors.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from '../jsonrpc/message.ts';
import { idKey } from '../jsonrpc/read.ts';
import { locate, replaceSpans } from '../jsonrpc/text.ts';
import { withId } from '../jsonrpc/write.ts';
import type { UpMessage } from '../upstream/channel.ts';
import {
  CallMeter,
  codeOf,
  idUp,
  isRepeatable,
  outcomeOf,
  troubleOutcome,
  withIdDown,
} from './call-record.ts';
import type { Reply } from './channel.ts';
import { eventIdDown } from './event-id.ts';
import type { CallRecord } from './parts.ts';
import { troubleAnswer } from './trouble.ts';
import type { UpSession } from './up-session.ts';

export interface ExchangeParts {
  readonly message: RequestMessage;
  readonly reply: Reply;
  /** The account the request was bound to when it started. */
  readonly account: Account | null;
  /** Changes a message of the workspace on its way down: renumbering, hiding; undefined swallows it. */
  translate(message: UpMessage['message'], up: UpSession): Promise<Uint8Array | undefined>;
  /** Changes the answer on its way down. */
  rewrite(answer: ResponseMessage, up: UpSession): { text: string; bytes: Uint8Array };
  record(call: CallRecord): void;
  /** A fault of the bridge's own, which the client learns no details of. */
  onFault(error: unknown): void;
}

/** The way of one client request to its workspace and back. It ends with exactly one answer, or none if cancelled. */
export class Exchange {
  readonly message: RequestMessage;
  readonly key: string;
  readonly upId: string;
  up: UpSession | undefined;
  /** The workspace's id of the latest event on this request's stream: where a client that comes back goes on. */
  lastEventId: string | undefined;
  readonly #parts: ExchangeParts;
  readonly #abort = new AbortController();
  readonly #meter: CallMeter;
  #answered = false;
  #cancelled = false;
  #parked = false;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.message = parts.message;
    this.key = idKey(parts.message.id);
    this.upId = idUp(parts.message.id);
    this.#meter = new CallMeter(parts.message, parts.account);
  }

  get answered(): boolean {
    return this.#answered;
  }

  /** The client is to come back for the answer with `Last-Event-ID`; nothing runs here meanwhile. */
  get parked(): boolean {
    return this.#parked && !this.#answered;
  }

  /** Nobody waits for it any more: it was cancelled or given up, or the client left. */
  get isOver(): boolean {
    return this.#abort.signal.aborted || this.#cancelled || this.#parts.reply.gone.aborted;
  }

  /** Ends a request that `isOver` before it was sent. */
  async skip(): Promise<void> {
    this.#parked = await this.#fail(this.#abort.signal.reason);
  }

  /**
   * Sends the request and hands everything that comes back to the reply.
   * When it resolves, the request is answered, cancelled or `parked`.
   */
  async run(up: UpSession): Promise<void> {
    this.up = up;
    if (this.isOver) return this.skip();
    const { reply } = this.#parts;
    const onGone = (): void => this.#abort.abort(new BridgeError('stopping', 'The client left.'));
    reply.gone.addEventListener('abort', onGone);
    try {
      this.#parked = await this.#carry(up);
    } catch (error) {
      this.#parked = await this.#fail(error);
    } finally {
      reply.gone.removeEventListener('abort', onGone);
    }
  }

  /** A parked request that nobody can answer any more: the client was told in another way. */
  abandon(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#record('unknown', trouble['outcome-unknown'].rpc, null);
  }

  async #carry(up: UpSession): Promise<boolean> {
    const { message, reply } = this.#parts;
    const { signal } = this.#abort;
    const onMessage = async (heard: UpMessage): Promise<void> => {
      // An answer that nobody reads any more stays in the workspace, for a client that comes back.
      signal.throwIfAborted();
      await this.hear(heard, up, reply);
    };
    let end = await up.request({
      bytes: this.upId === message.id ? message.bytes : withId(message, this.upId),
      id: this.upId,
      method: message.method,
      repeatable: isRepeatable(message),
      signal,
      onMessage,
    });
    while (end.kind === 'resumable' && !this.#answered) {
      if (reply.resumable) {
        await reply.end();
        return true;
      }
      await pause(end.retryMs, signal);
      end = await up.resume(end.lastEventId, this.upId, onMessage, signal);
    }
    if (!this.#answered)
      await this.answerTrouble(new BridgeError('bad-answer', 'The workspace ended without an answer.'));
    return false;
  }

  /** One message on this request's stream, on its way to `reply`. */
  async hear(heard: UpMessage, up: UpSession, reply: Pick<Reply, 'event' | 'answer'>): Promise<void> {
    if (this.#cancelled || this.#answered) return;
    const id = heard.eventId === undefined ? {} : { id: eventIdDown(up.key, 'request', heard.eventId) };
    this.lastEventId = heard.eventId ?? this.lastEventId;
    const retry = heard.retryMs === undefined ? {} : { retryMs: heard.retryMs };
    const { message } = heard;
    if (message?.kind === 'response') {
      const rewritten = this.#parts.rewrite(message, up);
      const { id: own } = this.message;
      const bytes =
        message.id === null
          ? withIdDown(rewritten, own)
          : message.id === own
            ? rewritten.bytes
            : withId(rewritten, own);
      this.#answered = true;
      this.#meter.receivedBytes += bytes.length;
      this.#record(outcomeOf(message), codeOf(message), rewritten.text);
      await reply.answer(bytes, { streamed: heard.streamed, ...id });
      return;
    }
    if (message === undefined) {
      await reply.event({ ...id, ...retry });
      return;
    }
    const data = await this.#parts.translate(message, up);
    if (data === undefined) return;
    this.#meter.receivedBytes += data.length;
    await reply.event({ data, ...id, ...retry });
  }

  async #fail(error: unknown): Promise<boolean> {
    if (this.#cancelled) {
      await this.#finishSilently();
      return false;
    }
    const { reply } = this.#parts;
    if (reply.gone.aborted) {
      // Over HTTP a lost connection is no cancellation (MCP 2025-11-25, transports): the client may come back.
      if (reply.resumable && this.lastEventId !== undefined && !this.#answered) return true;
      if (!this.#answered) this.#record('cancelled', null, null);
      this.#answered = true;
      await reply.end();
      return false;
    }
    await this.answerTrouble(error);
    return false;
  }

  /** Ends the request with trouble of the bridge's own, unless it was answered. */
  async answerTrouble(error: unknown): Promise<void> {
    if (this.#cancelled) return this.#finishSilently();
    if (this.#answered) return;
    this.#answered = true;
    const known = asBridgeError(error);
    if (known.code === 'internal') this.#parts.onFault(error);
    this.#record(troubleOutcome(known), trouble[known.code].rpc, null);
    await this.#parts.reply.answer(troubleAnswer(this.message.id, known));
  }

  async #finishSilently(): Promise<void> {
    if (!this.#answered) this.#record('cancelled', null, null);
    this.#answered = true;
    await this.#parts.reply.end();
  }

  /** The client withdrew the request: the workspace is told, the client gets nothing more. */
  async cancel(notification: NotificationMessage): Promise<void> {
    if (this.#answered || this.#cancelled) return;
    this.#cancelled = true;
    // Nothing runs for a parked request that would notice.
    if (this.#parked) await this.#finishSilently();
    const span = locate(notification.text, ['params', 'requestId']);
    const bytes = span
      ? Buffer.from(replaceSpans(notification.text, [{ ...span, by: this.upId }]))
      : notification.bytes;
    await this.up?.send(bytes, AbortSignal.timeout(5000)).catch(() => undefined);
    this.#abort.abort(new BridgeError('stopping', 'The client cancelled the request.'));
  }

  /** The session ends: whatever still runs is given up. */
  giveUp(error: BridgeError): void {
    this.#abort.abort(error);
  }

  /** What is kept of the request must never cost the client its answer. */
  #record(outcome: Outcome, code: number | null, answer: string | null): void {
    try {
      this.#parts.record(this.#meter.record(outcome, code, answer));
    } catch (error) {
      this.#parts.onFault(error);
    }
  }
}
