import { os } from '@orpc/server';
import { app, BrowserWindow } from 'electron';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { Refusals } from '#main/refusals.ts';
import { openWindowDoor, type WindowDoor } from '#main/window-door.ts';
import { desktop, newDesktop } from '../electron/desktop.ts';
import { DoubleFrame } from '../electron/web-contents.ts';
import type { DoubleWindow } from '../electron/window.ts';

const TO_MAIN = 'gangway:to-main';
const call = (id: string, path = '/ping', input?: unknown): string =>
  JSON.stringify({ i: id, p: { u: path, ...(input === undefined ? {} : { b: { json: input } }) } });

let window: DoubleWindow;
let door: WindowDoor;
let refusals: Refusals;
let calls: string[];
let clock: number;

const answers = (): unknown[] =>
  window.page.received.map(({ values: [text] }) => JSON.parse(String(text)) as unknown);
const answered = (count: number): Promise<void> =>
  vi.waitFor(() => expect(window.page.received.length).toBeGreaterThanOrEqual(count));

beforeEach(async () => {
  newDesktop();
  await app.whenReady();
  calls = [];
  clock = 0;
  refusals = new Refusals(silentLog, 'window.refused');
  const router = {
    ping: os.handler(() => {
      calls.push('ping');
      return 'pong';
    }),
    ticks: os.handler(async function* ({ signal }) {
      for (let tick = 0; !signal?.aborted; tick += 1) {
        yield tick;
        await new Promise<void>((resolve) => {
          signal?.addEventListener('abort', () => resolve());
        });
      }
      calls.push('ticks ended');
    }),
  };
  door = openWindowDoor({ router, refusals, now: () => clock });
  new BrowserWindow();
  window = desktop().window;
  window.contents.frame.url = 'app://bundle/index.html#/accounts';
  door.admit(window.webContents);
});

test('a page of ours calls and is answered', async () => {
  window.page.send(TO_MAIN, call('1'));
  await answered(1);
  expect(answers()).toEqual([expect.objectContaining({ i: '1' })]);
  expect(JSON.stringify(answers())).toContain('pong');
  expect(window.page.received[0]?.channel).toBe('gangway:to-window');
  expect(refusals.count()).toBe(0);
});

test('there is one channel for pages, and none that answers by itself', () => {
  expect(desktop().ipcMain.channels).toEqual([TO_MAIN]);
  expect([...desktop().ipcMain.answering.keys()]).toEqual([]);
});

