import { app, type BrowserWindow, session, BrowserWindow as Window } from 'electron';
import { describe, expect, test } from 'vitest';
import { fileName, guardDownloads } from '#main/downloads.ts';
import { newDesktop } from '../electron/desktop.ts';

test.each([
  ['activity.csv', 'activity.csv'],
  ['../../.bashrc', 'bashrc'],
  ['C:\\Windows\\x.exe', 'C--Windows-x.exe'],
  ['/etc/passwd', 'etc-passwd'],
  ['.hidden', 'hidden'],
  ['a\u202Egpj.exe', 'a-gpj.exe'],
  ['a\0b\n.csv', 'a-b-.csv'],
  ['name. . .', 'name'],
  ['', 'gangway.txt'],
  ['...', 'gangway.txt'],
  ['x'.repeat(300), 'x'.repeat(100)],
])('a page that proposes %j for a file gets %j', (proposed, name) => {
  expect(fileName(proposed)).toBe(name);
});

describe('a download', () => {
  async function open(): Promise<{
    window: BrowserWindow;
    refused: string[];
    download(
      url: string,
      name?: string,
    ): ReturnType<ReturnType<typeof newDesktop>['defaultSession']['download']>;
  }> {
    const desktop = newDesktop();
    await app.whenReady();
    const window = new Window();
    const refused: string[] = [];
    guardDownloads(
      session.defaultSession,
      (contents) => contents === window.webContents,
      (what) => refused.push(what),
    );
    return {
      window,
      refused,
      download: (url, name) => desktop.defaultSession.download(window.webContents, url, name),
    };
  }

  test('of something our own page made is saved where the person says', async () => {
    const { download } = await open();
    const item = download('blob:app://bundle/8a7d', '../activity.csv');
    expect(item.isCancelled).toBe(false);
    expect(item.saveDialog).toEqual({ defaultPath: 'activity.csv' });
    expect(item.savedTo).toBe('');
  });

  test.each([
    ...['https://evil.example/x', 'blob:https://evil.example/x', 'data:text/html,x', 'file:///etc/passwd'],
    ...['app://bundle/index.html', 'blob:app://other/x', 'blob:null/x'],
  ])('of anything else is refused: %s', async (url) => {
    const { download, refused } = await open();
    expect(download(url).isCancelled).toBe(true);
    expect(refused).toEqual(['download']);
  });

  test('in a window that was not let in is refused', async () => {
    const desktop = newDesktop();
    await app.whenReady();
    const stranger = new Window();
    guardDownloads(
      session.defaultSession,
      () => false,
      () => undefined,
    );
    expect(desktop.defaultSession.download(stranger.webContents, 'blob:app://bundle/1').isCancelled).toBe(
      true,
    );
  });
});
