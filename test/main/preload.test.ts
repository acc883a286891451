import { app, BrowserWindow } from 'electron';
import { beforeEach, expect, test } from 'vitest';
import { desktop, newDesktop } from '../electron/desktop.ts';
import type { DoubleWindow } from '../electron/window.ts';
import { preload } from './a-page.ts';

let window: DoubleWindow;

beforeEach(async () => {
  newDesktop();
  await app.whenReady();
  new BrowserWindow();
  window = desktop().window;
});

test('a page sees one object with two functions, and nothing of Electron', async () => {
  const door = await preload(window);
  expect([...window.page.exposed.keys()]).toEqual(['gangway']);
  expect(Object.entries(door).map(([name, value]) => [name, typeof value])).toEqual([
    ['send', 'function'],
    ['listen', 'function'],
  ]);
});

test('a page sends texts and nothing else, through one channel', async () => {
  const sent: unknown[] = [];
  desktop().ipcMain.on('gangway:to-main', (_event, ...values) => sent.push(values));
  const { send } = await preload(window);
  send('a text');
  for (const odd of [1, null, undefined, {}, ['x'], new String('x')]) Reflect.apply(send, undefined, [odd]);
  expect(sent).toEqual([['a text']]);
});

test('a page hears texts without the events that bring them, until it stops', async () => {
  const heard: unknown[][] = [];
  const stop = (await preload(window)).listen((...values) => heard.push(values));
  window.webContents.send('gangway:to-window', 'one');
  window.webContents.send('other', 'two');
  stop();
  window.webContents.send('gangway:to-window', 'three');
  expect(heard).toEqual([['one']]);
});
