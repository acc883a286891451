import { limits } from '../base/limits.ts';

/**
 * Has the files we wrote looked at again and again. What is found is told and offered to be repaired; nothing is ever
 * written back, because whoever removed an entry may have meant it.
 */
export class Watching implements AsyncDisposable {
  readonly #lookOnce: () => Promise<void>;
  readonly #every: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** @param look looks at the files with entries of ours; never rejects. */
  constructor(look: () => Promise<void>) {
    this.#lookOnce = look;
    this.#every = setInterval(() => this.#look(), limits.clientLookMs).unref();
  }

  /** Looks again a while after a change: some clients write old settings back when they quit. */
  soon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#look(), limits.clientRecheckMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#every);
    clearTimeout(this.#soon);
    await this.#looking;
  }

  #look(): void {
    this.#looking = this.#looking.then(() => (this.#isClosed ? undefined : this.#lookOnce()));
  }
}