describe('DL-08 refused, counted, and the app lives:', () => {
  const stranger = new DoubleFrame('https://evil.example/', 101, 2);

  test.each<[string, string, () => void]>([
    ['a channel nobody knows', 'channel', () => window.page.send('gangway:open', call('1'))],
    ['a number', 'no-text', () => window.page.send(TO_MAIN, 1)],
    ['nothing', 'no-text', () => window.page.send(TO_MAIN)],
    ['an object', 'no-text', () => window.page.send(TO_MAIN, { i: '1', p: { u: '/ping' } })],
    ['a list', 'no-text', () => window.page.send(TO_MAIN, [call('1')])],
    ['bytes', 'no-text', () => window.page.send(TO_MAIN, new TextEncoder().encode(call('1')))],
    ['a second value', 'no-text', () => window.page.send(TO_MAIN, call('1'), call('2'))],
    ['something cyclic', 'no-text', () => window.page.send(TO_MAIN, cyclic())],
    [
      'ten megabytes',
      'too-large',
      () => window.page.send(TO_MAIN, call('1', '/ping', 'x'.repeat(10_000_000))),
    ],
    ['64 KB and one byte', 'too-large', () => window.page.send(TO_MAIN, 'x'.repeat(65_537))],
    ['no JSON', 'malformed', () => window.page.send(TO_MAIN, 'ping')],
    ['an empty text', 'malformed', () => window.page.send(TO_MAIN, '')],
    [
      'extra keys',
      'malformed',
      () => window.page.send(TO_MAIN, JSON.stringify({ i: '1', p: { u: '/ping' }, x: 1 })),
    ],
    ['__proto__', 'malformed', () => window.page.send(TO_MAIN, '{"i":"1","__proto__":{"u":"/ping"}}')],
    ['a path out of the router', 'malformed', () => window.page.send(TO_MAIN, call('1', '/../__proto__'))],
    [
      'a page inside the page',
      'stranger',
      () => window.page.sendFrom(window.page.iframe('app://bundle/index.html'), TO_MAIN, call('1')),
    ],
    [
      'a page inside the page, under the name of the page',
      'stranger',
      () =>
        window.page.sendFrom(
          new DoubleFrame('app://bundle/index.html', 101, 1, window.contents.frame),
          TO_MAIN,
          call('1'),
        ),
    ],
    ['a frame that is gone', 'stranger', () => window.page.sendFrom(null, TO_MAIN, call('1'))],
    ['a page from elsewhere', 'stranger', () => window.page.sendFrom(stranger, TO_MAIN, call('1'))],
    [
      'a page that is gone from its frame',
      'stranger',
      () => window.page.sendFrom(new DoubleFrame('app://bundle/index.html', 999, 1), TO_MAIN, call('1')),
    ],
    ['a window that was not let in', 'stranger', () => sendFromStranger('app://bundle/index.html')],
    ['developer tools', 'stranger', () => sendFromStranger('devtools://devtools/bundled/index.html')],
  ])('%s', async (_what, kind, send) => {
    send();
    expect([refusals.count(kind), refusals.count()]).toEqual([1, 1]);
    // A text that is too long is answered, so that nobody waits for it; nothing else is.
    expect(window.page.received.length).toBe(kind === 'too-large' && _what.startsWith('ten') ? 1 : 0);
    window.page.send(TO_MAIN, call('2'));
    await vi.waitFor(() => expect(calls).toEqual(['ping']));
  });

  test.each([
    'https://evil.example/',
    'file:///index.html',
    'about:blank',
    'app://bundle.evil.example/',
    'data:text/html,x',
  ])('our own window, when it shows %s', async (url) => {
    window.contents.frame.url = url;
    window.page.send(TO_MAIN, call('1'));
    expect(refusals.count('stranger')).toBe(1);
  });

  test('a window that was closed', async () => {
    window.destroy();
    window.page.send(TO_MAIN, call('1'));
    expect(refusals.count('stranger')).toBe(1);
    expect(door.has(window.webContents)).toBe(false);
  });

  test('ten thousand calls in a second: five hundred are served, and one log line is written', async () => {
    const lines: unknown[] = [];
    const log = { ...silentLog, warn: (...line: unknown[]) => void lines.push(line) };
    const noisy = new Refusals(log, 'window.refused', () => clock);
    for (let number = 0; number < 10_000; number += 1) window.page.send(TO_MAIN, call(String(number)));
    expect(refusals.count('too-many')).toBe(9_500);
    await vi.waitFor(() => expect(calls).toHaveLength(500));
    clock = 1_000;
    window.page.send(TO_MAIN, call('next'));
    await vi.waitFor(() => expect(calls).toHaveLength(501));
    for (let number = 0; number < 100; number += 1) noisy.add('too-many');
    clock += 60_000;
    noisy.add('too-many');
    expect(lines).toEqual([
      ['window.refused', { kind: 'too-many', count: 1 }],
      ['window.refused', { kind: 'too-many', count: 100 }],
    ]);
  });

  test('ten thousand calls in any later second, too', async () => {
    for (clock = 5_000; clock < 5_900; clock += 90) {
      for (let number = 0; number < 1_000; number += 1) window.page.send(TO_MAIN, call(String(number)));
    }
    expect(refusals.count('too-many')).toBe(9_500);
  });

  test('a procedure that does not exist is an answer to the page, not a fault of the app', async () => {
    window.page.send(TO_MAIN, call('1', '/constructor/prototype'));
    await answered(1);
    expect(JSON.stringify(answers())).not.toContain('pong');
    expect(calls).toEqual([]);
  });
});

test('a page that was loaded anew is told nothing of what the page before asked', async () => {
  window.page.send(TO_MAIN, call('1', '/ticks'));
  await answered(2);
  const before = window.page.received.length;
  window.contents.announce(
    'did-navigate',
    { preventDefault: () => undefined, defaultPrevented: false },
    'app://bundle/index.html',
    -1,
    '',
  );
  await vi.waitFor(() => expect(calls).toEqual(['ticks ended']));
  window.page.send(TO_MAIN, call('1'));
  await answered(before + 1);
  expect(JSON.stringify(answers().slice(before))).toContain('pong');
});

test('what a page asked ends with its process, before there is another page', async () => {
  window.page.send(TO_MAIN, call('1', '/ticks'));
  await answered(1);
  window.contents.crash();
  await vi.waitFor(() => expect(calls).toEqual(['ticks ended']));
});

test('what a page asked ends with its window, and with the door', async () => {
  window.page.send(TO_MAIN, call('1', '/ticks'));
  await answered(1);
  window.destroy();
  await vi.waitFor(() => expect(calls).toEqual(['ticks ended']));
  door[Symbol.dispose]();
  expect(desktop().ipcMain.channels).toEqual([]);
});

function cyclic(): object {
  const ring: Record<string, unknown> = {};
  ring.ring = ring;
  return ring;
}

function sendFromStranger(url: string): void {
  new BrowserWindow();
  const other = desktop().windows.at(-1);
  if (!other) throw new Error('There is no other window.');
  other.contents.frame.url = url;
  other.page.send(TO_MAIN, call('1'));
}
