import type { ServerResponse } from 'node:http';

/** Counts the GET streams that are open, so that a test can wait until a notification will find one. */
export class StandingStreams {
  #open = 0;
  #waiting: { count: number; reached: () => void }[] = [];

  get open(): number {
    return this.#open;
  }

  /** Resolves when at least this many streams are open. */
  async atLeast(count: number): Promise<void> {
    if (this.#open >= count) return;
    await new Promise<void>((reached) => this.#waiting.push({ count, reached }));
  }

  /** Watches the answer to one GET; it counts from the moment its headers say that a stream follows. */
  watch(response: ServerResponse): void {
    // Node has no event for "headers written", and the SDK's transport registers the stream just before.
    response.writeHead = new Proxy(response.writeHead, {
      apply: (writeHead, self, args: Parameters<ServerResponse['writeHead']>) => {
        const result = Reflect.apply(writeHead, self, args);
        if (args[0] === 200) this.#opened(response);
        return result;
      },
    });
  }

  #opened(response: ServerResponse): void {
    this.#open += 1;
    response.once('close', () => {
      this.#open -= 1;
    });
    const ready = this.#waiting.filter((one) => one.count <= this.#open);
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const one of ready) one.reached();
  }
}
