import { randomBytes } from 'node:crypto';
import { canonical } from '../../jsonrpc/canonical.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import type { Down } from './down.ts';

/** How long a person may take to answer. */
const PARKED_MS = 10 * 60_000;
/** So many may wait for their clients; beyond it the oldest is given up. */
const MOST_PARKED = 64;

/** A call that waits for its client to come back with answers. */
export interface ParkedCall {
  /** The client came back; resolves when this request has its answer. */
  resume(down: Down): Promise<void>;
  /** It came too late, or never. */
  giveUp(): void;
}

interface Place {
  readonly call: ParkedCall;
  readonly binding: string;
  readonly timer: NodeJS.Timeout;
}

/**
 * Calls whose questions are with the client. A `requestState` is the random name of one round of one call: it counts
 * once, for the same call said again (MCP 2026-07-28, multi round-trip requests).
 */
export class ParkedCalls {
  readonly #places = new Map<string, Place>();

  get size(): number {
    return this.#places.size;
  }

  /** Keeps a call and names the state that its client must come back with. */
  park(message: RequestMessage, call: ParkedCall): string {
    const state = randomBytes(24).toString('base64url');
    const timer = setTimeout(() => this.#giveUp(state), PARKED_MS).unref();
    this.#places.set(state, { call, binding: bindingOf(message), timer });
    const [oldest] = this.#places.keys();
    if (oldest !== undefined && this.#places.size > MOST_PARKED) this.#giveUp(oldest);
    return state;
  }

  /** The call that this request goes on with; undefined when nobody waits for it, or for another call. */
  take(message: RequestMessage): ParkedCall | undefined {
    const state = message.params.requestState;
    const place = typeof state === 'string' ? this.#places.get(state) : undefined;
    if (typeof state !== 'string' || place?.binding !== bindingOf(message)) return undefined;
    this.#remove(state, place);
    return place.call;
  }

  /** The client never learnt of the state. */
  drop(state: string): void {
    const place = this.#places.get(state);
    if (place) this.#remove(state, place);
  }

  #giveUp(state: string): void {
    const place = this.#places.get(state);
    if (!place) return;
    this.#remove(state, place);
    place.call.giveUp();
  }

  #remove(state: string, place: Place): void {
    clearTimeout(place.timer);
    this.#places.delete(state);
  }

  close(): void {
    for (const state of [...this.#places.keys()]) this.#giveUp(state);
  }
}

/** What a client must say again, unchanged, when it comes back. */
function bindingOf({ method, params }: RequestMessage): string {
  const { _meta, inputResponses, requestState, ...said } = params;
  return canonical([method, said]);
}
