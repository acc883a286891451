/** Where the bytes of a body come from. */
export interface BodySource {
  pause(): void;
  resume(): void;
  /** Gives up what is still to come. */
  abort(reason: Error): void;
}

/** Announced but not yet read: beyond this the source is told to wait. */
const MOST_WAITING_BYTES = 256 * 1024;
/** What a chunk takes beside its bytes: a quarter of a million of one byte each are not small. */
const CHUNK_BYTES = 64;
const LAST_WORDS_MS = 1000;

/**
 * The body of one response, chunk by chunk at the reader's pace. Most bodies are there as a whole before anybody reads,
 * which is why this is no stream: nothing is set up for what has already happened.
 */
export class ResponseBody {
  readonly #source: BodySource;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #isOver = false;
  #isUnread = false;
  #failure: Error | undefined;
  #reader: PromiseWithResolvers<void> | undefined;
  #lastWords: NodeJS.Timeout | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** A chunk arrived. */
  push(chunk: Buffer): void {
    if (this.#isOver || this.#isUnread) return;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length + CHUNK_BYTES;
    if (this.#waitingBytes > MOST_WAITING_BYTES && !this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
    this.#wake();
  }

  /** The last chunk has arrived, or it broke with an error. */
  end(failure?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    clearTimeout(this.#lastWords);
    this.#wake();
  }

  #wake(): void {
    this.#reader?.resolve();
    this.#reader = undefined;
  }

  /** The next chunk; undefined after the last one. For one reader. @throws the error by which the body broke. */
  async next(): Promise<Buffer | undefined> {
    while (this.#waiting.length === 0 && !this.#isOver) {
      this.#reader ??= Promise.withResolvers<void>();
      await this.#reader.promise;
    }
    return this.#take();
  }

  #take(): Buffer | undefined {
    const chunk = this.#waiting.shift();
    if (chunk === undefined && this.#failure) throw this.#failure;
    if (chunk) this.#waitingBytes -= chunk.length + CHUNK_BYTES;
    if (this.#isPaused && this.#waitingBytes <= MOST_WAITING_BYTES / 2) {
      this.#isPaused = false;
      this.#source.resume();
    }
    return chunk;
  }

  /** All that is there already, when that is all there will be; undefined while more may come. @throws as `next`. */
  whole(): Buffer | undefined {
    if (!this.#isOver || this.#failure) return undefined;
    const chunks = this.#waiting.splice(0);
    this.#waitingBytes = 0;
    const [only] = chunks;
    return chunks.length === 1 && only ? only : Buffer.concat(chunks);
  }

  /** Gives the body up; a reader that waits gets `reason`. */
  destroy(reason: Error = new Error('The body was given up.')): void {
    if (this.#isOver) return;
    this.#waiting.length = 0;
    this.end(reason);
    this.#source.abort(reason);
  }

  /**
   * Reads no further, but lets the other side end the body by itself within a moment, which keeps the connection usable
   * for the next request.
   */
  letEnd(): void {
    if (this.#isOver || this.#isUnread) return;
    this.#isUnread = true;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    if (this.#isPaused) this.#source.resume();
    this.#lastWords = setTimeout(() => this.destroy(), LAST_WORDS_MS).unref();
  }
}
