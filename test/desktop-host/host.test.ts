import { spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryHome } from '../canary/home.ts';
import { buildFromTemplate, type DoubleMenu, doubleOf } from '../electron/menu.ts';
import { MenuWire } from './menu-wire.ts';
import { inside, outside } from './origins.ts';
import { type Picture, readPng, writePng } from './png.ts';
import { findPicture } from './screen/screen-picture.ts';
import { takeLock } from './single-instance.ts';

const REGISTER = join(import.meta.dirname, 'register.ts');

/** Runs a program under the desktop host, as the built app runs, without screen and bus. */
async function underHost(program: string, files: Readonly<Record<string, string>> = {}) {
  await using home = await temporaryHome();
  for (const [name, text] of Object.entries({ ...files, 'program.mjs': program }))
    writeFileSync(join(home.path, name), text);
  const words = ['--import', REGISTER, join(home.path, 'program.mjs')];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: home.path,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

describe('what the host lacks', () => {
  test.each([
    ['app.getVersion', "import { app } from 'electron'; app.getVersion();"],
    ['app.badgeCount', "import { app } from 'electron'; app.badgeCount = 3;"],
    [
      "event 'browser-window-created' of app",
      "import { app } from 'electron'; app.on('browser-window-created', () => {});",
    ],
    ["app.getPath('temp') before app.setPath", "import { app } from 'electron'; app.getPath('temp');"],
    ['ipcMain.handleOnce', "import { ipcMain } from 'electron'; ipcMain.handleOnce('x', () => {});"],
    [
      'BrowserWindow.getAllWindows',
      "import { BrowserWindow } from 'electron'; BrowserWindow.getAllWindows();",
    ],
    [
      'a window with sandbox: false',
      `import { app, BrowserWindow } from 'electron';
       await app.whenReady();
       app.setPath('userData', '.');
       new BrowserWindow({ show: false, webPreferences: { sandbox: false } });`,
    ],
    ['Menu.getApplicationMenu', "import { Menu } from 'electron'; Menu.getApplicationMenu();"],
  ])('%s is rejected', async (what, program) => {
    const { status, stderr } = await underHost(program);
    expect(stderr.split('\n')[0]).toBe(`desktop host: not mapped: ${what}`);
    expect(status).toBe(1);
  });

  test('an app that catches the rejection cannot hide it', async () => {
    const { status, stderr } = await underHost(
      "import { app } from 'electron'; try { app.getVersion(); } catch {} process.exitCode = 0;",
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'desktop host: not mapped: app.getVersion\n' });
  });

  test('a part that it does not have is no part of the module', async () => {
    const { status, stderr } = await underHost("import { autoUpdater } from 'electron';");
    expect(stderr).toContain("does not provide an export named 'autoUpdater'");
    expect(status).toBe(1);
  });
});

describe('what the host has', () => {
  test('the app becomes ready after its first file, and quits when nobody minds', async () => {
    const { status, stdout } = await underHost(`import { app } from 'electron';
      const told = [];
      for (const name of ['ready', 'before-quit', 'will-quit', 'quit']) app.on(name, () => told.push(name));
      app.whenReady().then(() => app.quit());
      process.on('exit', () => process.stdout.write(told.join()));
      told.push(app.isReady());`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'false,ready,before-quit,will-quit,quit' });
  });

  test('a process beside the app speaks through its port', async () => {
    const child =
      "process.parentPort.once('message', ({ data }) => process.parentPort.postMessage([data, process.env.A]));";
    const { stdout, status } = await underHost(
      `import { utilityProcess } from 'electron';
       const child = utilityProcess.fork('child.mjs', [], { env: { A: 'b' }, stdio: 'ignore' });
       child.once('message', (answer) => { process.stdout.write(JSON.stringify(answer)); child.kill(); });
       child.postMessage({ question: 1 });`,
      { 'child.mjs': child },
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: '[{"question":1},"b"]' });
  });

  test.runIf(process.platform === 'linux')(
    'a second start is told to the first; a lock that a dead process left is taken over',
    async () => {
      await using home = await temporaryHome();
      symlinkSync('999999999', join(home.path, 'SingletonLock'));
      const told = { argv: ['gangway://add'], folder: '/', data: { link: 'gangway://add' } };
      using first = takeLock(home.path, { ...told, argv: [] });
      expect(takeLock(home.path, told)).toBeUndefined();
      const heard = Promise.withResolvers<unknown>();
      first?.hear(heard.resolve);
      expect(await heard.promise).toEqual(told);
    },
  );

  test.each([
    ['app://bundle/index.html#/accounts', 'http://bundle.app.localhost/index.html#/accounts'],
    ['blob:app://bundle/5', 'blob:http://bundle.app.localhost/5'],
    ['https://example.com/', 'https://example.com/'],
    ['http://127.0.0.1:80/', 'http://127.0.0.1:80/'],
    ['about:blank', 'about:blank'],
  ])('Chromium knows %s as %s', (own, chromiums) => {
    expect(inside(chromiums)).toBe(own);
    if (!own.startsWith('blob:')) expect(outside(own)).toBe(chromiums);
  });
});

