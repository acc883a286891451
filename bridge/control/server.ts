import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { createRouterClient } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { BridgeError } from '../contract/errors.ts';
import type { ControlPort } from '../socket/control-port.ts';
import type { ControlClient } from './client.ts';
import { isEndless } from './endless.ts';
import { controlTrouble, toWire } from './errors.ts';
import { controlRouter, type HandlerParts } from './handlers.ts';
import { isIterator, outward } from './outward.ts';
import { isPeerMessage } from './peer-message.ts';
import { anyOf } from './signals.ts';
import { Wire } from './wire.ts';

interface Call {
  readonly path: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * The contract, served in this process and to whoever connects to the local socket.
 *
 * Disposing takes no new call, ends the streams, lets running calls finish for `limits.shutdownMs`, and parts from
 * every guest so that no call is lost unanswered. It must therefore happen before the local socket is closed.
 */
export class ControlServer implements AsyncDisposable {
  /** For callers in this process. */
  readonly client: ControlClient;
  readonly #log: Log;
  readonly #handler: RPCHandler<Record<never, never>>;
  readonly #guests = new Set<Wire>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #stopping = new AbortController();

  constructor(parts: HandlerParts, log: Log) {
    this.#log = log;
    const router = controlRouter(parts);
    const inside = <T extends Call>(call: T & { next(call?: T): Promise<unknown> }): Promise<unknown> =>
      this.#run(call, controlTrouble);
    const outside = <T extends Call>(call: T & { next(call?: T): Promise<unknown> }): Promise<unknown> =>
      this.#run(call, toWire);
    this.client = createRouterClient(router, { interceptors: [inside] });
    this.#handler = new RPCHandler(router, { clientInterceptors: [outside] });
  }

  /** Serves the contract to a connection that has proved to be the same person's. */
  attach(port: ControlPort): void {
    const wire = new Wire(port, isPeerMessage);
    this.#guests.add(wire);
    void wire.closed.then(() => this.#guests.delete(wire));
    this.#handler.upgrade(wire);
    if (this.#stopping.signal.aborted) void part(wire);
  }

  async #run<T extends Call>(
    call: T & { next(call?: T): Promise<unknown> },
    translate: (error: unknown) => Error,
  ): Promise<unknown> {
    const failed = (error: unknown): Error => {
      const { code } = controlTrouble(error);
      if (code === 'internal') this.#log.error('control.fault', error, { procedure: call.path.join('.') });
      return translate(error);
    };
    const stopping = this.#stopping.signal;
    if (stopping.aborted) throw translate(stopping.reason);
    const endless = isEndless(call.path);
    const running = call.next({ ...call, signal: endless ? anyOf(call.signal, stopping) : call.signal });
    this.#running.add(running);
    try {
      const output = await outward(() => running, failed);
      return isIterator(output) && !endless ? this.#finishing(output) : output;
    } finally {
      this.#running.delete(running);
    }
  }

  /** A stream with an end of its own, which is waited for like any other call. */
  async *#finishing(stream: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.add(promise);
    try {
      yield* stream;
    } finally {
      this.#running.delete(promise);
      resolve();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new BridgeError('stopping', 'Gangway is stopping. Start it again, then try again.'));
    const late = new AbortController();
    await Promise.race([
      this.#finished(),
      delay(limits.shutdownMs, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    await Promise.all([...this.#guests].map(part));
  }

  async #finished(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}

/** What a guest said before it replied is answered by now; what it says after it was never sent. */
async function part(guest: Wire): Promise<void> {
  const late = new AbortController();
  guest.sayFarewell();
  await Promise.race([
    guest.parted,
    delay(limits.lingerMs, undefined, { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
  // Refusals of its last calls need a turn to be written.
  await turn();
  guest.close();
}
