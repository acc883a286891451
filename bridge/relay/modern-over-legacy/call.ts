import { pause } from '../../base/tasks.ts';
import type { BridgeError, ErrorCode } from '../../contract/errors.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { idKey, METHOD_NOT_FOUND } from '../../jsonrpc/read.ts';
import { locate, replaceSpans } from '../../jsonrpc/text.ts';
import { errorOf, notificationOf } from '../../jsonrpc/write.ts';
import type { UpMessage } from '../../upstream/channel.ts';
import { troubleOf } from '../../upstream/workspace.ts';
import { bareRequest } from './bare-request.ts';
import type { Down } from './down.ts';
import { levelOf } from './envelope.ts';
import { failed, lackedIn, lacking, linksIn } from './failures.ts';
import { LinkRound } from './link-round.ts';
import type { ParkedCall, ParkedCalls } from './parked-calls.ts';
import { ASKING, answerUnder, inputRequest, inputRequired, lackedFor, type Question } from './questions.ts';
import { completed } from './results.ts';
import type { Seat } from './seat.ts';

/** Questions that are asked at the same time travel together: so long is waited for others after the first. */
const GATHER_MS = 15;
/** Questions of one call that may be open; more are refused. */
const MOST_QUESTIONS = 64;
const NOT_NOW = 'The client cannot be asked this now.';
/** How long the workspace has to take a cancellation before the connection of the call is closed. */
const CANCEL_MS = 5000;

export interface CallParts {
  readonly seat: Seat;
  readonly parked: ParkedCalls;
  /** Makes the same call once more, for a client that comes back. */
  again(down: Down): Promise<void>;
}

type Outcome = { readonly answer: ResponseMessage } | { readonly error: unknown };

/**
 * One request in a workspace session, on behalf of one or more requests of the client: when the workspace asks
 * something, the client's request ends with the question, this one is parked, and the client's next request goes on
 * with it. It is over when the workspace has answered and the client was told.
 */
export class Call implements ParkedCall {
  readonly #parts: CallParts;
  readonly #repeatable: boolean;
  readonly #message: RequestMessage;
  readonly #number: number;
  readonly #abort = new AbortController();
  readonly #questions = new Map<string, Question>();
  #asked = 0;
  /** Who is told now; undefined while the call is parked. */
  #down: Down | undefined;
  #told = Promise.withResolvers<void>();
  /** What its client can do, as it said last. */
  #capabilities: Readonly<Record<string, unknown>>;
  #gathering: NodeJS.Timeout | undefined;
  #sent = false;
  /** After it was sent: what the workspace asks for it must not be taken for another call's. */
  #isCancelled = false;
  #outcome: Outcome | undefined;
  /** What the client would have had to be able to do, for a question that was refused. */
  #lacked: object | undefined;

  constructor(first: Down, parts: CallParts) {
    this.#parts = parts;
    this.#message = first.message;
    this.#capabilities = first.envelope.capabilities;
    this.#repeatable = first.request.repeatable;
    this.#number = parts.seat.nextNumber();
  }

  /** It may be asked questions. */
  get asks(): boolean {
    return ASKING.has(this.#message.method);
  }

  get isParked(): boolean {
    return this.#down === undefined && this.#outcome === undefined;
  }

  /** The workspace has it; it does not wait for its turn. */
  get isSent(): boolean {
    return this.#sent;
  }

  /** Its number in the workspace session: its id there, and its progress token. */
  get number(): number {
    return this.#number;
  }

  /** The least important log messages its client wants now. */
  get logLevel(): number | undefined {
    return this.#down?.envelope.logLevel;
  }

  /** Sends the request; resolves when `down` has its answer, be it a question. */
  async start(down: Down): Promise<void> {
    await this.#serve(down, async () => {
      const { seat } = this.#parts;
      seat.began(this);
      try {
        if (this.asks) await seat.floor.take(this, this.#abort.signal);
        this.#abort.signal.throwIfAborted();
      } catch (error) {
        seat.ended(this);
        throw error;
      }
      void this.#run();
    });
  }

