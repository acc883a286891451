import { type FrameStream, flags } from './frames.ts';

type Listener = (event?: { data: string | Uint8Array }) => void;

/**
 * A control connection as a message port, in the shape oRPC's adapters take: `postMessage`, and `on` for `message` and
 * `close`. Either end uses it. Messages that arrive before the first listener wait.
 */
export class ControlPort {
  readonly #frames: FrameStream;
  readonly #listeners: Listener[] = [];

  constructor(frames: FrameStream) {
    this.#frames = frames;
    void frames.ended.then(() => frames.end());
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<void> {
    return this.#frames.closed;
  }

  postMessage(message: string | Uint8Array): void {
    const text = typeof message === 'string';
    const payload = text ? Buffer.from(message) : message;
    void this.#frames.send({ seq: 0, flags: text ? flags.TEXT : 0, payload });
  }

  on(event: string, listener: Listener): void {
    if (event === 'close') {
      void this.#frames.closed.then(() => listener());
    } else if (event === 'message') {
      this.#listeners.push(listener);
      if (this.#listeners.length > 1) return;
      this.#frames.receive((frame) => {
        const data = frame.flags & flags.TEXT ? Buffer.from(frame.payload).toString() : frame.payload;
        for (const each of this.#listeners) each({ data });
      });
    }
  }

  /** Closes once what was posted has left. */
  close(): void {
    this.#frames.end();
  }
}
