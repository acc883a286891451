import { limits } from './limits.ts';

const NEWLINE = 0x0a;

/** A line without its end, or the news that one was too large; its bytes are gone then. */
export type Piece = { readonly kind: 'line'; readonly bytes: Buffer } | { readonly kind: 'too-large' };

/**
 * Cuts a stream of bytes into lines. Blank lines are left out. A line beyond the limit is reported once, as soon as it
 * is too large, and the rest of it is let go without being kept.
 */
export class LineSplitter {
  readonly #largest: number;
  #parts: Buffer[] = [];
  #size = 0;
  #discarding = false;

  constructor(largest: number = limits.messageBytes) {
    this.#largest = largest;
  }

  *take(chunk: Buffer): Generator<Piece, void> {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, at)) {
      yield* this.#keep(chunk.subarray(at, end));
      yield* this.#finish();
      at = end + 1;
    }
    yield* this.#keep(chunk.subarray(at));
  }

  /** The last line, if the stream ended without a line end. */
  *end(): Generator<Piece, void> {
    yield* this.#finish();
  }

  *#keep(part: Buffer): Generator<Piece, void> {
    if (this.#discarding || part.length === 0) return;
    this.#size += part.length;
    if (this.#size <= this.#largest) {
      this.#parts.push(part);
      return;
    }
    this.#discarding = true;
    this.#parts = [];
    yield { kind: 'too-large' };
  }

  *#finish(): Generator<Piece, void> {
    const parts = this.#parts;
    const size = this.#size;
    this.#parts = [];
    this.#size = 0;
    if (this.#discarding) {
      this.#discarding = false;
      return;
    }
    const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, size);
    if (!isBlank(bytes)) yield { kind: 'line', bytes };
  }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}
