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
  open(route: Bound): Promise<ModernUp>;
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
  readonly #turns = new Turns();
  readonly #questions = new OpenQuestions();

  constructor(parts: UpwardParts) {
    this.#parts = parts;
  }

  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  has(key: string): boolean {
    for (const call of this.#running) if (call.key === key) return true;
    return false;
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
    const granted = await this.#turns.take();
    try {
      if (!granted) throw new BridgeError('wait', 'Too many requests wait already. Try again shortly.');
      await this.#carry(call, destination, reply);
    } catch (error) {
      await this.#answerInstead(call, error, reply);
    } finally {
      if (granted) this.#turns.give();
      this.#running.delete(call);
    }
  }

  async #carry(call: ModernCall, { route, message, asker }: Found, reply: Reply): Promise<void> {
    const { relay } = this.#parts;
    if (call.isOver) return call.skip();
    if (route.kind === 'unbound') throw route.error;
    const refusal = relay.gate(message, route.workspace.account);
    if (refusal) throw refusal;
    const isDone = await this.#attempt(call, route, message, reply);
    // Nothing was carried out, so what speaks another era by now is asked in that one.
    if (!isDone) await this.#attempt(call, route, message, reply, true);
    if (asker !== undefined) this.#questions.answered(call.message, asker);
  }

  /** False when the workspace turned out to speak another era. */
  async #attempt(
    call: ModernCall,
    route: Bound,
    message: RequestMessage,
    reply: Reply,
    isLast = false,
  ): Promise<boolean> {
    const { relay } = this.#parts;
    const up = await this.#parts.open(route);
    try {
      // The person may have paused everything, or changed the rules, while the workspace was found.
      const late = relay.gate(message, route.workspace.account);
      if (late) throw late;
      if (isProbe(call) && up.channel.era === 'legacy' && this.#steers()) {
        this.#parts.spare(up);
        await steer(call, reply);
      } else await call.run(up, message);
      return true;
    } catch (error) {
      if (!(error instanceof EraChanged)) throw error;
      this.#parts.discard(up);
      if (isLast) throw error;
      return false;
    } finally {
      this.#parts.release(up);
    }
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