describe('the menu on the bus', () => {
  const pressed: string[] = [];
  const click = ({ label }: { label: string }): void => void pressed.push(label);
  const menuOf = (template: Electron.MenuItemConstructorOptions[]): DoubleMenu =>
    doubleOf(buildFromTemplate(template))!;
  const menu = (): DoubleMenu =>
    menuOf([
      { label: 'R&&D _x', enabled: false },
      {
        label: 'More',
        submenu: [
          { label: 'one', type: 'radio', checked: true, click },
          { label: 'two', type: 'radio', click },
          { type: 'separator' },
          { label: '&three', type: 'checkbox', click },
        ],
      },
    ]);

  test('says of each item what a panel draws', () => {
    const values = new MenuWire(menu(), 0)
      .properties([])
      .map(([id, properties]) => [
        id,
        Object.fromEntries(Object.entries(properties).map(([name, { value }]) => [name, value])),
      ]);
    const usual = { enabled: true, visible: true };
    expect(values).toEqual([
      [1, { ...usual, label: 'R&D __x', enabled: false }],
      [2, { ...usual, label: 'More', 'children-display': 'submenu' }],
      [3, { ...usual, label: 'one', 'toggle-type': 'radio', 'toggle-state': 1 }],
      [4, { ...usual, label: 'two', 'toggle-type': 'radio', 'toggle-state': 0 }],
      [5, { type: 'separator' }],
      [6, { ...usual, label: '_three', 'toggle-type': 'checkmark', 'toggle-state': 0 }],
    ]);
  });

  test('a click presses the one item, and none of a menu that was replaced', () => {
    const first = new MenuWire(menu(), 0);
    expect([1, 2, 4, 99].map((id) => first.press(id))).toEqual([undefined, undefined, 'two', undefined]);
    expect(pressed).toEqual(['two']);
    expect(first.properties([3, 4]).map(([, { 'toggle-state': state }]) => state?.value)).toEqual([0, 1]);
    expect(new MenuWire(menu(), first.last).press(4)).toBeUndefined();
  });
});

test('a picture survives its file and is found on a screen, but not among what only looks alike', () => {
  const paint = (
    width: number,
    height: number,
    colour: (x: number, y: number) => readonly number[],
  ): Picture => ({
    width,
    height,
    pixels: Uint8Array.from(
      Array.from({ length: width * height }, (_, at) => colour(at % width, Math.floor(at / width))).flat(),
    ),
  });
  const ink = [20, 30, 40, 255];
  const ring = paint(5, 5, (x, y) => (x === 0 || y === 0 || x === 4 || y === 4 ? ink : [0, 0, 0, 0]));
  expect(readPng(writePng(ring))).toEqual(ring);
  const grey = [240, 240, 240, 255];
  const isBlock = (x: number, y: number): boolean => x >= 2 && x < 7 && y >= 2 && y < 7;
  const screen = paint(40, 12, (x, y) => {
    if (isBlock(x, y)) return ink;
    const isRing = x >= 20 && x < 25 && y >= 3 && y < 8 && !(x > 20 && x < 24 && y > 3 && y < 7);
    return isRing ? ink : grey;
  });
  expect(findPicture(screen, ring)).toEqual({ x: 22, y: 5 });
  expect(findPicture(screen, ring, 7)).toBeUndefined();
});
