import { Signal } from '../base/events.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { type ActivityEntry, ActivityFilter, type NewActivity } from '../contract/activity.ts';
import type { ActivityHour } from '../contract/control.ts';
import { BridgeError } from '../contract/errors.ts';
import { ActivityDatabase, type HoursFilter, isDamage, setAside } from './database.ts';

export interface JournalParts {
  readonly path: string;
  readonly log: Log;
  readonly now: () => Date;
  /** Days that entries are kept, as the settings say now; 0 keeps none. */
  readonly days: () => number;
  /** Whether arguments and results are kept, as the settings say now. */
  readonly keepBodies: () => boolean;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
}

const DAY_MS = 24 * 60 * 60_000;
const PAGE = 500;
/** A chart of more hours would show nothing. */
const HOURS_DAYS = 366;

/**
 * The activity log: one entry per request of a client, in SQLite. Appending costs no more than a push; entries are
 * written together a moment later, and always before anything is read.
 */
export class Journal implements AsyncDisposable {
  /** Announces each entry after it was written. */
  readonly written = new Signal<ActivityEntry>();
  readonly #parts: JournalParts;
  readonly #pruning: NodeJS.Timeout;
  #database: ActivityDatabase;
  #waiting: NewActivity[] = [];
  #dropped = 0;
  #flushing: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(parts: JournalParts, database: ActivityDatabase) {
    this.#parts = parts;
    this.#database = database;
    this.#pruning = setInterval(() => this.#quietly(() => this.prune()), limits.activityPruneMs).unref();
  }

  /**
   * Opens the activity log and removes what is older than the settings allow. A damaged file is set aside and a new
   * one begun, because a broken log must not keep anyone from working.
   * @throws BridgeError `newer-file` when a newer Gangway wrote it; `storage` when it cannot be opened.
   */
  static open(parts: JournalParts): Journal {
    const journal = new Journal(parts, openDatabase(parts));
    journal.#quietly(() => journal.prune());
    return journal;
  }

  /** Takes an entry; it is written within `limits.activityFlushMs`. Never throws. */
  append(entry: NewActivity): void {
    if (this.#closed || this.#parts.days() === 0) return;
    // One entry the database cannot take would hold up all that wait with it.
    const field = numberFault(entry);
    if (field !== undefined) {
      this.#parts.log.warn('activity.not-an-entry', { field });
      return;
    }
    this.#waiting.push(entry);
    if (this.#waiting.length > limits.activityWaiting) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#flushing ??= setTimeout(() => this.#flushQuietly(), limits.activityFlushMs).unref();
  }

  /** Writes what waits. @throws BridgeError `storage`; the entries then go on waiting. */
  flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    if (this.#waiting.length === 0 || this.#closed) return;
    const entries = this.#waiting.map((entry) => this.#forKeeping(entry));
    let written: ActivityEntry[];
    try {
      written = this.#withDatabase((database) => database.insert(entries));
    } catch (error) {
      this.#flushing = setTimeout(() => this.#flushQuietly(), limits.activityRetryMs).unref();
      throw error;
    }
    this.#waiting = [];
    if (this.#dropped > 0) this.#parts.log.warn('activity.dropped', { entries: this.#dropped });
    this.#dropped = 0;
    for (const entry of written) this.#quietly(() => this.written.announce(entry));
  }

  /**
   * Entries that fulfil the filter, newest first. Secrets learned since they were written are taken out too.
   * @throws BridgeError `invalid-input`, `storage`.
   */
  list(filter: ActivityFilter = {}): ActivityEntry[] {
    if (!ActivityFilter.safeParse(filter).success) {
      throw new BridgeError('invalid-input', 'This filter of the activity log is not valid.');
    }
    this.#flushQuietly();
    const found = this.#withDatabase((database) => database.select(filter));
    return found.map((entry) => redacted(entry, this.#parts.redact));
  }

  /**
   * Calls per hour of UTC since then, oldest first, without empty hours; at most the last `HOURS_DAYS` days.
   * @throws BridgeError `storage`.
   */
  hours({ since, ...filter }: Omit<HoursFilter, 'sinceMs'> & { readonly since: string }): ActivityHour[] {
    this.#flushQuietly();
    const earliest = this.#parts.now().getTime() - HOURS_DAYS * DAY_MS;
    const sinceMs = Math.max(Date.parse(since), earliest);
    return this.#withDatabase((database) => database.hours({ ...filter, sinceMs }));
  }

  /**
   * The same entries one after the other, for an export of any length: at most one page is in memory, and other work
   * goes on between pages.
   */
  async *entries(filter: Omit<ActivityFilter, 'limit'> = {}): AsyncGenerator<ActivityEntry, void> {
    for (let beforeId: number | undefined; ; ) {
      this.#flushQuietly();
      const page = this.#withDatabase((database) => database.select({ ...filter, limit: PAGE }, beforeId));
      for (const entry of page) yield redacted(entry, this.#parts.redact);
      beforeId = page.at(-1)?.id;
      if (page.length < PAGE) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Removes everything, also from the file's unused pages; returns how many entries there were. */
  clear(): number {
    this.#flushQuietly();
    return this.#withDatabase((database) => {
      const removed = database.remove();
      // They are gone. A full disk has no room to make the file smaller; that comes with a later one.
      this.#quietly(() => database.shrink());
      return removed;
    });
  }

  /** Removes what is older than the settings allow; returns how many entries that were. */
  prune(): number {
    this.#flushQuietly();
    const oldest = this.#parts.now().getTime() - this.#parts.days() * DAY_MS;
    return this.#withDatabase((database) => {
      const removed = database.remove(oldest);
      if (removed > 0) this.#quietly(() => database.overwrite());
      return removed;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    clearInterval(this.#pruning);
    this.#flushQuietly();
    clearTimeout(this.#flushing);
    this.#closed = true;
    this.#database[Symbol.dispose]();
  }

  #forKeeping(entry: NewActivity): NewActivity {
    const keep = this.#parts.keepBodies();
    // Redacted before it is cut: half a secret would no longer be recognised.
    const { arguments: asked, result, ...rest } = redacted(entry, this.#parts.redact);
    return { ...rest, arguments: keep ? shortened(asked) : null, result: keep ? shortened(result) : null };
  }

  /** Runs a task on the database; when its file turns out to be damaged, once more on a new one. */
  #withDatabase<T>(task: (database: ActivityDatabase) => T): T {
    if (this.#closed) throw new BridgeError('stopping', 'Gangway is stopping; the activity log is closed.');
    try {
      return task(this.#database);
    } catch (error) {
      if (!isDamage(error)) throw asStorage(error);
    }
    try {
      this.#database[Symbol.dispose]();
      replaceDamaged(this.#parts);
      this.#database = new ActivityDatabase(this.#parts.path);
      return task(this.#database);
    } catch (error) {
      throw asStorage(error);
    }
  }

  #flushQuietly(): void {
    this.#quietly(() => this.flush());
  }

  /** The log of activity must never break the activity itself. */
  #quietly(task: () => unknown): void {
    try {
      task();
    } catch (error) {
      this.#parts.log.error('activity.failed', error, { waiting: this.#waiting.length });
    }
  }
}

/** The first field that is no number the database could hold; of everything else the compiler has made sure. */
function numberFault({ code, durationMs, sentBytes, receivedBytes }: NewActivity): string | undefined {
  if (code !== null && !Number.isSafeInteger(code)) return 'code';
  const counts = { durationMs: Math.floor(durationMs), sentBytes, receivedBytes };
  const found = Object.entries(counts).find(([, count]) => !Number.isSafeInteger(count) || count < 0);
  return found?.[0];
}

function redacted<T extends NewActivity>(entry: T, redact: (text: string) => string): T {
  const clean = (text: string | null): string | null => (text === null ? null : redact(text));
  return {
    ...entry,
    client: redact(entry.client),
    method: redact(entry.method),
    target: clean(entry.target),
    arguments: clean(entry.arguments),
    result: clean(entry.result),
  };
}

function shortened(text: string | null): string | null {
  if (text === null || text.length <= limits.activityBodyCharacters) return text;
  return `${text.slice(0, limits.activityBodyCharacters).toWellFormed()} [cut]`;
}

function openDatabase(parts: JournalParts): ActivityDatabase {
  try {
    return new ActivityDatabase(parts.path);
  } catch (error) {
    if (!isDamage(error)) throw asStorage(error);
  }
  try {
    replaceDamaged(parts);
    return new ActivityDatabase(parts.path);
  } catch (error) {
    throw asStorage(error);
  }
}

function replaceDamaged({ path, log, now }: JournalParts): void {
  log.warn('activity.set-aside', { file: setAside(path, now()) });
}

function asStorage(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  const full =
    error instanceof Error &&
    (('errcode' in error && error.errcode === 13) || ('code' in error && error.code === 'ENOSPC'));
  return new BridgeError(
    'storage',
    full
      ? 'The disk is full: the activity log could not be written. Free some space.'
      : 'The activity log cannot be used. Check the permissions of its file.',
    {},
    error,
  );
}
