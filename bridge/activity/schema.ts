import type { DatabaseSync } from 'node:sqlite';
import { BridgeError } from '../contract/errors.ts';

/**
 * Lifts of the activity database; `migrations[n]` takes `PRAGMA user_version` n to n+1. Forward only, and each runs in
 * one transaction with the new version number.
 */
export const migrations: readonly string[] = [
  // Times are milliseconds since 1970, because ISO texts of different precision do not sort. AUTOINCREMENT keeps ids
  // from coming back after a clear, so that "entries after id n" stays true.
  `CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    client TEXT NOT NULL,
    door TEXT NOT NULL,
    account TEXT,
    account_label TEXT,
    user TEXT,
    method TEXT NOT NULL,
    target TEXT,
    outcome TEXT NOT NULL,
    code INTEGER,
    duration_ms REAL NOT NULL,
    sent_bytes INTEGER NOT NULL,
    received_bytes INTEGER NOT NULL,
    truncated INTEGER NOT NULL,
    arguments TEXT,
    result TEXT
  ) STRICT;
  CREATE INDEX entries_by_time ON entries (at_ms);
  CREATE INDEX entries_by_account ON entries (account, id);`,
];

/**
 * Brings a database to the newest version.
 * @throws BridgeError `newer-file` when a newer Gangway wrote it; nothing was changed then.
 */
export function migrate(database: DatabaseSync, lifts: readonly string[] = migrations): void {
  const row = database.prepare('PRAGMA user_version').get();
  const version = Number(row?.user_version ?? 0);
  if (version > lifts.length) {
    throw new BridgeError(
      'newer-file',
      `The activity log was made by a newer Gangway (version ${version}). Update Gangway; the file was left untouched.`,
    );
  }
  for (const [index, lift] of lifts.entries()) {
    if (index < version) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(lift);
      database.exec(`PRAGMA user_version = ${index + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
