import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the keychain tests need beyond Node: programs, and the Debian packages that bring them. */
export const programs = {
  'dbus-daemon': 'dbus-daemon',
  'gnome-keyring-daemon': 'gnome-keyring',
  'secret-tool': 'libsecret-tools',
  gdbus: 'libglib2.0-bin',
} as const;

/** What the journey of the desktop app needs: a screen, a panel with a tray, notifications, a mouse and a keyboard. */
export const screenPrograms = {
  Xvfb: 'xvfb',
  'dbus-daemon': 'dbus-daemon',
  gdbus: 'libglib2.0-bin',
  openbox: 'openbox',
  'xfce4-panel': 'xfce4-panel',
  'xfconf-query': 'xfconf',
  dunst: 'dunst',
  xdotool: 'xdotool',
  setpriv: 'util-linux',
} as const;

/** The line a person reads when Rust is missing, on any system. */
export const rustLine = 'The native shim needs Rust: https://rustup.rs or apt-get install cargo';

/** The Debian package of the browser. */
export const chromiumPackage = 'chromium';

/** The line a person reads when there is no browser, on any system. */
export const chromiumLine =
  'The browser tests need Chromium or Google Chrome. Install one, or name it in CHROMIUM_PATH.';

/** Debian packages of the keychain's programs that are missing here. Only Linux has a Secret Service to test. */
export function missingPackages(path = process.env.PATH ?? ''): string[] {
  return missingOf(programs, path);
}

/** Debian packages of the screen's programs that are missing here. The desktop host runs on Linux only. */
export function missingScreenPackages(path = process.env.PATH ?? ''): string[] {
  return missingOf(screenPrograms, path);
}

/** Debian packages of Rust that are missing here; on other systems there are other ways to it. */
export function missingRust(path = process.env.PATH ?? ''): string[] {
  return onPath(['cargo', 'cargo.exe'], path) === undefined ? ['cargo', 'rustc'] : [];
}

function missingOf(wanted: Readonly<Record<string, string>>, path: string): string[] {
  if (process.platform !== 'linux') return [];
  return Object.entries(wanted)
    .filter(([program]) => onPath([program], path) === undefined)
    .map(([, debianPackage]) => debianPackage);
}

/** The one line a person reads when programs of the keychain tests are missing. */
export function missingLine(packages: readonly string[]): string {
  return `The keychain tests need a real Secret Service. Install it first: apt-get install ${packages.join(' ')}`;
}

/** The one line a person reads when programs of the screen are missing. */
export function screenLine(packages: readonly string[]): string {
  return `The journey of the desktop app needs a screen with a tray. Install it first: apt-get install ${packages.join(' ')}`;
}

/** The Chromium or Chrome of this computer: that of `CHROMIUM_PATH`, or the first one in the usual places. */
export function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (env.CHROMIUM_PATH !== undefined) return env.CHROMIUM_PATH;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return onPath(names, env.PATH ?? '') ?? usualPlaces(env, platform).find(runs);
}

/** macOS and Windows do not put browsers on the path. */
function usualPlaces(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (platform === 'darwin') {
    return ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (platform !== 'win32') return [];
  return ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) => {
    const folder = env[name];
    return folder === undefined ? [] : [join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')];
  });
}

function onPath(names: readonly string[], path: string): string | undefined {
  const folders = path.split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(runs);
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
