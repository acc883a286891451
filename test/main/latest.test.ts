import { expect, test, vi } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import type { Snapshot } from '#contract/control.ts';
import { followLatest } from '#main/latest.ts';
import { freshPaths, reachOwner, startOwner } from '../control/an-owner.ts';

test('the latest snapshot is whole, and follows every change', async () => {
  const paths = await freshPaths();
  await using bridge = await startOwner(paths);
  await using latest = followLatest({ control: bridge.control, log: silentLog });
  await vi.waitFor(() => expect(latest.snapshot?.status.home).toBe(paths.home));
  let told = 0;
  using _changes = latest.changed.on(() => {
    told += 1;
  });
  await bridge.control.pause();
  await vi.waitFor(() => expect(latest.snapshot?.status.paused).toBe(true));
  expect(latest.snapshot?.accounts).toEqual([]);
  expect([latest.isLost, told > 0]).toEqual([false, true]);
});

test('an owner that goes is lost, its last word stays, and its successor is found', async () => {
  const paths = await freshPaths();
  const first = await startOwner(paths);
  const mayStart = Promise.withResolvers<void>();
  await using owner = reachOwner(paths, async () => {
    await mayStart.promise;
    return startOwner(paths);
  });
  await using latest = followLatest({ control: owner.client, log: silentLog, retryMs: 1 });
  const told: boolean[] = [];
  using _changes = latest.changed.on(() => told.push(latest.isLost));
  expect(latest.isLost).toBe(false);
  await vi.waitFor(() => expect(latest.snapshot).toBeDefined());
  const before = latest.snapshot?.status.startedAt;
  await first[Symbol.asyncDispose]();
  await vi.waitFor(() => expect(latest.isLost).toBe(true));
  expect([told.at(0), told.at(-1), latest.snapshot?.status.startedAt]).toEqual([false, true, before]);
  mayStart.resolve();
  await vi.waitFor(() => expect(latest.isLost).toBe(false));
  expect(latest.snapshot?.status.startedAt).not.toBe(before);
});

test('an owner that cannot be reached is asked again and again, ever less often', async () => {
  let asked = 0;
  const control = {
    watch: async () => {
      asked += 1;
      throw new Error('nobody there');
    },
  };
  await using latest = followLatest({ control, log: silentLog, retryMs: 1 });
  await vi.waitFor(() => expect(asked).toBeGreaterThan(3));
  expect([latest.isLost, latest.snapshot]).toEqual([true, undefined]);
});

test('a fault of somebody who listens does not end the watch', async () => {
  const paths = await freshPaths();
  await using bridge = await startOwner(paths);
  const lines: string[] = [];
  const log = { ...silentLog, error: (line: string) => void lines.push(line) };
  await using latest = followLatest({ control: bridge.control, log });
  using _changes = latest.changed.on(() => {
    throw new Error('Failed to load image from path');
  });
  await vi.waitFor(() => expect(latest.snapshot).toBeDefined());
  await bridge.control.pause();
  await vi.waitFor(() => expect(latest.snapshot?.status.paused).toBe(true));
  expect([new Set(lines), latest.isLost]).toEqual([new Set(['watch.listener']), false]);
});

test('the end waits for no owner that is still being looked for', async () => {
  const control = { watch: () => new Promise<never>(() => undefined) };
  await followLatest({ control, log: silentLog })[Symbol.asyncDispose]();
});

test('a part of a snapshot is not taken for one', async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  async function* parts(): AsyncGenerator<Partial<Snapshot>, void> {
    yield { accounts: [] };
    await left;
  }
  const latest = followLatest({ control: { watch: async () => parts() }, log: silentLog });
  let told = 0;
  using _changes = latest.changed.on(() => {
    told += 1;
  });
  await vi.waitFor(() => expect(told).toBe(1));
  expect(latest.snapshot).toBeUndefined();
  leave();
  await latest[Symbol.asyncDispose]();
});
