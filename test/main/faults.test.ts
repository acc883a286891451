import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { openLog, silentLog } from '#bridge/base/log.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { type FaultParts, watchFaults } from '#main/faults.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { type Desktop, newDesktop } from '../electron/desktop.ts';

let desktop: Desktop;
let source: EventEmitter;
let done: string[];
let clock: number;
let giveUp: () => void;

beforeEach(() => {
  desktop = newDesktop();
  source = new EventEmitter();
  done = [];
  clock = 0;
});

function watch(parts: Partial<FaultParts> = {}): Disposable {
  return watchFaults({
    process: source,
    log: silentLog,
    restart: async () => void done.push('restarted'),
    giveUp: (say) => {
      done.push('gave up');
      giveUp = say;
    },
    now: () => clock,
    ...parts,
  });
}

const fault = async (kind = 'uncaughtException'): Promise<void> => {
  source.emit(kind, new Error('a fault'));
  // What a restart leaves behind comes in later turns.
  await new Promise((resolve) => setImmediate(resolve));
};

test.each(['uncaughtException', 'unhandledRejection'])('after an %s the bridge begins anew', async (kind) => {
  watch();
  await fault(kind);
  expect([done, desktop.dialog.errors]).toEqual([['restarted'], []]);
});

test('KL-05 after three in ten minutes the app says so in plain words and ends', async () => {
  watch();
  for (let time = 0; time < 6; time += 1) await fault();
  expect(done).toEqual(['restarted', 'restarted', 'restarted', 'gave up']);
  // It stands still until somebody reads it, so nothing may run any more by then.
  expect(desktop.dialog.errors).toEqual([]);
  giveUp();
  expect(desktop.dialog.errors).toHaveLength(1);
  const [{ title, content } = { title: '', content: '' }] = desktop.dialog.errors;
  expect(`${title}. ${content}`).not.toMatch(/Error|at |\.ts|a fault/);
  expect(content.length).toBeLessThanOrEqual(300);
});

test('faults that are far apart end nothing', async () => {
  watch();
  for (let time = 0; time < 20; time += 1) {
    await fault();
    clock += 4 * 60_000;
  }
  expect(new Set(done)).toEqual(new Set(['restarted']));
});

test('faults of a bridge that is about to end count once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  watch({
    restart: async () => {
      done.push('restarting');
      await promise;
    },
  });
  for (let time = 0; time < 10; time += 1) await fault();
  resolve();
  expect(done).toEqual(['restarting']);
});

test('a bridge that cannot begin anew ends the app', async () => {
  watch({ restart: () => Promise.reject(new Error('no')) });
  await fault();
  await vi.waitFor(() => expect(done).toEqual(['gave up']));
});

test('a fault is logged by name and place, without its words', async () => {
  await using home = await temporaryHome();
  const file = join(home.path, 'gangway.log');
  const redactor = new Redactor();
  using log = openLog({ file, redact: (text) => redactor.clean(text) });
  watch({ log });
  source.emit('unhandledRejection', new Error(`Bearer ${canary('bearer')}`));
  source.emit('unhandledRejection', canary('aly'));
  expect(await readFile(file, 'utf8')).toContain('"msg":"desktop.fault"');
});

test('nothing is watched any more afterwards', () => {
  watch()[Symbol.dispose]();
  expect(source.eventNames()).toEqual([]);
});
