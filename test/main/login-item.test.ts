import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { execLine, loginItem } from '#main/login-item.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { newDesktop } from '../electron/desktop.ts';

const executable = '/opt/Gangway/gangway-desktop';

/** The login item of an installed copy on Linux, and where its entry lies. */
async function onLinux(environment: NodeJS.ProcessEnv = {}) {
  newDesktop({ isPackaged: true, platform: 'linux' });
  const home = (await temporaryHome()).path;
  const item = (more: NodeJS.ProcessEnv = environment) =>
    loginItem({ platform: 'linux', environment: more, home, executable });
  return { home, item, path: join(home, '.config', 'autostart', 'gangway.desktop') };
}

describe('on Linux', () => {
  test('it is an entry in the autostart folder, which goes when it is switched off', async () => {
    const { item, path } = await onLinux();
    expect(await item().openAtLogin()).toBe(false);
    await item().setOpenAtLogin(true);
    expect(await readFile(path, 'utf8')).toBe(
      [
        '[Desktop Entry]',
        'Type=Application',
        'Name=Gangway',
        'Exec="/opt/Gangway/gangway-desktop" "--hidden"',
        'Terminal=false',
        'X-GNOME-Autostart-enabled=true',
        'X-Gangway=true',
        '',
      ].join('\n'),
    );
    expect(await item().openAtLogin()).toBe(true);
    await item().setOpenAtLogin(false);
    expect(await item().openAtLogin()).toBe(false);
    await item().setOpenAtLogin(false);
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  test('an AppImage is started itself, not the program inside it', async () => {
    const APPDIR = dirname(executable);
    const { item, path } = await onLinux({ APPIMAGE: '/home/me/My Apps/gangway.AppImage', APPDIR });
    await item().setOpenAtLogin(true);
    expect(await readFile(path, 'utf8')).toContain('Exec="/home/me/My Apps/gangway.AppImage" "--hidden"\n');
    expect(await item().openAtLogin()).toBe(true);
    expect(await item({ APPIMAGE: '/home/me/moved.AppImage', APPDIR }).openAtLogin()).toBe(false);
  });

  test('an AppImage that merely started this program is not what starts at sign-in', async () => {
    const { item, path } = await onLinux({ APPIMAGE: '/home/me/Editor.AppImage', APPDIR: '/tmp/.mount_Ed' });
    await item().setOpenAtLogin(true);
    expect(await readFile(path, 'utf8')).toContain('Exec="/opt/Gangway/gangway-desktop" "--hidden"\n');
  });

  test('XDG_CONFIG_HOME says where, unless it is no whole path', async () => {
    const { home, item, path } = await onLinux();
    const chosen = join(home, 'elsewhere');
    await item({ XDG_CONFIG_HOME: chosen }).setOpenAtLogin(true);
    expect(await readFile(join(chosen, 'autostart', 'gangway.desktop'), 'utf8')).toContain('X-Gangway=true');
    await item({ XDG_CONFIG_HOME: 'relative' }).setOpenAtLogin(true);
    expect(await readFile(path, 'utf8')).toContain('X-Gangway=true');
  });

  test.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false', 'hidden = TRUE'])(
    'it is off when the desktop switched it off: %s',
    async (line) => {
      const { item, path } = await onLinux();
      await item().setOpenAtLogin(true);
      const entry = await readFile(path, 'utf8');
      await writeFile(path, `${entry.replace('X-GNOME-Autostart-enabled=true\n', '')}${line}\n`);
      expect(await item().openAtLogin()).toBe(false);
      await item().setOpenAtLogin(true);
      expect(await item().openAtLogin()).toBe(true);
    },
  );

  test("somebody else's entry is left alone", async () => {
    const { item, path } = await onLinux();
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '[Desktop Entry]\nExec=other\n');
    expect(await item().openAtLogin()).toBeNull();
    for (const on of [true, false]) {
      expect(await laterRefusal(() => item().setOpenAtLogin(on), 'conflict')).toContain(
        'made by somebody else',
      );
    }
    expect(await readFile(path, 'utf8')).toBe('[Desktop Entry]\nExec=other\n');
  });

  test('an entry that cannot be read or written is said so', async () => {
    const { item, path } = await onLinux();
    await mkdir(path, { recursive: true });
    expect(await item().openAtLogin()).toBeNull();
    await laterRefusal(() => item().setOpenAtLogin(true), 'storage');
    await rm(path, { recursive: true });
    await item().setOpenAtLogin(true);
    expect(await item().openAtLogin()).toBe(true);
  });
});

