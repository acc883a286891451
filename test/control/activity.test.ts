import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { expect, test } from 'vitest';
import { Journal } from '#bridge/activity/journal.ts';
import { silentLog } from '#bridge/base/log.ts';
import { activityProcedures } from '#bridge/control/activity-procedures.ts';
import type { ActivityEntry, NewActivity } from '#contract/activity.ts';
import { temporaryHome } from '../canary/home.ts';

const call = (target: string, change: Partial<NewActivity> = {}): NewActivity => ({
  at: '2026-11-21T10:00:00.000Z',
  client: 'cursor',
  door: 'stdio',
  account: 'acc_0123456789',
  accountLabel: 'Acme',
  user: null,
  method: 'tools/call',
  target,
  outcome: 'ok',
  code: null,
  durationMs: 1,
  sentBytes: 10,
  receivedBytes: 20,
  truncated: false,
  arguments: null,
  result: null,
  ...change,
});

/** A real activity log in a folder of its own, behind the contract. */
async function startLog() {
  await using starting = new AsyncDisposableStack();
  const home = starting.use(await temporaryHome());
  const journal = starting.use(
    Journal.open({
      path: join(home.path, 'activity.sqlite'),
      log: silentLog,
      now: () => new Date('2026-11-21T10:00:00Z'),
      days: () => 90,
      keepBodies: () => true,
      redact: (text) => text,
    }),
  );
  const running = starting.move();
  return {
    journal,
    activity: createRouterClient(activityProcedures({ journal })),
    write: (...entries: NewActivity[]) => {
      for (const entry of entries) journal.append(entry);
      journal.flush();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Reads so many entries, then leaves. */
async function firstOf(stream: AsyncIterable<ActivityEntry>, count: number): Promise<(string | null)[]> {
  const targets: (string | null)[] = [];
  for await (const entry of stream) {
    targets.push(entry.target);
    if (targets.length === count) break;
  }
  return targets;
}

test('following after an id begins with what was written since, oldest first, and goes on without a gap', async () => {
  await using log = await startLog();
  log.write(call('one'), call('two'), call('three'));
  const [newest] = await log.activity.list({});
  const stream = await log.activity.follow({ afterId: (newest?.id ?? 0) - 2 });
  const reading = firstOf(stream, 4);
  await new Promise((resolve) => setImmediate(resolve));
  log.write(call('four'), call('five'));
  expect(await reading).toEqual(['two', 'three', 'four', 'five']);
});

test('following without an id begins with what comes next', async () => {
  await using log = await startLog();
  log.write(call('before'));
  const leaving = new AbortController();
  const stream = await log.activity.follow({}, { signal: leaving.signal });
  const next = stream.next();
  await new Promise((resolve) => setImmediate(resolve));
  log.write(call('after'));
  expect((await next).value).toMatchObject({ target: 'after' });
});

test('an entry that waits to be written when following begins comes exactly once', async () => {
  await using log = await startLog();
  log.journal.append(call('waiting'));
  const stream = await log.activity.follow({ afterId: 0 });
  const reading = firstOf(stream, 2);
  await new Promise((resolve) => setImmediate(resolve));
  log.write(call('next'));
  expect(await reading).toEqual(['waiting', 'next']);
});

test.each([
  [{ account: 'acc_0123456789' }, ['mine']],
  [{ client: 'claude' }, ['by-claude']],
  [{ target: 'mine' }, ['mine']],
  [{ outcome: 'blocked' as const }, ['refused']],
  [{ since: '2026-11-21T11:00:00.000Z' }, ['late']],
  [{ until: '2026-11-21T09:30:00.000Z' }, ['early']],
])('the live log and the stored log agree on the filter %j', async (filter, expected) => {
  await using log = await startLog();
  const entries = [
    call('mine'),
    call('by-claude', { client: 'claude', account: 'acc_other00000' }),
    call('refused', { outcome: 'blocked', account: null }),
    call('late', { at: '2026-11-21T11:30:00.000Z', account: null }),
    call('early', { at: '2026-11-21T09:00:00.000Z', account: null }),
  ];
  const stream = await log.activity.follow(filter);
  const live = firstOf(stream, expected.length);
  await new Promise((resolve) => setImmediate(resolve));
  log.write(...entries);
  expect(await live).toEqual(expected);
  expect((await log.activity.list(filter)).map(({ target }) => target)).toEqual(expected);
});

test('an abort ends a followed log', async () => {
  await using log = await startLog();
  const leaving = new AbortController();
  const stream = await log.activity.follow({}, { signal: leaving.signal });
  const next = stream.next();
  leaving.abort();
  expect((await next).done).toBe(true);
});

test.each(['csv', 'jsonl'] as const)('an export as %s comes in pieces that make one file', async (format) => {
  await using log = await startLog();
  const entries = Array.from({ length: 1200 }, (_, index) =>
    call(`tool-${index}`, { result: 'x'.repeat(200) }),
  );
  log.write(...entries);
  const pieces: string[] = [];
  for await (const piece of await log.activity.export({ format, filter: {} })) pieces.push(piece);
  expect(pieces.length).toBeGreaterThan(1);
  const lines = pieces.join('').trimEnd().split(/\r?\n/);
  expect(lines).toHaveLength(format === 'csv' ? 1201 : 1200);
  expect(lines.at(-1)).toContain('tool-0');
});

test('an export that is given up ends', async () => {
  await using log = await startLog();
  log.write(
    ...Array.from({ length: 1200 }, (_, index) => call(`tool-${index}`, { result: 'x'.repeat(200) })),
  );
  const leaving = new AbortController();
  const stream = await log.activity.export({ format: 'csv', filter: {} }, { signal: leaving.signal });
  await stream.next();
  leaving.abort();
  expect((await stream.next()).done).toBe(true);
});

test('calls are counted per hour, for one account and one client if asked', async () => {
  await using log = await startLog();
  log.write(
    call('a', { at: '2026-11-21T08:10:00.000Z' }),
    call('b', { at: '2026-11-21T08:50:00.000Z', outcome: 'error' }),
    call('c', { at: '2026-11-21T09:00:00.000Z', client: 'claude' }),
    call('d', { at: '2026-11-20T09:00:00.000Z' }),
  );
  const since = '2026-11-21T00:00:00.000Z';
  expect(await log.activity.hours({ since })).toEqual([
    { at: '2026-11-21T08:00:00.000Z', calls: 2, failed: 1 },
    { at: '2026-11-21T09:00:00.000Z', calls: 1, failed: 0 },
  ]);
  expect(await log.activity.hours({ since, client: 'claude' })).toHaveLength(1);
  expect(await log.activity.hours({ since, account: 'acc_other00000' })).toEqual([]);
  await expect(log.activity.hours({ since: 'yesterday' })).rejects.toThrow();
});
