import { nativeTheme, session } from 'electron';
import { beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { backgroundOf, windowOptions } from '#main/window-options.ts';
import { openStage, type Stage, shown } from './an-open-window.ts';

test('a window is made with the one set of options, let in at the door, and shown once it is drawn', async () => {
  const { desktop, windows, told } = await openStage();
  windows.show();
  expect(desktop.window.isVisible()).toBe(false);
  await shown(desktop);
  const place = { width: 1080, height: 720 };
  expect(desktop.window.options).toEqual(
    windowOptions({ preload: '/app/out/preload/index.cjs', isPackaged: false, isDark: false, place }),
  );
  expect(told).toEqual(['admitted']);
  expect(desktop.window.webContents.getURL()).toBe('app://bundle/index.html#/');
});

test('what is wanted before the page is drawn is loaded in the place of it, and shown once', async () => {
  const lines: string[] = [];
  const { desktop, windows } = await openStage({
    log: { ...silentLog, error: (line) => void lines.push(line) },
  });
  windows.show();
  windows.show('/settings');
  windows.show();
  expect(desktop.window.isVisible()).toBe(false);
  await shown(desktop);
  expect(desktop.window.webContents.getURL()).toBe('app://bundle/index.html#/settings');
  expect([desktop.everyWindow.length, lines]).toEqual([1, []]);
});

test('the place that is shown already is not loaded anew, so nothing that is typed there is lost', async () => {
  const { desktop, windows } = await openStage();
  windows.show('/accounts/add/pelcro');
  await shown(desktop);
  windows.show('/accounts/add/pelcro');
  await new Promise((resolve) => setImmediate(resolve));
  expect(desktop.window.contents.loaded).toHaveLength(1);
});

test('a place of the window is shown without loading the page anew', async () => {
  const { desktop, windows } = await openStage();
  windows.show('/accounts/acc_12345678');
  await shown(desktop);
  windows.show('/settings');
  expect(desktop.window.webContents.getURL()).toBe('app://bundle/index.html#/settings');
  expect(desktop.window.contents.loaded).toHaveLength(1);
  windows.show();
  expect(desktop.window.webContents.getURL()).toBe('app://bundle/index.html#/settings');
});

test.each(['https://evil.example/', '//evil.example/', 'javascript:alert(1)', ''])(
  'a route is a place of the page, never an address: %j',
  async (route) => {
    const { desktop, windows } = await openStage();
    windows.show(route);
    await shown(desktop);
    expect(desktop.window.webContents.getURL()).toMatch(/^app:\/\/bundle\/index\.html#\//);
  },
);

describe('a page goes nowhere by itself:', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await openStage();
    stage.windows.show();
    await shown(stage.desktop);
  });

  test.each([
    ...['https://evil.example/', 'http://127.0.0.1:1/', 'file:///etc/passwd', 'app://other/index.html'],
    ...['app://bundle/', 'app://bundle/other.html', 'app://bundle/index.html?x', 'app://bundle/index.htmlx'],
    ...[
      'app://bundle/index.html/',
      'javascript:alert(1)',
      'data:text/html,x',
      'about:blank',
      'gangway://add',
    ],
    ...['APP://bundle/index.html', 'app://bundle@evil.example/index.html', 'blob:app://bundle/1', ''],
  ])('not to %j, by click, redirect or frame', (url) => {
    const { contents } = stage.desktop.window;
    expect(contents.navigate(url)).toBe(false);
    expect(contents.navigate(url, { isRedirect: true })).toBe(false);
    expect(contents.navigate(url, { isMainFrame: false })).toBe(false);
    expect(stage.told.filter((what) => what === 'navigation')).toHaveLength(3);
  });

  test.each(['app://bundle/index.html', 'app://bundle/index.html#/accounts'])('only to itself: %s', (url) => {
    expect(stage.desktop.window.contents.navigate(url)).toBe(true);
  });

  test.each(['https://evil.example/', 'app://bundle/index.html', 'about:blank'])(
    'no window opens for %s',
    (url) => {
      expect(stage.desktop.window.contents.open(url)).toEqual({ action: 'deny' });
      expect(stage.told).toContain('window');
    },
  );

  test('no page is put into the page', () => {
    expect(stage.desktop.window.contents.attachWebview('app://bundle/index.html')).toBe(false);
    expect(stage.told).toContain('webview');
  });
});

test('a window opens where it was, also as large as the screen', async () => {
  const last = { x: 40, y: 60, width: 900, height: 700, maximized: true };
  const { desktop, windows } = await openStage({ last });
  windows.show();
  await shown(desktop);
  expect(desktop.window.getBounds()).toEqual({ x: 40, y: 60, width: 900, height: 700 });
  expect(desktop.window.isMaximized()).toBe(true);
});

test('ending keeps the place of a window that is shown, and lets nobody refuse', async () => {
  const { desktop, windows, kept } = await openStage();
  windows.show();
  await shown(desktop);
  await windows[Symbol.asyncDispose]();
  expect(kept).toHaveLength(1);
  expect(desktop.windows).toEqual([]);
  expect(nativeTheme.listenerCount('updated')).toBe(0);
});

test('the background follows the theme', async () => {
  const { desktop, windows } = await openStage();
  windows.show();
  desktop.nativeTheme.become('dark');
  expect(desktop.window.backgroundColor).toBe(backgroundOf(true));
  desktop.nativeTheme.become('light');
  expect(desktop.window.backgroundColor).toBe(backgroundOf(false));
});

test('a page that crashes comes back three times, then its window goes until it is wanted again', async () => {
  const { desktop, windows } = await openStage();
  windows.show();
  await shown(desktop);
  const { window } = desktop;
  for (let time = 0; time < 3; time += 1) window.contents.crash();
  expect([window.contents.reloads, window.isDestroyed()]).toEqual([3, false]);
  window.contents.crash();
  expect(window.isDestroyed()).toBe(true);
  windows.show();
  await shown(desktop);
});

test('a window whose page cannot be loaded is shown all the same', async () => {
  const { desktop, windows } = await openStage();
  session.defaultSession.protocol.unhandle('app');
  windows.show();
  await shown(desktop);
});

test('a window whose page can never be seen is shown after a while, and a box in it is, too', async () => {
  const { desktop, windows } = await openStage({ platform: 'darwin', drawMs: 20 });
  session.defaultSession.protocol.unhandle('app');
  session.defaultSession.protocol.handle('app', () => new Promise(() => undefined));
  const answer = windows.ask({ message: 'Quit?' });
  (await desktop.dialog.question()).click('OK');
  expect((await answer).response).toBe(0);
});

test('the end of the session with the computer is told', async () => {
  const { desktop, windows, told } = await openStage({ platform: 'win32' });
  windows.show();
  const event = { preventDefault: () => undefined, defaultPrevented: false, reasons: ['logoff' as const] };
  desktop.window.announce('session-end', event);
  expect(told).toContain('session ends');
});
