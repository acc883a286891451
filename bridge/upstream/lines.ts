const NEWLINE = 0x0a;

/** Splits a byte stream into lines without their newline; a line over `most` bytes is passed over as `undefined`. */
export class LineSplitter {
  readonly #most: number;
  #parts: Buffer[] = [];
  #size = 0;
  #skipping = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** The lines that this chunk completes. */
  *feed(chunk: Buffer): Generator<Buffer | undefined, void> {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(NEWLINE, from);
      const piece = chunk.subarray(from, at === -1 ? undefined : at);
      this.#take(piece);
      if (at === -1) return;
      yield this.#skipping ? undefined : Buffer.concat(this.#parts, this.#size);
      this.#parts = [];
      this.#size = 0;
      this.#skipping = false;
      from = at + 1;
    }
  }

  #take(piece: Buffer): void {
    if (this.#skipping || piece.length === 0) return;
    this.#size += piece.length;
    if (this.#size > this.#most) {
      this.#skipping = true;
      this.#parts = [];
      return;
    }
    this.#parts.push(piece);
  }
}
