import type { Account } from '../../contract/account.ts';
import { asBridgeError, BridgeError } from '../../contract/errors.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND } from '../../jsonrpc/read.ts';
import { errorOf } from '../../jsonrpc/write.ts';
import { EraChanged } from '../../upstream/modern/channel.ts';
import type { Reply } from '../channel.ts';
import type { RelayParts, Route } from '../parts.ts';
import { Turns } from '../turns.ts';
import { ModernCall, type ModernCallParts } from './call.ts';
import { type Destination, destinationOf } from './destination.ts';
import { OpenQuestions } from './open-questions.ts';
import { emptyList, ownDiscovery } from './own-results.ts';
import type { ModernUp } from './ups.ts';

type Bound = Extract<Route, { kind: 'bound' }>;
type Found = Extract<Destination, { kind: 'found' }>;

/** What everything that a client sends up needs. */
export interface UpwardParts {
  readonly relay: RelayParts;
  /** The way to the workspace of a request, held until `release`. */
  open(route: Bound): ModernUp | Promise<ModernUp>;
  release(up: ModernUp): void;
  /** The workspace speaks another era than this way. */
  discard(up: ModernUp): void;
  /** Its client will hardly come back for this way. */
  spare(up: ModernUp): void;
}

const STEERED = 'This account speaks MCP 2025-11-25 and older; start with initialize.';

/** The client's requests on their way up: where each goes is decided when it starts, and it never moves. */
export class ModernCalls {
  readonly #parts: UpwardParts;
  readonly #running = new Set<ModernCall>();
  /** How many of them have an id, by `idKey`: over HTTP there may be several. */
  readonly #ids = new Map<string, number>();
  readonly #turns = new Turns();
  readonly #questions = new OpenQuestions();

  constructor(parts: UpwardParts) {
    this.#parts = parts;
  }

  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  has(key: string): boolean {
    return this.#ids.has(key);
  }

  /** Carries one request; resolves when its reply has ended. */
  async forward(
    message: RequestMessage,
    reply: Reply,
    { program, paramHeaders }: Pick<ModernCallParts, 'program' | 'paramHeaders'>,
  ): Promise<void> {
    const { relay } = this.#parts;
    const destination = destinationOf(message, relay, this.#questions);
    const route = destination.kind === 'found' ? destination.route : undefined;
    const account = route?.kind === 'bound' ? route.workspace.account : null;
    const call = new ModernCall({
      message,
      reply,
      account,
      program,
      paramHeaders,
      relay,
      onAsked: (mark) => this.#questions.asked(message, mark),
    });
    if (destination.kind === 'lost') return call.refuse(INVALID_PARAMS, destination.because);
    this.#running.add(call);
    this.#ids.set(call.key, (this.#ids.get(call.key) ?? 0) + 1);
    const granted = await this.#turns.take();
    try {
      if (!granted) throw new BridgeError('wait', 'Too many requests wait already. Try again shortly.');
      await this.#carry(call, destination, reply);
    } catch (error) {
      await this.#answerInstead(call, error, reply);
    } finally {
      if (granted) this.#turns.give();
      this.#ended(call);
    }
  }

  #ended(call: ModernCall): void {
    this.#running.delete(call);
    const left = (this.#ids.get(call.key) ?? 0) - 1;
    if (left > 0) this.#ids.set(call.key, left);
    else this.#ids.delete(call.key);
  }

  async #carry(call: ModernCall, { route, message, asker }: Found, reply: Reply): Promise<void> {
    if (call.isOver) return call.skip();
    if (route.kind === 'unbound') throw route.error;
    const { account } = route.workspace;
    let isDone = false;
    for (let isLast = false; !isDone; isLast = true) {
      this.#pass(message, account);
      const opened = this.#parts.open(route);
      const up = opened instanceof Promise ? await opened : opened;
      try {
        // The person may have paused everything, or changed the rules, while the workspace was found.
        if (opened instanceof Promise) this.#pass(message, account);
        await this.#run(call, up, message, reply);
        isDone = true;
      } catch (error) {
        if (!(error instanceof EraChanged)) throw error;
        this.#parts.discard(up);
        // Nothing was carried out, so what speaks another era by now is asked in that one.
        if (isLast) throw error;
      } finally {
        this.#parts.release(up);
      }
    }
    if (asker !== undefined) this.#questions.answered(call.message, asker);
  }

  /** @throws BridgeError when the person's rules refuse it. */
  #pass(message: RequestMessage, account: Account): void {
    const refusal = this.#parts.relay.gate(message, account);
    if (refusal) throw refusal;
  }

  #run(call: ModernCall, up: ModernUp, message: RequestMessage, reply: Reply): Promise<void> {
    if (!isProbe(call) || up.channel.era === 'modern' || !this.#steers()) return call.run(up, message);
    this.#parts.spare(up);
    return steer(call, reply);
  }

  /** The answer to a request that no workspace answered. */
  async #answerInstead(call: ModernCall, error: unknown, reply: Reply): Promise<void> {
    const { relay } = this.#parts;
    if (call.isOver) return call.answerTrouble(error);
    // A client of both eras is welcomed without a workspace in the other one, and served as soon as there is one.
    if (isProbe(call)) {
      const known = asBridgeError(error);
      if (known.code === 'internal') relay.log.error('probe failed', error);
      const isKnownModern = call.up?.channel.era === 'modern';
      if (!isKnownModern && this.#steers()) return steer(call, reply);
      return call.answerResult(ownDiscovery(relay.bridgeVersion));
    }
    const empty = emptyList(call.message.method);
    // Without an account lists are empty, never somebody else's; calls say what is missing.
    const isUnbound = error instanceof BridgeError && error.code === 'no-account';
    if (empty !== undefined && isUnbound) return call.answerResult(empty);
    await call.answerTrouble(error);
  }

  #steers(): boolean {
    const { steering, steeringKey } = this.#parts.relay;
    return steering.steers(steeringKey, performance.now());
  }

  /** `notifications/cancelled`; false when no request here has that id. */
  cancel(key: string): boolean {
    const calls = [...this.#running].filter((call) => call.key === key);
    for (const call of calls) call.cancel();
    return calls.length > 0;
  }

  /** Ends whatever still runs, or what runs on `up`; each request is answered with the reason. */
  giveUp(reason: string, up?: ModernUp): void {
    for (const call of this.#running) if (!up || call.up === up) call.giveUp(reason);
  }
}

function isProbe(call: ModernCall): boolean {
  return call.message.method === 'server/discover';
}

/** A client of both eras takes this for "initialize, please" (MCP 2026-07-28, versioning). */
async function steer({ message }: ModernCall, reply: Reply): Promise<void> {
  await reply.answer(errorOf(message.id, METHOD_NOT_FOUND, STEERED), { status: 400 });
}
