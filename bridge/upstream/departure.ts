import type { Dispatcher } from 'undici';
import { limits } from '../base/limits.ts';
import { TooManyInterim } from './network-trouble.ts';

type Inner = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

/**
 * Watches one request on its way: whether any of it may have left this computer, which an error alone does not tell
 * (a reset can come from the handshake or from the workspace). Also ends an endless row of interim responses.
 */
export class Departure {
  hasLeft = false;
  readonly #left: () => void;

  /** @param left told when it may have left. */
  constructor(left: () => void = () => undefined) {
    this.#left = left;
  }

  /** Put between the caller and the connections with `Dispatcher.compose`. */
  readonly watch: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
    dispatch(options, this.#around(handler));

  #around(inner: Inner): Inner {
    let interim = 0;
    return {
      onRequestStart: (controller, context) => {
        this.hasLeft = true;
        this.#left();
        inner.onRequestStart?.(controller, context);
      },
      onResponseStart: (controller: Controller, status, headers, text) => {
        if (status < 200) {
          interim += 1;
          if (interim > limits.interimResponses) controller.abort(new TooManyInterim());
        } else inner.onResponseStart?.(controller, status, headers, text);
      },
      onResponseData: (controller, chunk) => inner.onResponseData?.(controller, chunk),
      onResponseEnd: (controller, trailers) => inner.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => inner.onResponseError?.(controller, error),
    };
  }
}
