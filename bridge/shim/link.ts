import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../base/limits.ts';
import { type Connected, type Refusal, refusalTexts } from '../socket/connect.ts';
import { type Frame, type FrameStream, flags } from '../socket/frames.ts';
import { fateOf } from './last-words.ts';
import { type Entry, Ledger } from './ledger.ts';
import type { StartingOwner } from './start-owner.ts';

const RETRY_MS = 50;
const ABSENT_RETRY_MS = 5_000;
/** After an owner that ended again, another one may need this long to answer. */
const RIVAL_MS = 1_000;

/** A clock that nobody sets; `performance` loads nine more modules of Node at its first use. */
const nowMs = (): number => process.uptime() * 1_000;

/** What an owner may get over by itself. */
const PASSING: readonly Refusal[] = ['silent', 'full', 'stopping'];

const NOT_RUNNING = 'Gangway is not running. Open Gangway, then try again.';
const STOPPED =
  'Gangway stopped while this request was running. It may or may not have been carried out. Check before trying again.';

export interface LinkParts {
  readonly connect: (signal: AbortSignal) => Promise<Connected>;
  /** Asks for a new owner; undefined when that is not allowed. */
  readonly startOwner: () => Promise<StartingOwner | undefined>;
  /** Hears of an owner that could not be trusted or did not let us in, as long as there has been none. */
  readonly onRefused: (because: Refusal) => void;
  /** Writes one line to the client. */
  readonly write: (line: Uint8Array) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * The line between one client and whoever is the owner. Owners may come and go: what one of them did not answer is
 * answered with an error, the client's handshake and subscriptions are said again to the next, and the client notices
 * nothing else.
 */
export class Link {
  readonly #parts: LinkParts;
  readonly #ledger = new Ledger();
  #frames: FrameStream | undefined;
  /** Lines may go straight to the owner; false while older ones must go first. */
  #live = false;
  #searching = false;
  #replayed: { readonly seq: number; readonly resolve: () => void } | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #lastStartMs = Number.NEGATIVE_INFINITY;
  #hadOwner = false;
  #adoptedMs = 0;
  readonly #tried = Promise.withResolvers<void>();

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** Looks for the owner for the first time, starting one if allowed. */
  start(): void {
    void this.#search(limits.ownerAbsentMs, true);
  }

