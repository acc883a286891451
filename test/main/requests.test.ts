import { app, BrowserWindow, session } from 'electron';
import { expect, test } from 'vitest';
import { guardRequests, mayRequest } from '#main/requests.ts';
import { newDesktop } from '../electron/desktop.ts';

test.each([
  'app://bundle/index.html',
  'app://bundle/assets/a.js',
  'blob:app://bundle/1',
  'data:image/png;base64,x',
])('a page asks for its own: %s', (url) => expect(mayRequest(url, true)).toBe(true));

test.each([
  ...['https://evil.example/', 'http://127.0.0.1:1/mcp', 'ws://127.0.0.1:1/', 'file:///etc/passwd'],
  ...[
    'app://other/x',
    'app://bundle',
    'blob:https://evil.example/1',
    'devtools://devtools/x',
    'chrome://gpu',
    '',
  ],
])('a page of an installed app asks for nothing else: %s', (url) => {
  expect(mayRequest(url, true)).toBe(false);
});

test('developer tools load in a copy that is not installed', () => {
  expect(mayRequest('devtools://devtools/bundled/devtools_app.html', false)).toBe(true);
});

test('what a page asks for besides is cancelled and counted; what the app itself asks for passes', async () => {
  const desktop = newDesktop();
  await app.whenReady();
  const { webContents } = new BrowserWindow();
  const refused: string[] = [];
  guardRequests(session.defaultSession, true, (what) => refused.push(what));
  expect(await desktop.defaultSession.request('https://evil.example/', webContents)).toBe(false);
  expect(await desktop.defaultSession.request('app://bundle/index.html', webContents)).toBe(true);
  expect(await desktop.defaultSession.request('https://updates.example/latest.yml')).toBe(true);
  expect(refused).toEqual(['request']);
});
