import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { prepareDesktop, type Start } from '#main/prepare.ts';
import { temporaryHome } from '../canary/home.ts';
import { type DesktopOptions, newDesktop } from '../electron/desktop.ts';

let home: string;

beforeEach(async () => {
  home = (await temporaryHome()).path;
});

function prepare(start: Partial<Start> = {}, options: DesktopOptions = {}) {
  const desktop = newDesktop({ platform: 'linux', folder: home, waits: true, ...options });
  const { platform = options.platform ?? 'linux' } = start;
  const prepared = prepareDesktop({
    argv: [],
    environment: { GANGWAY_HOME: join(home, 'gangway') },
    say: () => undefined,
    ...start,
    platform,
  });
  return { desktop, prepared };
}

const nothing = { link: () => undefined, call: () => undefined };

test('Windows knows the app by the name of its packages, and its notifications by one class for ever', () => {
  const { desktop } = prepare({}, { platform: 'win32' });
  const named = desktop.app.deeds.filter(([what]) => /^set/.test(what));
  const packages = readFileSync(join(import.meta.dirname, '../../electron-builder.yml'), 'utf8');
  expect(named).toEqual([
    ['setAppUserModelId', /^appId: (.+)$/m.exec(packages)?.[1]],
    ['setToastActivatorCLSID', '{6E3F1B52-0C7D-4B0E-9A57-2F6C1D5E8A43}'],
  ]);
});

test('an installed app takes links of its own kind', () => {
  const { desktop } = prepare({}, { isPackaged: true });
  expect(desktop.app.isDefaultProtocolClient('gangway')).toBe(true);
});

test('where the home folder cannot be found, that is said in plain words, without a stack', () => {
  const before = process.cwd();
  const gone = join(tmpdir(), `gangway-gone-${process.pid}`);
  mkdirSync(gone);
  process.chdir(gone);
  rmdirSync(gone);
  try {
    const { desktop, prepared } = prepare({ environment: { GANGWAY_HOME: 'here' } });
    expect(prepared).toBeUndefined();
    expect(desktop.app.deeds).toEqual([]);
    expect(desktop.dialog.errors).toEqual([
      { title: 'Gangway cannot start', content: expect.stringContaining('home folder') },
    ]);
    expect(desktop.app.hasEnded).toBe(true);
  } finally {
    process.chdir(before);
  }
});

test('the next one starts only for somebody who came when this one had ended its work', () => {
  const { desktop, prepared } = prepare({ argv: ['gangway://add?name=A'] });
  prepared?.startNext();
  const receiving = prepared?.receive(nothing);
  desktop.startAgain();
  receiving?.[Symbol.dispose]();
  desktop.activate();
  desktop.startAgain([], { hidden: true });
  prepared?.startNext();
  expect(desktop.app.deeds.filter(([what]) => what === 'relaunch')).toEqual([]);
});

test('of an AppImage its file is started again, not the program inside it', () => {
  const [APPIMAGE, APPDIR] = ['/home/me/Gangway.AppImage', join(process.execPath, '..')];
  const { desktop, prepared } = prepare(
    { environment: { GANGWAY_HOME: join(home, 'gangway'), APPIMAGE, APPDIR } },
    { isPackaged: true },
  );
  prepared?.receive(nothing)[Symbol.dispose]();
  desktop.openUrl('gangway://add?name=B');
  prepared?.startNext();
  expect(desktop.app.deeds.at(-1)).toEqual([
    'relaunch',
    { args: ['gangway://add?name=B'], execPath: APPIMAGE },
  ]);
});
