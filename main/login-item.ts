import { mkdir, readFile, unlink } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { app } from 'electron';
import { writeWhole } from '#bridge/base/json-file.ts';
import { BridgeError } from '#contract/errors.ts';
import { appImageOf } from './app-image.ts';

/** What a start by the system brings along, so that no window opens. macOS says it in another way. */
export const HIDDEN = '--hidden';

/** Whether the app starts when the person signs in to the computer. */
export interface LoginItem {
  /** Null where it cannot be set: a copy that is not installed, or somebody else's entry. Never throws. */
  openAtLogin(): Promise<boolean | null>;
  /** @throws BridgeError `conflict` where it cannot be set, `storage` when the entry cannot be written. */
  setOpenAtLogin(on: boolean): Promise<void>;
  /** The system started the app now, so nobody waits for a window. */
  startedByLogin(argv: readonly string[]): boolean;
}

export interface LoginItemParts {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  /** The person's home folder. */
  readonly home: string;
  /** The program that runs now. */
  readonly executable: string;
}

/**
 * The login item of this computer: the system's own on macOS and Windows, an entry in the autostart folder elsewhere
 * (freedesktop.org Desktop Application Autostart Specification).
 */
export function loginItem(parts: LoginItemParts): LoginItem {
  const own =
    parts.platform === 'darwin' || parts.platform === 'win32' ? systemItem(parts.platform) : autostart(parts);
  return {
    openAtLogin: async () => (app.isPackaged ? own.openAtLogin().catch(() => null) : null),
    setOpenAtLogin: async (on) => {
      if (!app.isPackaged) {
        throw new BridgeError(
          'conflict',
          'This copy of Gangway is not installed, so it cannot start when you sign in. Install it first.',
        );
      }
      await own.setOpenAtLogin(on);
    },
    startedByLogin: (argv) =>
      argv.includes(HIDDEN) || (parts.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin),
  };
}

function systemItem(platform: 'darwin' | 'win32'): Pick<LoginItem, 'openAtLogin' | 'setOpenAtLogin'> {
  // Windows compares the whole command line, so asking must name what setting named.
  const options = platform === 'win32' ? { args: [HIDDEN] } : {};
  return {
    async openAtLogin() {
      const item = app.getLoginItemSettings(options);
      // Switched off in the Task Manager, the entry stays and does nothing.
      return item.openAtLogin && (platform === 'darwin' || item.executableWillLaunchAtLogin);
    },
    async setOpenAtLogin(on) {
      app.setLoginItemSettings({ ...options, openAtLogin: on });
    },
  };
}

/** By this line we know the entry as ours; another one is left alone. */
const MARK = 'X-Gangway=true';

function autostart(parts: LoginItemParts): Pick<LoginItem, 'openAtLogin' | 'setOpenAtLogin'> {
  const { XDG_CONFIG_HOME: chosen = '' } = parts.environment;
  // A relative path counts as none (XDG Base Directory Specification).
  const config = isAbsolute(chosen) ? chosen : join(parts.home, '.config');
  const path = join(config, 'autostart', 'gangway.desktop');
  const program = appImageOf(parts.environment, parts.executable) ?? parts.executable;
  return {
    async openAtLogin() {
      const entry = await read(path);
      if (entry === undefined) return false;
      if (!isOurs(entry)) return null;
      return isOn(entry) && entry.includes(`Exec=${execLine([program, HIDDEN])}`);
    },
    async setOpenAtLogin(on) {
      const entry = await read(path);
      if (entry !== undefined && !isOurs(entry)) {
        throw new BridgeError(
          'conflict',
          `${path} was made by somebody else, so it was left alone. Remove it, then try again.`,
        );
      }
      if (!on) {
        if (entry !== undefined) await unlink(path);
        return;
      }
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, Buffer.from(desktopEntry(program)));
    },
  };
}

async function read(path: string): Promise<string[] | undefined> {
  try {
    return (await readFile(path, 'utf8')).split(/\r?\n/);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BridgeError('storage', `${path} cannot be read. Check its permissions.`, {}, error);
  }
}

function isOurs(entry: readonly string[]): boolean {
  return entry.includes(MARK);
}

/** Desktops switch an entry off by a line of their own and keep the file. */
function isOn(entry: readonly string[]): boolean {
  return !entry.some((line) => /^(Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/i.test(line));
}

function desktopEntry(program: string): string {
  const lines = [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Gangway',
    `Exec=${execLine([program, HIDDEN])}`,
  ];
  return `${[...lines, 'Terminal=false', 'X-GNOME-Autostart-enabled=true', MARK].join('\n')}\n`;
}

/**
 * The value of `Exec` (Desktop Entry Specification, "The Exec key"): each argument in double quotes, with a backslash
 * before `"`, `` ` ``, `$` and `\`; then every backslash doubled, as in all values; and `%` doubled, because it begins a
 * field code. The program itself must not contain `=`, nor `%`, because GLib looks for it with both signs.
 * @throws BridgeError `conflict` for a path that no entry can hold.
 */
export function execLine(words: readonly string[]): string {
  if (words.some((word) => /[\p{Cc}]/u.test(word)) || /[=%]/.test(words[0] ?? '')) {
    throw new BridgeError(
      'conflict',
      'The path of this program contains characters that an autostart entry cannot hold. Move it, then try again.',
    );
  }
  return words
    .map(
      (word) =>
        `"${word
          .replaceAll(/["`$\\]/g, '\\$&')
          .replaceAll('\\', '\\\\')
          .replaceAll('%', '%%')}"`,
    )
    .join(' ');
}