  /** Takes one line of the client. The promise, if there is one, resolves when more should come. */
  say(line: Buffer): void | Promise<void> {
    const entry = this.#ledger.add(line);
    if (this.#live && this.#frames) {
      this.#ledger.markSent(entry);
      return this.#frames.send({ seq: entry.seq, flags: 0, payload: line });
    }
    if (!this.#searching && !this.#frames) void this.#search(0, true);
    if (this.#ledger.unsentBytes < limits.clientQueueBytes) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Resolves when every line is done that will be, and not before it is known whether there is an owner. */
  async idle(): Promise<void> {
    await this.#tried.promise;
    if (this.#ledger.isIdle) return;
    this.#idle ??= Promise.withResolvers<void>();
    await this.#idle.promise;
  }

  /** Tells the owner that the client said its last; resolves when the owner has closed the connection. */
  async end(): Promise<void> {
    this.#frames?.end();
    await this.#frames?.closed;
  }

  destroy(): void {
    this.#frames?.destroy();
  }

  async #search(patienceMs: number, mayStart: boolean): Promise<void> {
    this.#searching = true;
    try {
      const found = await this.#find(patienceMs, mayStart);
      if (found.kind === 'connected') {
        this.#hadOwner = true;
        void this.#adopt(found.frames);
      } else {
        if (found.kind === 'refused' && !this.#hadOwner) this.#parts.onRefused(found.because);
        await this.#giveUp(found.kind === 'refused' ? refusalTexts[found.because] : NOT_RUNNING);
        void this.#searchLater();
      }
    } catch (error) {
      if (!this.#parts.signal.aborted) throw error;
    } finally {
      this.#searching = false;
      this.#tried.resolve();
    }
  }

  async #searchLater(): Promise<void> {
    await delay(ABSENT_RETRY_MS, undefined, { signal: this.#parts.signal, ref: false }).catch(
      () => undefined,
    );
    if (!this.#parts.signal.aborted && !this.#searching && !this.#frames) void this.#search(0, false);
  }

  /** Tries until there is an owner, or patience ends; patience grows when an owner could be asked to start. */
  async #find(patienceMs: number, mayStart: boolean): Promise<Connected> {
    const since = nowMs();
    let starting: StartingOwner | undefined;
    let endedSince: number | undefined;
    for (;;) {
      const found = await this.#parts.connect(this.#parts.signal);
      const now = nowMs();
      if (found.kind === 'connected') return found;
      const isThere = found.kind === 'refused';
      if (isThere && !PASSING.includes(found.because)) return found;
      this.#tried.resolve();
      // A person may have quit on purpose: after that only a client that wants something starts a new owner.
      if (!starting && !isThere && (mayStart || this.#ledger.size > 0)) starting = await this.#ask(now);
      if (starting?.ended) endedSince ??= now;
      const waited = now - since;
      const longest = starting || isThere ? Math.max(patienceMs, limits.ownerStartMs) : patienceMs;
      if (waited >= longest || (endedSince !== undefined && now - endedSince > RIVAL_MS)) return found;
      await delay(RETRY_MS, undefined, { signal: this.#parts.signal });
    }
  }

  async #ask(now: number): Promise<StartingOwner | undefined> {
    if (now - this.#lastStartMs < limits.ownerStartMs) return undefined;
    this.#lastStartMs = now;
    return this.#parts.startOwner();
  }

  /** Answers what waits; notifications and answers to the owner's questions have nobody left to go to. */
  async #giveUp(because: string): Promise<void> {
    for (let entry = this.#ledger.firstUnsent(); entry; entry = this.#ledger.firstUnsent()) {
      const fate = fateOf(entry.line, because, false);
      this.#forget(entry);
      if (fate.kind === 'answer') await this.#parts.write(fate.line);
    }
    this.#makeRoom();
  }

  async #adopt(frames: FrameStream): Promise<void> {
    this.#frames = frames;
    this.#adoptedMs = nowMs();
    void frames.closed.then(() => this.#lost(frames));
    frames.receive((frame) => this.#hear(frame));
    for (const { seq, line } of this.#ledger.remembered()) {
      if (this.#frames !== frames) return;
      const heard = Promise.withResolvers<void>();
      this.#replayed = { seq, resolve: heard.resolve };
      void frames.send({ seq, flags: flags.REPLAY, payload: line });
      await Promise.race([heard.promise, frames.closed]);
    }
    while (this.#frames === frames) {
      const entry = this.#ledger.firstUnsent();
      if (!entry) {
        this.#live = true;
        break;
      }
      this.#ledger.markSent(entry);
      await frames.send({ seq: entry.seq, flags: 0, payload: entry.line });
    }
    this.#makeRoom();
  }

  #hear(frame: Frame): void | Promise<void> {
    if (frame.seq === 0) return frame.payload.length > 0 ? this.#parts.write(frame.payload) : undefined;
    if (this.#replayed?.seq === frame.seq) {
      this.#replayed.resolve();
      this.#replayed = undefined;
      return undefined;
    }
    if (frame.flags & flags.STANDING) {
      this.#ledger.stand(frame.seq);
      this.#settle();
      return undefined;
    }
    if (!this.#ledger.done(frame.seq, frame.flags)) return undefined;
    const written = frame.payload.length > 0 ? this.#parts.write(frame.payload) : undefined;
    this.#settle();
    return written;
  }

  async #lost(frames: FrameStream): Promise<void> {
    if (this.#frames !== frames) return;
    this.#frames = undefined;
    this.#live = false;
    this.#replayed = undefined;
    if (this.#parts.signal.aborted) return;
    this.#searching = true;
    for (const entry of this.#ledger.open()) {
      if (!entry.sent) continue;
      const fate = fateOf(entry.line, STOPPED, true);
      if (fate.kind === 'repeat') {
        this.#ledger.markUnsent(entry);
        continue;
      }
      this.#forget(entry);
      if (fate.kind === 'answer') await this.#parts.write(fate.line);
    }
    // An owner that lets us in and hangs up at once is not asked as fast as it can do that.
    const lived = nowMs() - this.#adoptedMs;
    if (lived < RETRY_MS)
      await delay(RETRY_MS - lived, undefined, { signal: this.#parts.signal }).catch(() => undefined);
    await this.#search(limits.ownerReturnMs, false);
  }

  #forget(entry: Entry): void {
    this.#ledger.remove(entry);
    this.#settle();
  }

  #settle(): void {
    if (!this.#idle || !this.#ledger.isIdle) return;
    this.#idle.resolve();
    this.#idle = undefined;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
