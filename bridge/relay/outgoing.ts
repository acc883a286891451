import { limits } from '../base/limits.ts';
import type { Account } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from '../jsonrpc/message.ts';
import { INVALID_REQUEST, idKey } from '../jsonrpc/read.ts';
import { locate } from '../jsonrpc/text.ts';
import { errorOf, resultOf } from '../jsonrpc/write.ts';
import type { Outlet, Reply } from './channel.ts';
import { cleaned } from './cleaned.ts';
import { Exchange } from './exchange.ts';
import { EMPTY_LISTS, type Greeting } from './greeting.ts';
import type { Incoming } from './incoming.ts';
import type { Memory } from './memory.ts';
import type { RelayParts, Route } from './parts.ts';
import { resumeStream } from './resume.ts';
import { shownTools } from './tool-list.ts';
import { Turns } from './turns.ts';
import type { UpSession } from './up-session.ts';

export interface OutgoingParts {
  readonly relay: RelayParts;
  readonly incoming: Incoming;
  readonly memory: Memory;
  /** The workspace session for a request, held until `release`. */
  open(route: Extract<Route, { kind: 'bound' }>, greeting: Greeting): Promise<UpSession>;
  release(up: UpSession): void;
}

/** The client's requests on their way up: where each goes is decided when it starts, and it never moves. */
export class Outgoing {
  readonly #parts: OutgoingParts;
  readonly #exchanges = new Map<string, Exchange>();
  /** When requests that wait for their client to come back are given up. */
  readonly #parked = new Map<Exchange, NodeJS.Timeout>();
  /** Streams that are being continued, by where they go. */
  readonly #resuming = new Map<Outlet, { readonly up: UpSession; readonly stop: AbortController }>();
  readonly #turns = new Turns();

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
  }

  get isBusy(): boolean {
    return this.#exchanges.size > 0 || this.#resuming.size > 0;
  }

  /** Forwards one request; resolves when its reply has ended. */
  async forward(message: RequestMessage, reply: Reply, greeting: Greeting): Promise<void> {
    const { relay, incoming } = this.#parts;
    const key = idKey(message.id);
    if (this.#exchanges.has(key)) {
      await reply.answer(errorOf(message.id, INVALID_REQUEST, 'This id is already in use.'));
      return;
    }
    const route = relay.route();
    const account = route.kind === 'bound' ? route.workspace.account : null;
    const exchange = new Exchange({
      message,
      reply,
      account,
      translate: (heard, up) => incoming.translate(heard, up),
      rewrite: (answer, up) => this.#rewrite(message, answer, up, account ?? up.workspace.account),
      record: (call) => relay.record(call),
      onFault: (error) => relay.log.error('request failed', error, { account: account?.id }),
    });
    this.#exchanges.set(key, exchange);
    const granted = await this.#turns.take();
    try {
      if (granted) await this.#carry(exchange, route, reply, greeting);
      else
        await exchange.answerTrouble(
          new BridgeError('wait', 'Too many requests wait already. Try again shortly.'),
        );
    } finally {
      if (granted) this.#turns.give();
      if (exchange.parked) this.#park(exchange);
      else this.#release(exchange);
    }
  }

  async #carry(exchange: Exchange, route: Route, reply: Reply, greeting: Greeting): Promise<void> {
    if (exchange.isOver) return exchange.skip();
    const { message } = exchange;
    const empty = EMPTY_LISTS[message.method];
    if (route.kind === 'unbound') {
      // Without an account lists are empty, never somebody else's; calls say what is missing.
      if (empty && route.error.code === 'no-account') await reply.answer(resultOf(message.id, empty.result));
      else await exchange.answerTrouble(route.error);
      return;
    }
    const refusal = this.#parts.relay.gate(message, route.workspace.account);
    if (refusal) return exchange.answerTrouble(refusal);
    let up: UpSession;
    try {
      up = await this.#parts.open(route, greeting);
    } catch (error) {
      return exchange.answerTrouble(error);
    }
    // The person may have paused everything, or changed the rules, while the workspace was shaking hands.
    const late = this.#parts.relay.gate(message, route.workspace.account);
    if (late) {
      this.#parts.release(up);
      return exchange.answerTrouble(late);
    }
    if (empty && this.#parts.relay.follows && !up.offers(empty.group)) {
      this.#parts.release(up);
      await reply.answer(resultOf(message.id, empty.result));
      return;
    }
    await exchange.run(up);
  }

  /** Once per exchange, however it ends. */
  #release(exchange: Exchange): void {
    if (this.#exchanges.get(exchange.key) !== exchange) return;
    this.#exchanges.delete(exchange.key);
    clearTimeout(this.#parked.get(exchange));
    this.#parked.delete(exchange);
    if (exchange.up) this.#parts.release(exchange.up);
  }

  /** A client that never comes back must not hold its workspace session and its id for ever. */
  #park(exchange: Exchange): void {
    clearTimeout(this.#parked.get(exchange));
    const late = (): void => {
      const isHeard = [...this.#resuming.values()].some(({ up }) => up === exchange.up);
      if (isHeard) this.#park(exchange);
      else this.#abandon(exchange);
    };
    this.#parked.set(exchange, setTimeout(late, limits.drainMs).unref());
  }

  #abandon(exchange: Exchange): void {
    exchange.abandon();
    this.#release(exchange);
  }

  /** @param account as it was when the request started; its rules may be younger than the workspace session. */
  #rewrite(
    request: RequestMessage,
    answer: ResponseMessage,
    up: UpSession,
    account: Account,
  ): { text: string; bytes: Uint8Array } {
    const { relay, memory } = this.#parts;
    let text = answer.text;
    if (request.method === 'tools/list' && !answer.error) text = shownTools(answer, account, relay);
    if (!answer.error) memory.learn(request);
    const shown = text === answer.text ? answer : { text, bytes: Buffer.from(text) };
    return cleaned(shown, up.workspace);
  }

  /** `notifications/cancelled` of the client: goes to the workspace that holds the request; unknown ids are ignored. */
  async cancel(notification: NotificationMessage): Promise<void> {
    const span = locate(notification.text, ['params', 'requestId']);
    if (!span) return;
    const exchange = this.#exchanges.get(idKey(notification.text.slice(span.start, span.end)));
    if (!exchange) return;
    const wasParked = exchange.parked;
    await exchange.cancel(notification);
    if (wasParked) this.#release(exchange);
  }

  /** Continues a broken stream of `up` for a client that came back. */
  async resume(up: UpSession, lastEventId: string, outlet: Outlet): Promise<void> {
    const { relay, incoming } = this.#parts;
    const stop = new AbortController();
    this.#resuming.set(outlet, { up, stop });
    // One that runs is released by whoever runs it.
    const onAnswered = (exchange: Exchange): void => {
      if (this.#parked.has(exchange)) this.#release(exchange);
    };
    try {
      const exchanges = this.#exchanges;
      await resumeStream({ up, lastEventId, outlet, exchanges, onAnswered, incoming, stop });
    } catch (error) {
      relay.log.error('stream not continued', error, { account: up.workspace.account.id });
    } finally {
      this.#resuming.delete(outlet);
    }
  }

  /** The client hung up on a stream that was being continued; what it has not heard stays in the workspace. */
  detach(outlet: Outlet): void {
    this.#resuming.get(outlet)?.stop.abort();
  }

  /** Ends whatever still runs, or what runs on `up`; each request is answered with the reason. */
  giveUp(reason: string, up?: UpSession): void {
    for (const exchange of [...this.#exchanges.values()]) {
      if (up && exchange.up !== up) continue;
      exchange.giveUp(new BridgeError('stopping', reason, { mayHaveRun: exchange.up !== undefined }));
      if (exchange.parked) this.#abandon(exchange);
    }
    for (const resumed of this.#resuming.values()) if (!up || resumed.up === up) resumed.stop.abort();
  }
}
