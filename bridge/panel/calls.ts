import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AnyRouter, ORPCError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/node';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { BridgeError } from '../contract/errors.ts';
import { isEndless } from '../control/endless.ts';
import { controlTrouble, toWire } from '../control/errors.ts';
import { outward } from '../control/outward.ts';
import { readCall } from './call-body.ts';
import { CALL_PREFIX } from './guard.ts';
import { cutOff, sendFailure } from './replies.ts';
import type { Session } from './sessions.ts';

interface Context {
  readonly session: Session;
  readonly response: ServerResponse;
}

interface Call {
  readonly context: Context;
  readonly path: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Answers the calls of browsers that were let in. Streams without an end end with their session. */
export class Calls {
  readonly #handler: RPCHandler<Context>;
  readonly #log: Log;

  /** @param router what is served below the call prefix: `{ control }`. */
  constructor(router: AnyRouter, log: Log) {
    this.#log = log;
    this.#handler = new RPCHandler<Context>(router, {
      interceptors: [(asked) => readable(() => asked.next())],
      clientInterceptors: [
        (call) =>
          outward(
            () => run(call),
            (error) => this.#failed(error, call),
          ),
      ],
      eventIteratorKeepAliveInterval: limits.eventKeepAliveMs,
    });
  }

  /** Reads the body and answers, streams included. Rejects only for faults of our own. */
  async take(request: IncomingMessage, response: ServerResponse, session: Session): Promise<void> {
    const call = await readCall(request);
    if (call.kind === 'gone') return;
    if (call.kind === 'refused') {
      sendFailure(response, call.error, call.status, { Connection: 'close' });
      cutOff(request);
      return;
    }
    // oRPC's adapter takes a body that was read already.
    const asked = Object.assign(request, { body: call.body });
    const { matched } = await this.#handler.handle(asked, response, {
      prefix: CALL_PREFIX,
      context: { session, response },
    });
    if (!matched) sendFailure(response, toWire(new ORPCError('NOT_FOUND')), 404);
  }

  #failed(error: unknown, { path, signal }: Call): Error {
    const trouble = controlTrouble(error);
    // Who has left hears no failure, and giving up is none.
    if (trouble.code === 'internal' && !signal?.aborted) {
      this.#log.error('panel.fault', error, { procedure: path.join('.') });
    }
    return toWire(trouble);
  }
}

/** What is wrong before a procedure is called can only be the request itself. */
async function readable<T>(next: () => Promise<T>): Promise<T> {
  try {
    return await next();
  } catch (error) {
    if (error instanceof ORPCError) throw error;
    const { code, message } = controlTrouble(new ORPCError('BAD_REQUEST'));
    throw new ORPCError(code, { status: 400, message, data: {} });
  }
}

async function run<T extends Call>(call: T & { next(call?: T): Promise<unknown> }): Promise<unknown> {
  const { session, response } = call.context;
  const [, ...path] = call.path;
  if (!isEndless(path)) return call.next();
  if (session.streams >= limits.panelStreams) {
    throw new BridgeError(
      'wait',
      'The panel is open in too many tabs of this browser. Close one; this tab goes on by itself then.',
    );
  }
  if (response.closed) throw new BridgeError('stopping', 'The browser has left, so nothing was begun.');
  session.streams += 1;
  response.once('close', () => {
    session.streams -= 1;
  });
  const signals = [session.signal, call.signal].filter((signal) => signal !== undefined);
  return call.next({ ...call, signal: AbortSignal.any(signals) });
}
