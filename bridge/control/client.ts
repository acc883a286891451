import {
  AsyncIteratorClass,
  type ClientLink,
  type ClientOptions,
  createORPCClient,
  ORPCError,
} from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { control } from '../contract/control.ts';
import { BridgeError } from '../contract/errors.ts';
import type { ControlPort } from '../socket/control-port.ts';
import { controlTrouble } from './errors.ts';
import { isIterator } from './outward.ts';
import { Wire } from './wire.ts';

/** Calls the contract's procedures. They throw BridgeError, or the signal's reason when the caller gave up. */
export type ControlClient = ContractRouterClient<typeof control>;

export type CallOptions = ClientOptions<Record<never, never>>;

/** One way to an owner. */
export interface ControlLink extends ClientLink<Record<never, never>>, Disposable {}

/** The contract's procedures over one link. */
export function clientOver(link: Pick<ControlLink, 'call'>): ControlClient {
  return createORPCClient(link);
}

/** One procedure of the contract, whatever it takes. */
export type Procedure = (input: unknown, options: CallOptions) => Promise<unknown>;

/** The procedure at a path, for callers that pass on what they do not look at. */
export function procedureOf(client: ControlClient, path: readonly string[]): Procedure {
  return path.reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], client) as Procedure;
}

/**
 * The way to an owner over a local socket. A call that it never took fails with `stopping`; a call that was lost with
 * the connection fails with `stopping` and `mayHaveRun`. Streams end when the caller's signal aborts.
 */
export function linkOver(port: ControlPort): ControlLink {
  const wire = new Wire(port, () => true);
  void wire.parted.then(() => wire.sayFarewell());
  const link = new RPCLink<Record<never, never>>({ port: wire });
  const failed = (error: unknown): BridgeError =>
    error instanceof ORPCError || !wire.hasParted ? controlTrouble(error) : lost();
  return {
    call: async (path, input, options) => {
      options.signal?.throwIfAborted();
      if (wire.hasParted) throw notTaken();
      try {
        const output = await link.call(path, input, options);
        return isIterator(output) ? untilAborted(output, options.signal, failed) : output;
      } catch (error) {
        options.signal?.throwIfAborted();
        throw failed(error);
      }
    },
    [Symbol.dispose]: () => wire.close(),
  };
}

function notTaken(): BridgeError {
  return new BridgeError(
    'stopping',
    'Gangway has stopped, so nothing was done. Start it again, then try again.',
  );
}

function lost(): BridgeError {
  return new BridgeError(
    'stopping',
    'Gangway stopped before it answered. Look whether it was done, then try again.',
    { mayHaveRun: true },
  );
}

/** The caller's own abort is the end of a stream, not a failure. */
function untilAborted(
  stream: AsyncIterator<unknown>,
  signal: AbortSignal | undefined,
  failed: (error: unknown) => BridgeError,
): AsyncIterator<unknown> {
  return new AsyncIteratorClass(
    async () => {
      try {
        return await stream.next();
      } catch (error) {
        if (signal?.aborted) return { done: true, value: undefined };
        throw failed(error);
      }
    },
    async (reason) => {
      if (reason !== 'next') await stream.return?.();
    },
  );
}