  /** Gives the client's answers to the workspace, and goes on. */
  async resume(down: Down): Promise<void> {
    await this.#serve(down, async () => {
      const { seat } = this.#parts;
      if (this.#outcome) return this.#finish(down, this.#outcome);
      await seat.floor.take(this, this.#abort.signal);
      // The workspace may have gone on without the answers while this waited for its turn.
      if (this.#outcome) return seat.floor.give(this);
      for (const question of [...this.#questions.values()]) this.#takeAnswer(question, down.message);
      if (this.#questions.size > 0) this.#gather();
    });
  }

  /** What the client did not answer is asked again under the same key. */
  #takeAnswer({ key, id, message }: Question, from: RequestMessage): void {
    const { seat } = this.#parts;
    const answer = answerUnder(from, key);
    if (answer !== undefined) seat.reply(Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${answer}}`));
    else if (lackedFor(message, this.#capabilities)) seat.reply(errorOf(id, METHOD_NOT_FOUND, NOT_NOW));
    else return;
    this.#questions.delete(key);
  }

  async #serve(down: Down, go: () => Promise<void>): Promise<void> {
    this.#down = down;
    this.#capabilities = down.envelope.capabilities;
    this.#told = Promise.withResolvers<void>();
    const { promise } = this.#told;
    const onAbort = (): void => {
      // A request that has its answer may end as it likes; the call goes on without it.
      if (this.#down === down) this.cancel(down.signal.reason);
    };
    down.signal.addEventListener('abort', onAbort);
    try {
      if (down.signal.aborted) onAbort();
      else go().catch((error: unknown) => this.cancel(error));
      await promise;
    } finally {
      down.signal.removeEventListener('abort', onAbort);
    }
  }

  async #run(): Promise<void> {
    const { seat } = this.#parts;
    try {
      if (this.logLevel !== undefined) await seat.raiseLogLevel(this.#abort.signal);
      await this.#carry();
      await this.#end({ error: this.#trouble('bad-answer', 'The workspace ended without an answer.') });
    } catch (error) {
      await this.#end({ error });
    } finally {
      if (!this.#isCancelled) seat.floor.give(this);
      seat.ended(this);
    }
  }

  async #carry(): Promise<void> {
    const { up } = this.#parts.seat;
    const { signal } = this.#abort;
    const id = String(this.#number);
    const onMessage = (heard: UpMessage): Promise<void> => this.#hear(heard);
    const bytes = bareRequest(this.#message, id);
    const { method } = this.#message;
    this.#sent = true;
    let end = await up.request({ bytes, id, method, repeatable: this.#repeatable, signal, onMessage });
    while (end.kind === 'resumable' && !this.#outcome) {
      await pause(end.retryMs, signal);
      end = await up.resume(end.lastEventId, id, onMessage, signal);
    }
  }

  async #hear({ message }: UpMessage): Promise<void> {
    this.#abort.signal.throwIfAborted();
    const { seat } = this.#parts;
    if (message?.kind === 'response') return this.#end({ answer: message });
    if (message?.kind === 'request') return seat.take(message, this);
    if (message?.kind === 'notification') return seat.notice(message, this);
  }

  /** A question of the workspace that belongs to this call. */
  ask(message: RequestMessage): void {
    const lacked = lackedFor(message, this.#capabilities);
    const isFull = this.#questions.size >= MOST_QUESTIONS;
    if (lacked || isFull || !this.asks || this.#outcome) {
      if (lacked && Object.keys(lacked).length > 0) this.#lacked = lacked;
      const because = isFull ? 'Too many questions are open.' : NOT_NOW;
      this.#parts.seat.reply(errorOf(message.id, METHOD_NOT_FOUND, because));
      return;
    }
    this.#asked += 1;
    const key = `question-${this.#asked}`;
    this.#questions.set(key, { key, id: message.id, message });
    if (this.#down) this.#gather();
  }

  /** The workspace takes back the question with this raw id; false when it is none of this call's. */
  withdraw(id: string): boolean {
    for (const [key, question] of this.#questions) {
      if (idKey(question.id) === idKey(id)) return this.#questions.delete(key);
    }
    return false;
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      void this.#askDown();
    }, GATHER_MS);
  }

  async #askDown(): Promise<void> {
    const down = this.#down;
    if (!down || this.#outcome || this.#questions.size === 0) return;
    const { seat, parked } = this.#parts;
    const asked: Record<string, string> = {};
    for (const { key, message } of this.#questions.values()) asked[key] = inputRequest(message);
    const told = this.#told;
    const state = parked.park(this.#message, this);
    this.#detach();
    try {
      await down.result(inputRequired(asked, state, seat.serverInfo));
      told.resolve();
    } catch (error) {
      parked.drop(state);
      this.cancel(error);
      told.reject(error);
    }
  }

  #detach(): void {
    this.#down = undefined;
    this.#parts.seat.floor.give(this);
  }

  async #end(outcome: Outcome): Promise<void> {
    if (this.#outcome) return;
    this.#outcome = outcome;
    clearTimeout(this.#gathering);
    this.#questions.clear();
    if (this.#down) await this.#finish(this.#down, outcome);
  }

  async #finish(down: Down, outcome: Outcome): Promise<void> {
    const told = this.#told;
    try {
      if ('error' in outcome) throw outcome.error;
      await this.#answer(down, outcome.answer);
      told.resolve();
    } catch (error) {
      told.reject(error);
    }
  }

  async #answer(down: Down, answer: ResponseMessage): Promise<void> {
    const { seat, parked, again } = this.#parts;
    const { message } = down;
    if (!answer.error && message.method === 'tools/list') seat.headerCheck.learn(answer);
    const links = this.asks ? linksIn(answer) : undefined;
    const lacked = this.#lackedIn(answer, links !== undefined);
    if (lacked) {
      const { text, status } = lacking(lacked, message);
      return down.answer(text, status);
    }
    if (links) return new LinkRound({ links, parked, serverInfo: seat.serverInfo, again }).ask(down);
    if (!answer.error) return down.answer(completed(answer, message, seat.serverInfo));
    const { text, status } = failed(answer, message);
    await down.answer(text, status);
  }

  #lackedIn(answer: ResponseMessage, isLinks: boolean): object | undefined {
    if (!this.asks) return undefined;
    if (isLinks) {
      return lackedFor({ method: 'elicitation/create', params: { mode: 'url' } }, this.#capabilities);
    }
    return (answer.error && this.#lacked) ?? lackedIn(answer, this.#capabilities);
  }

  /** `notifications/progress` with this call's token; with nobody there to be told it is dropped. */
  async progress(message: NotificationMessage): Promise<void> {
    const down = this.#down;
    const span = locate(message.text, ['params', 'progressToken']);
    if (!down || down.token === undefined || !span) return;
    await down.event(replaceSpans(message.text, [{ ...span, by: down.token }]));
  }

  async log(message: NotificationMessage): Promise<void> {
    if (this.logLevel === undefined || levelOf(message.params) < this.logLevel) return;
    await this.#down?.event(message.text);
  }

  /** Anything else on this call's stream. */
  async pass(message: NotificationMessage): Promise<void> {
    await this.#down?.event(message.text);
  }

  /** The workspace forgot the session, and with it every question it asked. */
  lost(): void {
    if (this.#questions.size === 0) return;
    const because =
      'The workspace ended its session while it waited for an answer, so the call cannot go on. It may have been carried out in part. Make the call again if it is needed.';
    this.cancel(this.#trouble('outcome-unknown', because));
    // A new session knows nothing of it.
    this.#parts.seat.floor.give(this);
  }

  giveUp(): void {
    this.cancel(this.#trouble('timeout', 'The question of the workspace was not answered in time.'));
  }

  #trouble(code: ErrorCode, message: string): BridgeError {
    return troubleOf(this.#parts.seat.up.workspace.account, code, message, { mayHaveRun: true });
  }

  /** Nobody wants the answer any more: the workspace is told, and whoever waits gets `error`. */
  cancel(error: unknown): void {
    if (this.#outcome) return;
    this.#outcome = { error };
    this.#down = undefined;
    clearTimeout(this.#gathering);
    const { seat } = this.#parts;
    for (const { id } of this.#questions.values()) {
      seat.reply(errorOf(id, METHOD_NOT_FOUND, 'The client answers no more.'));
    }
    this.#questions.clear();
    this.#told.reject(error);
    if (!this.#sent) {
      seat.floor.give(this);
      this.#abort.abort(error);
      return;
    }
    this.#isCancelled = true;
    seat.floor.keep(this);
    const end = (): void => {
      this.#abort.abort(error);
      seat.floor.giveLate(this);
    };
    const requestId = this.#number;
    setTimeout(end, CANCEL_MS).unref();
    void seat.up.reply(notificationOf('notifications/cancelled', { requestId })).then(end);
  }
}
