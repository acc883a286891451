import type { Writable } from 'node:stream';

const LINE_END = Buffer.from('\n');
const COPY_BYTES = 16 * 1024;

/** Writes whole lines to the client's pipe and says when the client is slow. */
export class Output {
  readonly #stream: Writable;
  #room: PromiseWithResolvers<void> | undefined;
  #broken = false;

  /** `onBroken` is called once when the client has closed its end. */
  constructor(stream: Writable, onBroken: () => void) {
    this.#stream = stream;
    stream.on('drain', () => this.#free());
    stream.on('error', () => {
      this.#broken = true;
      this.#free();
      onBroken();
    });
  }

  /** Writes one line; the promise, if there is one, resolves when there is room for more. */
  line(bytes: Uint8Array): void | Promise<void> {
    if (this.#broken) return undefined;
    let flowing: boolean;
    if (bytes.length <= COPY_BYTES) {
      flowing = this.#stream.write(Buffer.concat([bytes, LINE_END]));
    } else {
      this.#stream.cork();
      this.#stream.write(bytes);
      flowing = this.#stream.write(LINE_END);
      this.#stream.uncork();
    }
    if (flowing) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  #free(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Resolves when everything has been handed to the client, or nothing more can be. */
  async flushed(): Promise<void> {
    if (this.#broken || this.#stream.writableLength === 0) return;
    await new Promise<void>((resolve) => {
      this.#stream.write('', () => resolve());
    });
  }
}
