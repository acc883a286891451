import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  Menu,
  nativeImage,
  protocol,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryHome } from '../canary/home.ts';
import { clicked } from '../invariants/openers.ts';
import { type Desktop, desktop as desktopNow, newDesktop } from './desktop.ts';

/** What the double has in common with Electron beyond its types, as far as tests rely on it. */
let desktop: Desktop;

beforeEach(() => {
  desktop = newDesktop();
});

describe('a fresh desktop', () => {
  test('knows nothing of the one before', async () => {
    clicked();
    await app.whenReady();
    new BrowserWindow();
    await shell.openExternal('https://x.example/');
    const next = newDesktop();
    expect([BrowserWindow.getAllWindows(), next.shell.opened, app.isReady()]).toEqual([[], [], false]);
  });

  test('fails on what Gangway was never meant to use', () => {
    expect(() => Reflect.get(app, 'moveToApplicationsFolder')).toThrow('no app.moveToApplicationsFolder');
    expect(() => app.on('login', () => undefined)).toThrow("never tells 'login'");
  });
});

describe('as in Electron', () => {
  test('what belongs before readiness fails after it, and the other way round', async () => {
    expect(() => new BrowserWindow()).toThrow('before app is ready');
    await app.whenReady();
    expect(() => app.enableSandbox()).toThrow('before app is ready');
    expect(() => protocol.registerSchemesAsPrivileged([])).toThrow('before app is ready');
  });

  test('quitting can be prevented by the app and by a window; exiting cannot', async () => {
    await app.whenReady();
    const window = new BrowserWindow();
    window.on('close', (event) => event.preventDefault());
    app.quit();
    expect([desktop.app.hasEnded, window.isDestroyed()]).toEqual([false, false]);
    app.on('before-quit', (event) => event.preventDefault());
    app.quit();
    expect(desktop.app.hasEnded).toBe(false);
    app.exit(3);
    expect([await desktop.app.ended, window.isDestroyed()]).toEqual([3, true]);
  });

  test('an app without windows ends unless it says otherwise', async () => {
    await app.whenReady();
    new BrowserWindow().close();
    expect(await desktop.app.ended).toBe(0);
    const next = newDesktop();
    await app.whenReady();
    app.on('window-all-closed', () => undefined);
    new BrowserWindow().close();
    expect(next.app.hasEnded).toBe(false);
  });

  test('a scheme nobody answers for cannot be loaded', async () => {
    await app.whenReady();
    const window = new BrowserWindow();
    await expect(window.loadURL('app://bundle/index.html')).rejects.toThrow('ERR_UNKNOWN_URL_SCHEME');
    session.defaultSession.protocol.handle('app', () => new Response('page'));
    await window.loadURL('app://bundle/index.html');
    expect(window.webContents.getURL()).toBe('app://bundle/index.html');
  });

  test('a page sends copies, and nothing that cannot be copied', async () => {
    await app.whenReady();
    const [window] = [new BrowserWindow(), desktop.window];
    expect(() => desktop.window.page.send('x', () => undefined)).toThrow();
    window.destroy();
    expect(() => window.show()).toThrow('Object has been destroyed');
  });

  test('what belongs after readiness fails before it', async () => {
    newDesktop({ waits: true });
    expect(() => session.defaultSession).toThrow('before the app is ready');
    expect(() => screen.getAllDisplays()).toThrow('before the app is ready');
    expect(() => new Tray(nativeImage.createEmpty())).toThrow('before the app is ready');
    expect(() => utilityProcess.fork('/x.js')).toThrow('before the app is ready');
    expect(() => dialog.showMessageBox({ message: '?' })).toThrow('after app is ready');
  });

  test('a message box of macOS needs a window that can be seen, or it would hold up the app', async () => {
    newDesktop({ platform: 'darwin', isReady: true });
    expect(() => dialog.showMessageBox({ message: '?' })).toThrow('holds up the whole app');
    const window = new BrowserWindow({ show: false });
    expect(() => dialog.showMessageBox(window, { message: '?' })).toThrow('holds up the whole app');
    window.show();
    void dialog.showMessageBox(window, { message: '?' });
  });

  test('macOS tells of a window that is covered as if it were hidden', () => {
    const [told, { app }] = [[] as string[], newDesktop({ platform: 'darwin', isReady: true })];
    new BrowserWindow().on('hide', () => told.push('hide'));
    desktopNow().window.cover(true);
    expect([told, desktopNow().window.isVisible(), app.isReady()]).toEqual([['hide'], true, true]);
  });

  test('what only some systems have is missing on the others', () => {
    newDesktop({ platform: 'linux' });
    expect(() => app.getLoginItemSettings()).toThrow('no such function here');
    expect(() => app.setAppUserModelId('x')).toThrow('no such function here');
  });

  test('a folder that is not there is no place for data, and a lock in it is refused', async () => {
    await using home = await temporaryHome();
    expect(() => app.setPath('userData', join(home.path, 'none'))).toThrow('Failed to set path');
    newDesktop({ folder: join(home.path, 'file') });
    writeFileSync(join(home.path, 'file'), '');
    expect(app.requestSingleInstanceLock()).toBe(false);
    newDesktop({ folder: home.path });
    expect(app.requestSingleInstanceLock()).toBe(true);
  });

  test('a page that is loaded while another one is on its way is given up', async () => {
    await app.whenReady();
    const window = new BrowserWindow();
    session.defaultSession.protocol.handle('app', () => new Response('page'));
    const first = window.loadURL('app://bundle/a.html');
    await Promise.all([
      expect(first).rejects.toThrow('ERR_ABORTED'),
      window.loadURL('app://bundle/index.html#/a'),
    ]);
    await window.loadURL('app://bundle/index.html#/b');
    expect(desktop.window.contents.loaded).toHaveLength(1);
    await window.loadURL('app://bundle/index.html#/b');
    expect(desktop.window.contents.loaded).toHaveLength(2);
  });

  test('a process has no id before it is there', async () => {
    await app.whenReady();
    await using home = await temporaryHome();
    const program = join(home.path, 'program.mjs');
    writeFileSync(program, 'setInterval(() => undefined, 1000);');
    const child = utilityProcess.fork(program);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    expect([child.pid, child.kill()]).toEqual([undefined, false]);
    await new Promise<void>((resolve) => child.once('spawn', resolve));
    expect(child.pid).toBeGreaterThan(0);
    desktop.children[0]?.end();
    await gone;
  });

  test('a menu is clicked where a person can click it', async () => {
    await app.whenReady();
    const clicked: string[] = [];
    const menu = Menu.buildFromTemplate([
      { label: 'Off', enabled: false, click: () => void clicked.push('off') },
      { label: 'Gone', visible: false, click: () => void clicked.push('gone') },
      {
        label: 'More',
        submenu: [
          { label: 'A', type: 'radio', checked: true },
          { label: 'B', type: 'radio', click: () => void clicked.push('b') },
          { type: 'separator' },
          { label: 'Tick', type: 'checkbox', click: ({ checked }) => void clicked.push(`tick ${checked}`) },
        ],
      },
    ]);
    new Tray(nativeImage.createEmpty()).setContextMenu(menu);
    expect(() => desktop.clickTray('Off')).toThrow('Nobody can click');
    expect(() => desktop.clickTray('Gone')).toThrow("No item is called 'Gone'");
    expect(() => desktop.clickTray('More')).toThrow('does nothing');
    desktop.clickTray('More', 'B');
    desktop.clickTray('More', 'Tick');
    expect(clicked).toEqual(['b', 'tick true']);
    expect(desktop.tray.menu.find('More', 'A').checked).toBe(false);
    expect(() => Menu.buildFromTemplate([{}])).toThrow('at least one of label, role or type');
    expect(() => new Tray('/nonexistent.png')).toThrow('Failed to load image');
  });

  test('a message box waits for its answer', async () => {
    desktop = newDesktop({ platform: 'linux', isReady: true });
    const asked = dialog.showMessageBox({ message: 'Quit?', buttons: ['Quit', 'Stay'], cancelId: 1 });
    (await desktop.dialog.question()).dismiss();
    expect(await asked).toEqual({ response: 1, checkboxChecked: false });
  });
});
