import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/** Held by the one owner of a data folder. The operating system frees it when the process dies, however it dies. */
export type OwnerLock = Disposable;

/**
 * Takes the lock of a data folder. Node offers no file locks, but SQLite takes one that every system frees with its
 * process: an exclusive transaction on an empty database, to which nothing is ever written.
 * @returns undefined while somebody else holds it. @throws when the file system cannot lock.
 */
export function tryOwnerLock(path: string): OwnerLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    if (process.platform !== 'win32') chmodSync(path, 0o600);
    // With its journal in memory a killed process leaves nothing behind but the empty file itself.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return { [Symbol.dispose]: () => database.close() };
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}
