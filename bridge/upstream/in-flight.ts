import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { limits } from '../base/limits.ts';
import { TooManyInterim } from './network-trouble.ts';
import { ResponseBody } from './response-body.ts';

type Controller = Dispatcher.DispatchController;

/** The beginning of a response; its body may still be on its way. */
export interface Head {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: IncomingHttpHeaders;
  readonly body: ResponseBody;
}

/**
 * One request in flight. Knows whether any of it may have left this computer, which an error alone does not tell (a
 * reset can come from the handshake or from the workspace). Also ends an endless row of interim responses, and the
 * request itself when its signal aborts.
 */
export class InFlight implements Dispatcher.DispatchHandler {
  hasLeft = false;
  readonly #signal: AbortSignal;
  readonly #left: () => void;
  readonly #head = Promise.withResolvers<Head>();
  #controller: Controller | undefined;
  #body: ResponseBody | undefined;
  #interim = 0;

  /** @param left told when it may have left. */
  constructor(signal: AbortSignal, left: () => void) {
    this.#signal = signal;
    this.#left = left;
  }

  /** Sends it. @throws the error of the connection, or the signal's reason, when there is no response. */
  send(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions): Promise<Head> {
    this.#signal.throwIfAborted();
    this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    dispatcher.dispatch(options, this);
    return this.#head.promise;
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#signal;
    const error =
      reason instanceof Error ? reason : new Error('The request was given up.', { cause: reason });
    // Nobody wants what has come already either.
    this.#body?.destroy(error);
    // Waiting for a connection it has no controller, and is given up as soon as it gets one.
    this.#controller?.abort(error);
    this.#fail(error);
  };

  #fail(error: Error): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (this.#body) this.#body.end(error);
    else this.#head.reject(error);
  }

  onRequestStart(controller: Controller): void {
    if (this.#signal.aborted) {
      controller.abort(new Error('The request was given up.'));
      return;
    }
    this.#controller = controller;
    this.hasLeft = true;
    this.#left();
  }

  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) {
      this.#interim += 1;
      if (this.#interim > limits.interimResponses) controller.abort(new TooManyInterim());
      return;
    }
    this.#body = new ResponseBody(controller);
    this.#head.resolve({ status, headers, body: this.#body });
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#body?.end();
  }

  onResponseError(_: Controller, error: Error): void {
    this.#fail(error);
  }
}
