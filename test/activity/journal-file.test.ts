import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { migrate, migrations } from '#bridge/activity/schema.ts';
import { limits } from '#bridge/base/limits.ts';
import { type Log, silentLog } from '#bridge/base/log.ts';
import { temporaryHome } from '../canary/home.ts';
import { refusal } from '../connectors/refusal.ts';
import { anEntry } from './an-entry.ts';
import { fill, opened } from './opened.ts';

describe('a file that cannot be used', () => {
  const noted = (): { log: Log; events: string[] } => {
    const events: string[] = [];
    const note = (event: string): void => void events.push(event);
    return { log: { ...silentLog, warn: note, error: note }, events };
  };

  test.each([
    ['a single byte', Buffer.from('x')],
    ['random bytes', Buffer.from('not a database '.repeat(1000))],
    ['a cut header', Buffer.from('SQLite format 3\0')],
    [
      'a header without a database',
      Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8000, 255)]),
    ],
  ])('FS-01 that holds %s is set aside, and a new one begins', async (_, bytes) => {
    await using home = await temporaryHome();
    writeFileSync(join(home.path, 'activity.sqlite'), bytes);
    const { log, events } = noted();
    await using journal = opened(home, { log });
    fill(journal, 2);
    expect(journal.list()).toHaveLength(2);
    expect(events).toEqual(['activity.set-aside']);
    const aside = readdirSync(home.path).find((name) => name.includes('.corrupt-')) ?? '';
    expect(readFileSync(join(home.path, aside))).toEqual(bytes);
  });

  test('FS-01 that is damaged while in use is set aside, and what waits is written to the new one', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'activity.sqlite');
    {
      await using journal = opened(home);
      fill(journal, 3000, () => ({ target: 'x'.repeat(200) }));
    }
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(255, 8192));
    const { log, events } = noted();
    await using journal = opened(home, { log });
    fill(journal, 4);
    expect([...journal.list({ limit: 100_000 })]).toHaveLength(4);
    expect(events).toContain('activity.set-aside');
  });

  test('that is empty is a new one', async () => {
    await using home = await temporaryHome();
    writeFileSync(join(home.path, 'activity.sqlite'), '');
    const { log, events } = noted();
    await using journal = opened(home, { log });
    expect([journal.list(), events]).toEqual([[], []]);
  });

  test('that a newer Gangway made is refused and left untouched', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'activity.sqlite');
    const newer = new DatabaseSync(path);
    newer.exec(`CREATE TABLE other (a TEXT); PRAGMA user_version = ${migrations.length + 1}`);
    newer.close();
    const before = readFileSync(path);
    expect(refusal(() => opened(home), 'newer-file')).toContain('newer Gangway');
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(home.path)).toEqual(['activity.sqlite']);
  });

  test('FS-02 that is a folder is refused by name', async () => {
    await using home = await temporaryHome();
    mkdirSync(join(home.path, 'activity.sqlite'));
    expect(refusal(() => opened(home), 'storage')).toContain('activity.sqlite');
  });

  test('FS-03 while it cannot be written, entries wait, the newest ones kept', async () => {
    await using home = await temporaryHome();
    const { log, events } = noted();
    await using journal = opened(home, { log });
    const blocker = new DatabaseSync(join(home.path, 'activity.sqlite'));
    blocker.exec('BEGIN EXCLUSIVE');
    fill(journal, limits.activityWaiting + 2, (index) => ({ target: `tool-${index}` }));
    expect(refusal(() => journal.flush(), 'storage')).toContain('activity log');
    blocker.exec('ROLLBACK');
    blocker.close();
    journal.flush();
    const kept = journal.list({ limit: 100_000 });
    expect([kept.length, kept.at(-1)?.target]).toEqual([limits.activityWaiting, 'tool-2']);
    expect(events).toEqual(['activity.dropped']);
  });

  test('an entry that is none is dropped alone', async () => {
    await using home = await temporaryHome();
    const { log, events } = noted();
    await using journal = opened(home, { log });
    journal.append(anEntry({ durationMs: Number.NaN }));
    journal.append(anEntry());
    expect(journal.list()).toHaveLength(1);
    expect(events).toEqual(['activity.not-an-entry']);
  });
});

describe('migrations', () => {
  test('pins: the activity database is at version 1', () => {
    expect(migrations).toHaveLength(1);
  });

  test('run once each, in order', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'some.sqlite');
    using database = new DatabaseSync(path);
    const lifts = ['CREATE TABLE a (x)', 'ALTER TABLE a ADD COLUMN y', 'INSERT INTO a VALUES (1, 2)'];
    migrate(database, lifts.slice(0, 1));
    migrate(database, lifts);
    migrate(database, lifts);
    expect(database.prepare('SELECT x, y FROM a').all()).toEqual([{ x: 1, y: 2 }]);
  });

  test('that fail change nothing', async () => {
    using database = new DatabaseSync(':memory:');
    const lifts = ['CREATE TABLE a (x)', 'CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)'];
    expect(() => migrate(database, lifts)).toThrow('nowhere');
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    expect(tables).toEqual([{ name: 'a' }]);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  });
});

test('a log that was deleted while it was open does not stop anything', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  fill(journal, 1);
  journal.flush();
  for (const name of readdirSync(home.path)) rmSync(join(home.path, name));
  fill(journal, 1);
  journal.flush();
  expect(journal.list()).toHaveLength(2);
});
