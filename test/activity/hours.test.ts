import { expect, test } from 'vitest';
import { temporaryHome } from '../canary/home.ts';
import { fill, opened } from './opened.ts';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const minutesAgo = (minutes: number): string => new Date(NOON - minutes * MINUTE_MS).toISOString();
const daysAgo = (days: number): string => new Date(NOON - days * DAY_MS).toISOString();

test('calls are counted per hour, oldest first, and hours without calls are left out', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  const at = [0, 1, 60, 61, 119, 120, 300];
  fill(journal, at.length, (index) => ({
    at: minutesAgo(at[index] ?? 0),
    outcome: index % 3 === 1 ? 'error' : index % 3 === 2 ? 'blocked' : 'ok',
  }));
  expect(journal.hours({ since: daysAgo(1) })).toEqual([
    { at: '2026-11-21T07:00:00.000Z', calls: 1, failed: 0 },
    { at: '2026-11-21T10:00:00.000Z', calls: 3, failed: 2 },
    { at: '2026-11-21T11:00:00.000Z', calls: 2, failed: 2 },
    { at: '2026-11-21T12:00:00.000Z', calls: 1, failed: 0 },
  ]);
});

test('only those since then count, at the account and of the client that were asked for', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  fill(journal, 12, (index) => ({
    at: minutesAgo(index * 10),
    account: index % 2 === 0 ? 'acc_aaaaaaaa' : 'acc_bbbbbbbb',
    client: index % 3 === 0 ? 'Codex' : 'Cursor',
  }));
  const calls = (filter: Omit<Parameters<typeof journal.hours>[0], 'since'>, since = minutesAgo(55)) =>
    journal.hours({ ...filter, since }).reduce((sum, hour) => sum + hour.calls, 0);
  expect(calls({})).toBe(6);
  expect(calls({}, minutesAgo(50))).toBe(6);
  expect(calls({}, minutesAgo(49.9))).toBe(5);
  expect(calls({ account: 'acc_aaaaaaaa' })).toBe(3);
  expect(calls({ client: 'Codex' })).toBe(2);
  expect(calls({ account: 'acc_bbbbbbbb', client: 'Codex' })).toBe(1);
  expect(calls({ account: "' OR 1=1 --" })).toBe(0);
  expect(calls({}, new Date(NOON + 1).toISOString())).toBe(0);
});

test('what is older than a year and a day is left out, however long the log goes back', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home, { days: () => 3650 });
  const days = [1, 365.9, 366.1, 800];
  fill(journal, days.length, (index) => ({ at: daysAgo(days[index] ?? 0) }));
  expect(journal.hours({ since: '1970-01-01T00:00:00Z' })).toHaveLength(2);
  expect(journal.list()).toHaveLength(4);
});

test('what still waits to be written counts already', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  fill(journal, 3, () => ({ at: minutesAgo(0) }));
  expect(journal.hours({ since: daysAgo(1) })).toEqual([
    { at: '2026-11-21T12:00:00.000Z', calls: 3, failed: 0 },
  ]);
});
