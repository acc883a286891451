import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { BridgeError } from '../contract/errors.ts';
import { toWire } from './errors.ts';
import { outward } from './outward.ts';
import { isPeerMessage } from './peer-message.ts';

/** A way for texts to and from one guest, such as a window. */
export interface TextPort {
  postMessage(text: string): void;
  onMessage(listener: (text: string) => void): Disposable;
  /** Resolves when the guest is gone. */
  readonly closed: Promise<void>;
}

export interface ServeTextOptions {
  /** Longest text of the guest. */
  readonly limitBytes: number;
  /** Told of every text that did not reach the router. */
  readonly refused?: (why: 'too-large' | 'malformed') => void;
}

/**
 * Serves a router to one guest whose texts are oRPC's peer messages, until the guest is gone or this is disposed; calls
 * that run then are given up. Texts that no guest of ours sends are dropped. A call that is too long is answered with
 * `too-large`, so that nobody waits for it.
 */
export function serveText(router: AnyRouter, port: TextPort, options: ServeTextOptions): Disposable {
  const guest = new Guest(port, options);
  new RPCHandler(router, { clientInterceptors: [(call) => outward(() => call.next())] }).upgrade(guest);
  return guest;
}

type Listener = (event?: { data: string }) => void;

/** Our own guests put the id first, so the caller of a text that is too long is known without reading it. */
const CALLER = /^\{"i":"([\w-]{1,40})","p":/;

class Guest implements Disposable {
  readonly #port: TextPort;
  readonly #options: ServeTextOptions;
  readonly #listening = new DisposableStack();

  constructor(port: TextPort, options: ServeTextOptions) {
    this.#port = port;
    this.#options = options;
    void port.closed.then(() => this[Symbol.dispose]());
  }

  /** In the shape oRPC's adapter takes. */
  on(event: string, listener: Listener): void {
    if (event === 'close') this.#listening.defer(() => listener());
    if (event !== 'message') return;
    this.#listening.use(
      this.#port.onMessage((text) => {
        if (this.#admits(text)) listener({ data: text });
      }),
    );
  }

  postMessage(message: unknown): void {
    if (this.#listening.disposed || typeof message !== 'string') return;
    try {
      this.#port.postMessage(message);
    } catch {
      // A port may be gone before it says so.
      this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#listening.dispose();
  }

  #admits(text: string): boolean {
    const { limitBytes, refused } = this.#options;
    if (Buffer.byteLength(text) > limitBytes) {
      refused?.('too-large');
      const id = CALLER.exec(text)?.[1];
      if (id !== undefined) this.postMessage(tooLarge(id));
      return false;
    }
    if (isPeerMessage(text)) return true;
    refused?.('malformed');
    return false;
  }
}

/** The answer to a call, as oRPC's peer protocol has it. */
function tooLarge(id: string): string {
  const error = toWire(
    new BridgeError(
      'too-large',
      'What was entered is too long, so nothing was done. Shorten it and try again.',
    ),
  );
  return JSON.stringify({ i: id, p: { s: error.status, b: { json: error.toJSON() } } });
}
