import { existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { appImageOf } from '#main/app-image.ts';
import { type CommandParts, isPassing, ownCommand } from '#main/own-command.ts';
import { temporaryHome } from '../canary/home.ts';

const KEYRING = 'app.asar.unpacked/node_modules/@napi-rs/keyring-linux-x64-gnu/keyring.node';
const BUILT = new Date(2026, 0, 1);

let root: string;
let resources: string;
let home: string;
let inAppImage: Partial<CommandParts>;

async function put(file: string, content: string, at = BUILT): Promise<void> {
  const path = join(resources, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await chmod(path, 0o755);
  await utimes(path, at, at);
}

/** An installed copy, as a package makes it. */
beforeEach(async () => {
  root = (await temporaryHome()).path;
  resources = join(root, 'app', 'resources');
  home = join(root, 'data');
  for (const [file, content] of [
    ['bin/gangway', 'command 1'],
    ['bin/gangway-other', 'not the command'],
    ['bin/gangway-shim', 'native 1'],
    ['bin/gangway-shim.cjs', 'shim 1'],
    ['icons/app/512x512.png', 'icon 1'],
    ['icons/tray/ready.png', 'icon 1'],
    ['panel/index.html', 'panel 1'],
    ['panel/assets/old.js', 'old'],
    [KEYRING, 'keyring 1'],
    ['app.asar', 'the app'],
  ] as const)
    await put(file, content);
  inAppImage = {
    environment: { APPIMAGE: join(root, 'Gangway.AppImage'), APPDIR: join(root, 'app') },
    executable: join(root, 'app', 'gangway-desktop'),
  };
});

function command(parts: Partial<CommandParts> = {}): ReturnType<typeof ownCommand> {
  return ownCommand({
    isPackaged: true,
    appFolder: join(resources, 'app.asar'),
    resources,
    platform: 'linux',
    environment: {},
    executable: join(root, 'app', 'gangway-desktop'),
    home,
    log: silentLog,
    ...parts,
  });
}

const copied = (file: string): string => readFileSync(join(home, 'command', file), 'utf8');

describe('apps are set up with', () => {
  test.each([
    ['linux', 'gangway'],
    ['darwin', 'gangway'],
    ['win32', 'gangway.exe'],
  ] as const)('the command that is installed beside the app on %s', async (platform, name) => {
    await put(`bin/${name}`, 'command');
    expect(await command({ platform })).toEqual([join(resources, 'bin', name)]);
    expect(existsSync(home)).toBe(false);
  });

  test('the source, in a copy that is not installed', async () => {
    const appFolder = join(root, 'checkout');
    const source = join(appFolder, 'bridge', 'cli', 'main.ts');
    expect(await command({ isPackaged: false, appFolder })).toEqual(['node', source]);
    const node = join(appFolder, 'node_modules', '.bin', 'node');
    await mkdir(dirname(node), { recursive: true });
    await symlink(process.execPath, node);
    expect(await command({ isPackaged: false, appFolder })).toEqual([node, source]);
  });

  test('nothing where a package holds no command', async () => {
    await rm(join(resources, 'bin', 'gangway'));
    expect(await command()).toBeNull();
    expect(await command(inAppImage)).toBeNull();
  });

  test('nothing where macOS runs the app from a place that passes', async () => {
    const passing = join(root, 'AppTranslocation', 'A1', 'Resources');
    await mkdir(dirname(passing), { recursive: true });
    await symlink(resources, passing);
    expect(await command({ platform: 'darwin', resources: passing })).toBeNull();
    expect(await command({ platform: 'linux', resources: passing })).toEqual([
      join(passing, 'bin', 'gangway'),
    ]);
  });
});

test.each<[string, NodeJS.Platform, boolean]>([
  ['/Volumes/Gangway 1.0/Gangway.app/Contents/Resources', 'darwin', true],
  ['/private/var/folders/x/T/AppTranslocation/A1/d/Gangway.app/Contents/Resources', 'darwin', true],
  ['/Applications/Gangway.app/Contents/Resources', 'darwin', false],
  ['/Users/me/Volumes/Gangway.app/Contents/Resources', 'darwin', false],
  ['/Volumes/opt/Gangway/resources', 'linux', false],
])('%s on %s passes: %s', (place, platform, expected) => {
  expect(isPassing(place, platform)).toBe(expected);
});

describe('in an AppImage, whose place changes at every start, apps are set up with a copy', () => {
  test('that has around it what it needs, and nothing else', async () => {
    expect(await command(inAppImage)).toEqual([join(home, 'command', 'bin', 'gangway')]);
    const forBundles = ['bin/gangway-shim.cjs', 'icons/app/512x512.png'];
    const needed = ['bin/gangway', 'bin/gangway-shim', ...forBundles, 'panel/index.html', KEYRING];
    expect(needed.map(copied)).toEqual(['command 1', 'native 1', 'shim 1', 'icon 1', 'panel 1', 'keyring 1']);
    expect(existsSync(join(home, 'command', 'icons', 'tray'))).toBe(false);
    expect(existsSync(join(home, 'command', 'app.asar'))).toBe(false);
    expect(existsSync(join(home, 'command', 'bin', 'gangway-other'))).toBe(false);
    expect(statSync(join(home, 'command')).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, 'command', 'bin', 'gangway')).mode & 0o100).toBe(0o100);
  });

  test('that is left alone while it is the same', async () => {
    await command(inAppImage);
    const before = statSync(join(home, 'command', 'bin', 'gangway'));
    await command(inAppImage);
    expect(statSync(join(home, 'command', 'bin', 'gangway')).ino).toBe(before.ino);
  });

  test('that becomes the next version with the app, file by file, while it may be running', async () => {
    await command(inAppImage);
    const before = statSync(join(home, 'command', 'bin', 'gangway'));
    await put('bin/gangway', 'command 2', new Date(2026, 1, 1));
    await put('panel/assets/new.js', 'new');
    await rm(join(resources, 'panel', 'assets', 'old.js'));
    await command(inAppImage);
    expect([copied('bin/gangway'), copied('panel/assets/new.js')]).toEqual(['command 2', 'new']);
    expect(existsSync(join(home, 'command', 'panel', 'assets', 'old.js'))).toBe(false);
    // Replaced as a whole: whoever runs the old one keeps it.
    expect(statSync(join(home, 'command', 'bin', 'gangway')).ino).not.toBe(before.ino);
  });

  test('that is mended when it was cut off or changed', async () => {
    await command(inAppImage);
    await writeFile(join(home, 'command', 'bin', 'gangway'), 'comm');
    await writeFile(join(home, 'command', 'bin', 'gangway.99.new'), 'half');
    await rm(join(home, 'command', KEYRING));
    await chmod(join(home, 'command'), 0o755);
    await command(inAppImage);
    expect(statSync(join(home, 'command')).mode & 0o777).toBe(0o700);
    expect([copied('bin/gangway'), copied(KEYRING)]).toEqual(['command 1', 'keyring 1']);
    expect(existsSync(join(home, 'command', 'bin', 'gangway.99.new'))).toBe(false);
  });

  test('or with nothing when it cannot be made, which is logged', async () => {
    await mkdir(home, { mode: 0o700 });
    await writeFile(join(home, 'command'), '');
    const lines: string[] = [];
    const log = { ...silentLog, error: (line: string) => void lines.push(line) };
    expect(await command({ ...inAppImage, log })).toBeNull();
    expect(lines).toEqual(['command.copy']);
  });

  test('but not in an app that an AppImage merely started', async () => {
    const environment = { APPIMAGE: '/home/me/Editor.AppImage', APPDIR: '/tmp/.mount_editor' };
    expect(await command({ environment })).toEqual([join(resources, 'bin', 'gangway')]);
  });
});

test.each<[string, NodeJS.ProcessEnv, string, string | undefined]>([
  ['none', {}, '/opt/gangway', undefined],
  ['one', { APPIMAGE: '/a/G.AppImage', APPDIR: '/tmp/.mount_G' }, '/tmp/.mount_G/gangway', '/a/G.AppImage'],
  ['one, with a slash', { APPIMAGE: '/a/G', APPDIR: '/tmp/.mount_G/' }, '/tmp/.mount_G/gangway', '/a/G'],
  ['another one', { APPIMAGE: '/a/E', APPDIR: '/tmp/.mount_E' }, '/opt/gangway', undefined],
  ['a neighbour', { APPIMAGE: '/a/G', APPDIR: '/tmp/.mount_G' }, '/tmp/.mount_Go/gangway', undefined],
  ['no whole path', { APPIMAGE: 'G', APPDIR: '/tmp/.mount_G' }, '/tmp/.mount_G/gangway', undefined],
  ['no folder', { APPIMAGE: '/a/G' }, '/tmp/.mount_G/gangway', undefined],
])('the AppImage of a program: %s', (_which, environment, executable, expected) => {
  expect(appImageOf(environment, executable)).toBe(expected);
});
