import { limits } from '../base/limits.ts';
import { flags } from '../socket/frames.ts';

/** A line of the client that is not done, or that a new owner must hear again. */
export interface Entry {
  readonly seq: number;
  readonly line: Buffer;
  /** It has left for the present owner, who may be working on it. */
  sent: boolean;
  /** It stays open until the client leaves, so nobody waits for it to be done. */
  standing: boolean;
}

/** What a line takes beside its bytes: a million short ones are not small. */
const LINE_BYTES = 64;

const sizeOf = ({ line }: Entry): number => line.length + LINE_BYTES;

/**
 * The lines of one client: those not done, in order, and those the owner asked to remember. Nothing in it is parsed;
 * a line goes as soon as the owner says that it is done.
 */
export class Ledger {
  readonly #open = new Map<number, Entry>();
  #remembered: Entry[] = [];
  #last = 0;
  #unsentBytes = 0;

  add(line: Buffer): Entry {
    this.#last += 1;
    const entry: Entry = { seq: this.#last, line, sent: false, standing: false };
    this.#open.set(entry.seq, entry);
    this.#unsentBytes += sizeOf(entry);
    return entry;
  }

  markSent(entry: Entry): void {
    if (!entry.sent) this.#unsentBytes -= sizeOf(entry);
    entry.sent = true;
  }

  /** The line is to be sent to the next owner as if it had never left. */
  markUnsent(entry: Entry): void {
    if (entry.sent) this.#unsentBytes += sizeOf(entry);
    entry.sent = false;
  }

  /** The owner says that a line will stay open. */
  stand(seq: number): void {
    const entry = this.#open.get(seq);
    if (entry) entry.standing = true;
  }

  /** The owner is done with a line. Returns false for a line nobody waits for any more. */
  done(seq: number, marks: number): boolean {
    const entry = this.#open.get(seq);
    if (!entry) return false;
    this.remove(entry);
    if (marks & flags.ANEW) this.#remembered = [];
    if (marks & flags.REMEMBER) this.#remember(entry);
    return true;
  }

  /** The handshake of the session comes first and stays; of the rest the newest lines stay. */
  #remember(entry: Entry): void {
    this.#remembered.push(entry);
    if (this.#remembered.length > limits.rememberedLines) this.#remembered.splice(2, 1);
  }

  remove(entry: Entry): void {
    if (!entry.sent) this.#unsentBytes -= sizeOf(entry);
    this.#open.delete(entry.seq);
  }

  /** Lines not done. */
  get size(): number {
    return this.#open.size;
  }

  /** No line is left that will be done by itself. */
  get isIdle(): boolean {
    for (const { standing } of this.#open.values()) if (!standing) return false;
    return true;
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  open(): Entry[] {
    return [...this.#open.values()];
  }

  firstUnsent(): Entry | undefined {
    for (const entry of this.#open.values()) if (!entry.sent) return entry;
    return undefined;
  }

  remembered(): readonly Entry[] {
    return this.#remembered;
  }
}
