import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { PauseEnd } from '#bridge/settings/pause-end.ts';
import { SettingsStore } from '#bridge/settings/store.ts';
import { temporaryHome } from '../canary/home.ts';

const NOON = Date.parse('2026-11-21T12:00:00.000Z');

/** Settings in a folder of their own, a clock that stands still until it is set, and the timer that is set. */
async function startClock(before: (store: SettingsStore) => Promise<unknown> = async () => undefined) {
  await using starting = new AsyncDisposableStack();
  const home = starting.use(await temporaryHome());
  const path = join(home.path, 'settings.json');
  const settings = await SettingsStore.open(path, silentLog);
  await before(settings);
  const clock = { now: NOON };
  const timers: { readonly ms: number; readonly task: () => void }[] = [];
  const end = starting.use(
    new PauseEnd({
      settings,
      log: silentLog,
      now: () => new Date(clock.now),
      schedule: (ms, task) => {
        const timer = { ms, task };
        timers.push(timer);
        return { [Symbol.dispose]: () => void timers.splice(timers.indexOf(timer), 1) };
      },
    }),
  );
  const running = starting.move();
  return {
    path,
    settings,
    clock,
    end,
    /** What the timers wait for, in seconds. */
    waits: () => timers.map(({ ms }) => ms / 1000),
    /** The timer is over. Resolves once the settings have changed. */
    fire: async () => {
      const changed = Promise.withResolvers<void>();
      using _subscription = settings.changed.on(() => changed.resolve());
      timers[0]?.task();
      await changed.promise;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const inSeconds = (seconds: number): Date => new Date(NOON + seconds * 1000);

test('a pause ends when its time is over', async () => {
  await using desk = await startClock();
  await desk.settings.pause(inSeconds(30));
  expect(desk.waits()).toEqual([30]);
  desk.clock.now = NOON + 30_000;
  await desk.fire();
  expect(desk.settings.current.paused).toBe(false);
  expect(desk.waits()).toEqual([]);
});

test('one that ended while nothing ran is over at the start', async () => {
  await using desk = await startClock((settings) => settings.pause(inSeconds(-1)));
  expect(desk.settings.current.paused).toBe(true);
  await desk.end.look();
  expect(desk.settings.current).not.toHaveProperty('pausedUntil');
  expect(desk.settings.current.paused).toBe(false);
});

test('one that has not ended then is waited for', async () => {
  await using desk = await startClock((settings) => settings.pause(inSeconds(20)));
  await desk.end.look();
  expect(desk.settings.current.paused).toBe(true);
  expect(desk.waits()).toEqual([20]);
});

test('the clock is looked at every minute, so sleep and a clock that was set delay it no longer than that', async () => {
  await using desk = await startClock();
  await desk.settings.pause(inSeconds(3600));
  expect(desk.waits()).toEqual([60]);
  await desk.end.look();
  expect(desk.waits()).toEqual([60]);
  desk.clock.now = NOON + 3_600_000;
  await desk.fire();
  expect(desk.settings.current.paused).toBe(false);
});

test('waking ends it at once', async () => {
  await using desk = await startClock();
  await desk.settings.pause(inSeconds(3600));
  desk.clock.now = NOON + 7_200_000;
  await desk.end.look();
  expect(desk.settings.current.paused).toBe(false);
});

test('a pause that was set anew has its own end, and one without an end none', async () => {
  await using desk = await startClock();
  await desk.settings.pause(inSeconds(10));
  await desk.settings.pause(inSeconds(50));
  expect(desk.waits()).toEqual([50]);
  await desk.settings.pause(undefined);
  expect(desk.waits()).toEqual([]);
});

test('FS-02 an end that cannot be saved leaves the pause and is tried again a minute later', async () => {
  await using desk = await startClock();
  await desk.settings.pause(inSeconds(10));
  await rm(desk.path);
  await mkdir(desk.path);
  desk.clock.now = NOON + 10_000;
  await desk.end.look();
  expect(desk.settings.current.paused).toBe(true);
  expect(desk.waits()).toEqual([60]);
  await rm(desk.path, { recursive: true });
  await desk.fire();
  expect(desk.settings.current.paused).toBe(false);
});

test('a closed bridge leaves no timer', async () => {
  await using desk = await startClock();
  await desk.settings.pause(inSeconds(10));
  desk.end[Symbol.dispose]();
  await desk.end.look();
  await desk.settings.pause(inSeconds(20));
  expect(desk.waits()).toEqual([]);
});