describe('on macOS and Windows', () => {
  test.each(['darwin', 'win32'] as const)('%s keeps it', async (platform) => {
    const { app } = newDesktop({ isPackaged: true, platform });
    const item = loginItem({ platform, environment: {}, home: '/nowhere', executable });
    expect(await item.openAtLogin()).toBe(false);
    await item.setOpenAtLogin(true);
    expect(await item.openAtLogin()).toBe(true);
    expect(app.loginItem).toEqual({
      openAtLogin: true,
      ...(platform === 'win32' ? { args: ['--hidden'] } : {}),
    });
    await item.setOpenAtLogin(false);
    expect(await item.openAtLogin()).toBe(false);
  });

  test('what was switched off in the Task Manager is off', async () => {
    const { app } = newDesktop({ isPackaged: true, platform: 'win32' });
    const item = loginItem({ platform: 'win32', environment: {}, home: '/nowhere', executable });
    app.loginItem = { openAtLogin: true, enabled: true, args: ['--hidden'] };
    expect(await item.openAtLogin()).toBe(true);
    app.loginItem = { openAtLogin: true, enabled: false, args: ['--hidden'] };
    expect(await item.openAtLogin()).toBe(false);
    // Somebody else's line would open a window.
    app.loginItem = { openAtLogin: true, enabled: true };
    expect(await item.openAtLogin()).toBe(false);
  });

  test('a start by the system is known by its argument, on macOS by the system itself', () => {
    const { app } = newDesktop({ isPackaged: true, platform: 'darwin' });
    const started = (platform: NodeJS.Platform, argv: string[]) =>
      loginItem({ platform, environment: {}, home: '/nowhere', executable }).startedByLogin(argv);
    expect([started('win32', ['gangway', '--hidden']), started('linux', ['gangway'])]).toEqual([true, false]);
    expect(started('darwin', ['gangway'])).toBe(false);
    app.wasOpenedAtLogin = true;
    expect([started('darwin', ['gangway']), started('linux', ['gangway'])]).toEqual([true, false]);
  });
});

test.each(['darwin', 'linux', 'win32'] as const)(
  'a copy that is not installed cannot start by itself: %s',
  async (platform) => {
    const { app } = newDesktop({ platform });
    const home = (await temporaryHome()).path;
    const item = loginItem({ platform, environment: {}, home, executable });
    expect(await item.openAtLogin()).toBeNull();
    expect(await laterRefusal(() => item.setOpenAtLogin(true), 'conflict')).toContain('not installed');
    expect(app.loginItem).toEqual({});
  },
);

describe('the line that starts a program', () => {
  test.each([
    [['/opt/a b/c'], '"/opt/a b/c"'],
    [['/opt/a', '100%f'], '"/opt/a" "100%%f"'],
    [['/opt/$HOME'], '"/opt/\\\\$HOME"'],
    [['/opt/a"b`c'], '"/opt/a\\\\"b\\\\`c"'],
    [['/opt/a\\b'], '"/opt/a\\\\\\\\b"'],
  ])('%j is quoted as the specification says', (words, line) => {
    expect(execLine(words)).toBe(line);
  });

  test('means the same words to a desktop', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/\p{Cc}/u.test(text));
    const program = word.filter((text) => !/[=%]/.test(text));
    fc.assert(
      fc.property(program, fc.array(word), (first, rest) => {
        expect(wordsOf(execLine([first, ...rest]))).toEqual([first, ...rest]);
      }),
      { numRuns: 500 },
    );
  });

  test.each(['/opt/a\nExec=evil', '/opt/a=b', '/opt/100%', '/opt/a\u0000'])(
    'a path that no line can hold is refused: %j',
    (path) => {
      expect(() => execLine([path])).toThrow('cannot hold');
    },
  );
});

/** Reads a line as desktops do: first the escapes of all values, then the quotes, then the field codes. */
function wordsOf(line: string): string[] {
  const value = line.replaceAll('\\\\', '\\');
  const words = [...value.matchAll(/"((?:[^"`$\\]|\\["`$\\])*)"(?: |$)/g)];
  if (words.map(([whole]) => whole).join('') !== value)
    throw new Error('Not every character is in a quoted word.');
  return words.map(([, word = '']) => {
    const plain = word.replaceAll(/\\(["`$\\])/g, '$1');
    if (/%/.test(plain.replaceAll('%%', ''))) throw new Error('A field code.');
    return plain.replaceAll('%%', '%');
  });
}
