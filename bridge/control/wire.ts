import type { ControlPort } from '../socket/control-port.ts';

type Listener = (event?: { data: string }) => void;

/** Said by the owner before it goes, and by its guest in reply. No message of oRPC looks like it. */
const FAREWELL = '"farewell"';

/**
 * A control connection as oRPC's message-port adapters use it, with a way to part without leaving anything open: the
 * owner says farewell once nothing runs, the guest replies and sends nothing more. So everything the guest sent before
 * has been answered, and what it would send after it can send to the next owner.
 */
export class Wire {
  /** Resolves when the other end said farewell, or is gone. */
  readonly parted: Promise<void>;
  readonly closed: Promise<void>;
  readonly #port: ControlPort;
  readonly #accepts: (text: string) => boolean;
  readonly #parted = Promise.withResolvers<void>();
  #hasParted = false;

  /** @param accepts says whether a message may reach oRPC, whose adapters fall over anything unexpected. */
  constructor(port: ControlPort, accepts: (text: string) => boolean) {
    this.#port = port;
    this.#accepts = accepts;
    this.closed = port.closed;
    this.parted = this.#parted.promise;
    void port.closed.then(() => this.#part());
  }

  get hasParted(): boolean {
    return this.#hasParted;
  }

  postMessage(message: unknown): void {
    // Only files would be anything but text, and the contract has none.
    if (typeof message === 'string') this.#port.postMessage(message);
  }

  on(event: string, listener: Listener): void {
    if (event === 'close') void this.#port.closed.then(() => listener());
    if (event !== 'message') return;
    this.#port.on('message', (message) => {
      const text = message?.data;
      if (text === FAREWELL) this.#part();
      else if (typeof text === 'string' && this.#accepts(text)) listener({ data: text });
      else this.#port.close();
    });
  }

  sayFarewell(): void {
    this.#port.postMessage(FAREWELL);
  }

  close(): void {
    this.#port.close();
  }

  #part(): void {
    this.#hasParted = true;
    this.#parted.resolve();
  }
}
