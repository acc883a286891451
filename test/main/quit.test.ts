import { EventEmitter } from 'node:events';
import { app, dialog } from 'electron';
import { beforeEach, expect, test, vi } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { openQuitting, type QuitParts, type Quitting } from '#main/quit.ts';
import type { QuitQuestion } from '#main/quit-question.ts';
import { type Desktop, newDesktop } from '../electron/desktop.ts';

const question: QuitQuestion = {
  message: 'Two apps are connected.',
  detail: 'They will lose access.',
  buttons: ['Quit', 'Keep in background'],
  tick: 'Do not ask again',
};

let desktop: Desktop;
let done: string[];
let signals: EventEmitter;

beforeEach(() => {
  desktop = newDesktop({ platform: 'linux', isReady: true });
  done = [];
  signals = new EventEmitter();
});

function open(parts: Partial<QuitParts> = {}): Quitting {
  return openQuitting({
    question: () => question,
    put: (box) => dialog.showMessageBox(box),
    askNoMore: async () => done.push('asks no more'),
    end: async () => void done.push('ended'),
    process: signals,
    log: silentLog,
    ...parts,
  });
}

test('whoever quits is asked, and then everything ends before the process goes', async () => {
  open();
  app.quit();
  const box = await desktop.dialog.question();
  expect(box.options).toMatchObject({
    message: question.message,
    detail: question.detail,
    buttons: ['Quit', 'Keep in background'],
    cancelId: 1,
    checkboxLabel: 'Do not ask again',
  });
  expect([done, desktop.app.hasEnded]).toEqual([[], false]);
  box.click('Quit');
  expect(await desktop.app.ended).toBe(0);
  expect(done).toEqual(['ended']);
});

test('whoever keeps it in the background, or presses Escape, keeps everything', async () => {
  const quitting = open();
  quitting.ask();
  (await desktop.dialog.question()).click('Keep in background', { tick: true });
  await vi.waitFor(() => {
    quitting.ask();
    expect(desktop.dialog.boxes).toHaveLength(2);
  });
  (await desktop.dialog.question()).dismiss();
  expect([done, desktop.app.hasEnded]).toEqual([[], false]);
});

test('the tick counts only for quitting', async () => {
  open().ask();
  (await desktop.dialog.question()).click('Quit', { tick: true });
  await desktop.app.ended;
  expect(done).toEqual(['asks no more', 'ended']);
});

test('impatient people are asked once', async () => {
  const quitting = open();
  quitting.ask();
  app.quit();
  app.quit();
  quitting.ask();
  await desktop.dialog.question();
  expect(desktop.dialog.boxes).toHaveLength(1);
});

test('where nothing is to be asked the app just ends', async () => {
  open({ question: () => undefined });
  app.quit();
  expect(await desktop.app.ended).toBe(0);
  expect([done, desktop.dialog.boxes]).toEqual([['ended'], []]);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])('the system ends it by %s without a question', async (signal) => {
  open();
  signals.emit(signal);
  expect(await desktop.app.ended).toBe(0);
  expect([done, desktop.dialog.boxes]).toEqual([['ended'], []]);
});

test('the end of the session does not wait for an answer', async () => {
  const quitting = open();
  quitting.ask();
  const box = await desktop.dialog.question();
  await quitting.now();
  expect(desktop.app.hasEnded).toBe(true);
  box.click('Keep in background');
  expect(done).toEqual(['ended']);
});

test('everything ends once, however often and late somebody asks for it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = async (): Promise<void> => {
    done.push('ending');
    await promise;
  };
  const quitting = open({ end });
  const first = quitting.now(3);
  void quitting.now();
  app.quit();
  signals.emit('SIGTERM');
  expect(desktop.app.hasEnded).toBe(false);
  resolve();
  await first;
  expect([done, await desktop.app.ended]).toEqual([['ending'], 3]);
});

test('what hangs while ending holds the process for its time only', async () => {
  const lines: string[] = [];
  const log = { ...silentLog, warn: (line: string) => void lines.push(line) };
  await open({ end: () => new Promise(() => undefined), graceMs: 20, log }).now();
  expect([desktop.app.hasEnded, lines]).toEqual([true, ['quit.late']]);
});

test('what fails while ending does not keep the process', async () => {
  await open({ end: () => Promise.reject(new Error('a fault')) }).now();
  expect(desktop.app.hasEnded).toBe(true);
});

test('a choice that cannot be saved does not keep the process', async () => {
  open({ askNoMore: () => Promise.reject(new Error('disk full')) }).ask();
  (await desktop.dialog.question()).click('Quit', { tick: true });
  expect(await desktop.app.ended).toBe(0);
});

test('whoever cannot be asked wanted to quit all the same', async () => {
  open({ put: () => Promise.reject(new Error('no window')) }).ask();
  expect(await desktop.app.ended).toBe(0);
  expect(done).toEqual(['ended']);
});

test('what is left to do comes when nothing runs any more, and before the process goes', async () => {
  const last = (exitCode: number): void => void done.push(`last ${exitCode} ${desktop.app.hasEnded}`);
  const quitting = open({ last });
  const first = quitting.now(1, () => void done.push('said'));
  // The app ends already, and for another reason.
  await Promise.all([first, quitting.now(1, () => void done.push('said twice'))]);
  expect(done).toEqual(['ended', 'said', 'last 1 false']);
  expect(await desktop.app.ended).toBe(1);
});

test('what is left to do holds nobody, even when it fails or ending hangs', async () => {
  const last = (): void => {
    done.push('last');
    throw new Error('a fault');
  };
  await open({ last, end: () => new Promise(() => undefined), graceMs: 20 }).now();
  expect([done, desktop.app.hasEnded]).toEqual([['last'], true]);
});

test('nothing listens any more afterwards', async () => {
  await open().now();
  expect(signals.eventNames()).toEqual([]);
  expect(app.listenerCount('before-quit')).toBe(0);
});
