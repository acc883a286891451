import { closeSync, existsSync, fchmodSync, lstatSync, openSync, readSync, renameSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { limits } from '../base/limits.ts';
import { ActivityEntry, ActivityFilter, type NewActivity } from '../contract/activity.ts';
import type { ActivityHour } from '../contract/control.ts';
import { BridgeError } from '../contract/errors.ts';
import { migrate } from './schema.ts';

/** Result codes of SQLite that mean the file itself is damaged. */
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** The first bytes of every SQLite 3 database. */
const HEADER = Buffer.from('SQLite format 3\0');

class NotADatabase extends Error {}

const COLUMNS = [
  'at_ms',
  'client',
  'door',
  'account',
  'account_label',
  'user',
  'method',
  'target',
  'outcome',
  'code',
  'duration_ms',
  'sent_bytes',
  'received_bytes',
  'truncated',
  'arguments',
  'result',
] as const;

const HOUR_MS = 60 * 60_000;

export interface HoursFilter {
  readonly sinceMs: number;
  readonly account?: string | undefined;
  readonly client?: string | undefined;
}

const INSERT = `INSERT INTO entries (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;

/** The activity database as such: one open SQLite file. Every call is synchronous and short. */
export class ActivityDatabase implements Disposable {
  readonly #database: DatabaseSync;

  /**
   * Opens or makes the file, readable by its owner only.
   * @throws BridgeError `newer-file`, `storage`; SQLite's own error, see `isDamage`.
   */
  constructor(path: string) {
    refuseOddFile(path);
    // SQLite gives its -wal and -shm files the mode of the database, so it is set before they exist.
    const descriptor = openSync(path, 'a+', 0o600);
    try {
      if (process.platform !== 'win32') fchmodSync(descriptor, 0o600);
      refuseOtherContent(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const database = new DatabaseSync(path, { timeout: limits.activityBusyMs });
    try {
      migrate(database);
      // NORMAL in WAL mode cannot damage the file; a power cut may cost the last moments of the log.
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON');
      database.prepare('SELECT id, at_ms FROM entries ORDER BY id DESC LIMIT 1').get();
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
  }

  /** Writes all entries or none, and returns them with their ids. */
  insert(entries: readonly NewActivity[]): ActivityEntry[] {
    const statement = this.#database.prepare(INSERT);
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const written = entries.map((entry) => ({
        id: Number(statement.run(...valuesOf(entry)).lastInsertRowid),
        ...entry,
        at: new Date(entry.at).toISOString(),
      }));
      this.#database.exec('COMMIT');
      return written;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Entries that fulfil the whole filter, newest first; `beforeId` for the next page. */
  select(filter: ActivityFilter, beforeId?: number): ActivityEntry[] {
    const parsed = ActivityFilter.parse(filter);
    const conditions: [sql: string, value: SQLInputValue | undefined][] = [
      ['account = ?', parsed.account],
      ['client = ?', parsed.client],
      ['target = ?', parsed.target],
      ['outcome = ?', parsed.outcome],
      ['at_ms >= ?', parsed.since && Date.parse(parsed.since)],
      ['at_ms <= ?', parsed.until && Date.parse(parsed.until)],
      ['id > ?', parsed.afterId],
      ['id < ?', beforeId],
    ];
    const given = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
    const where = given.length > 0 ? `WHERE ${given.map(({ sql }) => sql).join(' AND ')}` : '';
    return this.#database
      .prepare(`SELECT * FROM entries ${where} ORDER BY id DESC LIMIT ?`)
      .all(...given.map(({ value }) => value), parsed.limit)
      .map(entryOf);
  }

  /** Entries per hour of UTC, oldest first, without empty hours. */
  hours({ sinceMs, account, client }: HoursFilter): ActivityHour[] {
    const conditions: [sql: string, value: string | undefined][] = [
      ['account = ?', account],
      ['client = ?', client],
    ];
    const given = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
    const where = ['at_ms >= ?', ...given.map(({ sql }) => sql)].join(' AND ');
    // Left alone, SQLite would take the index by account and read everything that account ever did.
    return this.#database
      .prepare(
        `SELECT at_ms / ${HOUR_MS} AS hour, COUNT(*) AS calls, SUM(outcome <> 'ok') AS failed
        FROM entries INDEXED BY entries_by_time WHERE ${where} GROUP BY hour ORDER BY hour`,
      )
      .all(sinceMs, ...given.map(({ value }) => value))
      .map(({ hour, calls, failed }) => ({
        at: new Date(Number(hour) * HOUR_MS).toISOString(),
        calls: Number(calls),
        failed: Number(failed),
      }));
  }

  /** Removes entries older than `ms`, or all; returns how many. `overwrite` takes them out of the file as well. */
  remove(olderThanMs?: number): number {
    const { changes } =
      olderThanMs === undefined
        ? this.#database.prepare('DELETE FROM entries').run()
        : this.#database.prepare('DELETE FROM entries WHERE at_ms < ?').run(olderThanMs);
    return Number(changes);
  }

  /** What was removed is overwritten in the file. */
  overwrite(): void {
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Gives the space of removed entries back to the disk. */
  shrink(): void {
    this.#database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function refuseOddFile(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) {
    throw new BridgeError('storage', `${path} is not a plain file. Move it away and start again.`);
  }
}

/** SQLite takes a file of a few bytes for an empty database and would write over it. */
function refuseOtherContent(descriptor: number): void {
  const beginning = Buffer.alloc(HEADER.length);
  const length = readSync(descriptor, beginning, 0, HEADER.length, 0);
  if (length > 0 && !beginning.equals(HEADER)) throw new NotADatabase();
}

/** True when the error says that the database file is damaged or is no database. */
export function isDamage(error: unknown): boolean {
  if (error instanceof NotADatabase) return true;
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  return (code & 0xff) === SQLITE_CORRUPT || (code & 0xff) === SQLITE_NOTADB;
}

/** Moves a damaged database and its side files away; returns the new name. */
export function setAside(path: string, now: Date): string {
  const aside = `${path}.corrupt-${now.toISOString().replaceAll(':', '-')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

function valuesOf(entry: NewActivity): SQLInputValue[] {
  const values: Record<(typeof COLUMNS)[number], SQLInputValue> = {
    at_ms: Date.parse(entry.at),
    client: entry.client,
    door: entry.door,
    account: entry.account,
    account_label: entry.accountLabel,
    user: entry.user,
    method: entry.method,
    target: entry.target,
    outcome: entry.outcome,
    code: entry.code,
    duration_ms: entry.durationMs,
    sent_bytes: entry.sentBytes,
    received_bytes: entry.receivedBytes,
    truncated: entry.truncated ? 1 : 0,
    arguments: entry.arguments,
    result: entry.result,
  };
  return COLUMNS.map((column) => values[column]);
}

function entryOf(row: Record<string, unknown>): ActivityEntry {
  const parsed = ActivityEntry.safeParse({
    id: row.id,
    at: new Date(Number(row.at_ms)).toISOString(),
    client: row.client,
    door: row.door,
    account: row.account,
    accountLabel: row.account_label,
    user: row.user,
    method: row.method,
    target: row.target,
    outcome: row.outcome,
    code: row.code,
    durationMs: row.duration_ms,
    sentBytes: row.sent_bytes,
    receivedBytes: row.received_bytes,
    truncated: row.truncated === 1,
    arguments: row.arguments,
    result: row.result,
  });
  if (!parsed.success) throw new BridgeError('storage', 'An entry of the activity log cannot be read.');
  return parsed.data;
}
