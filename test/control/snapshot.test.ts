import { expect, test } from 'vitest';
import { Signal } from '#bridge/base/events.ts';
import { type Slices, watchSlices } from '#bridge/control/snapshot.ts';
import type { Snapshot, SnapshotChange } from '#contract/control.ts';
import { Settings } from '#contract/settings.ts';

/** Slices over plain values, each with a signal of its own. */
function someSlices() {
  const state: Snapshot = {
    status: {
      version: '1.0.0',
      pid: 1,
      home: '/home',
      socket: '/home/socket',
      url: null,
      vault: { kind: 'memory', state: 'ready' },
      paused: false,
      pausedUntil: null,
      startedAt: '2026-11-21T10:00:00.000Z',
    },
    accounts: [],
    signIns: [],
    sessions: [],
    clients: [],
    knownClients: [],
    settings: Settings.parse({}),
    recent: [],
  };
  const signals = {
    status: new Signal<void>(),
    accounts: new Signal<void>(),
    signIns: new Signal<void>(),
    sessions: new Signal<void>(),
    clients: new Signal<void>(),
    knownClients: new Signal<void>(),
    settings: new Signal<void>(),
    recent: new Signal<void>(),
  };
  let reads = 0;
  const slices = Object.fromEntries(
    (Object.keys(state) as (keyof Snapshot)[]).map((name) => [
      name,
      {
        read: () => {
          reads += 1;
          return structuredClone(state[name]);
        },
        changed: [signals[name]],
      },
    ]),
  ) as unknown as Slices;
  return { state, signals, slices, reads: () => reads };
}

const started = async (slices: Slices, signal = new AbortController().signal) => {
  const changes = watchSlices(slices, signal);
  const { value } = await changes.next();
  return { changes, first: value as SnapshotChange };
};

test('the first message is the whole snapshot', async () => {
  const { state, slices } = someSlices();
  const { first } = await started(slices);
  expect(first).toEqual(state);
});

test('after that come only slices that changed', async () => {
  const { state, signals, slices } = someSlices();
  const { changes } = await started(slices);
  state.settings = { ...state.settings, activityDays: 7 };
  signals.settings.announce();
  expect(await changes.next()).toEqual({ done: false, value: { settings: state.settings } });
});

test('changes of one turn of the event loop are one message', async () => {
  const { state, signals, slices } = someSlices();
  const { changes } = await started(slices);
  const next = changes.next();
  state.settings = { ...state.settings, paused: true };
  signals.settings.announce();
  state.status = { ...state.status, paused: true };
  signals.status.announce();
  expect((await next).value).toEqual({ settings: state.settings, status: state.status });
});

test('a slice that looks the same is not sent again', async () => {
  const { state, signals, slices } = someSlices();
  const { changes } = await started(slices);
  const next = changes.next();
  signals.sessions.announce();
  await new Promise((resolve) => setImmediate(resolve));
  state.status = { ...state.status, pid: 2 };
  signals.status.announce();
  expect((await next).value).toEqual({ status: state.status });
});

test('what changes while the reader is busy is sent when it comes back', async () => {
  const { state, signals, slices } = someSlices();
  const { changes } = await started(slices);
  for (const pid of [2, 3, 4]) {
    state.status = { ...state.status, pid };
    signals.status.announce();
  }
  expect((await changes.next()).value).toEqual({ status: { ...state.status, pid: 4 } });
});

test('an abort ends the watch and its subscriptions', async () => {
  const { signals, slices, reads } = someSlices();
  const leaving = new AbortController();
  const { changes } = await started(slices, leaving.signal);
  const next = changes.next();
  leaving.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  const before = reads();
  signals.status.announce();
  await new Promise((resolve) => setImmediate(resolve));
  expect(reads()).toBe(before);
});
