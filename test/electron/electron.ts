import { whole } from './announcer.ts';
import { type Desktop, desktop } from './desktop.ts';
import { nativeImage as images } from './image.ts';
import { buildFromTemplate, doubleOf } from './menu.ts';
import { DoubleNotification } from './notification.ts';
import { DoubleTray } from './tray.ts';
import { DoubleChild } from './utility-process.ts';
import type { DoublePage } from './web-contents.ts';
import { DoubleWindow } from './window.ts';

/*
 * Stands in for the module `electron` in tests (`resolve.alias` in vitest.config.ts). Everything here means the desktop
 * that `newDesktop` made last. Only what Gangway uses is here; anything else fails when it is used.
 */

export const app = now('app', ({ app }) => app);
export const clipboard = now('clipboard', ({ clipboard }) => clipboard);
export const dialog = now('dialog', ({ dialog }) => dialog);
export const ipcMain = now('ipcMain', ({ ipcMain }) => ipcMain);
export const nativeImage = images;
export const nativeTheme = now('nativeTheme', ({ nativeTheme }) => nativeTheme);
export const powerMonitor = now('powerMonitor', ({ powerMonitor }) => powerMonitor);
export const protocol = now('protocol', ({ defaultSession }) => defaultSession.doubleProtocol);
export const screen = now('screen', ({ screen }) => once('screen', screen));
export const shell = now('shell', ({ shell }) => shell);

export const session = {
  get defaultSession(): Electron.Session {
    return whole<Electron.Session>(once('session', desktop().defaultSession));
  },
  fromPartition: (partition: string) =>
    whole<Electron.Session>(once('session', desktop().session(partition))),
} satisfies Pick<typeof Electron.Session, 'defaultSession' | 'fromPartition'>;

export class BrowserWindow extends DoubleWindow {
  constructor(options?: Electron.BrowserWindowConstructorOptions) {
    super(...desktop().nextWindow(options));
    desktop().opened(this);
  }

  static getAllWindows(): DoubleWindow[] {
    return [...desktop().windows];
  }

  static fromWebContents(contents: Electron.WebContents): DoubleWindow | null {
    return desktop().windows.find((window) => window.webContents === contents) ?? null;
  }

  static getFocusedWindow(): DoubleWindow | null {
    return desktop().windows.find((window) => window.isFocused()) ?? null;
  }
}

export class Tray extends DoubleTray {
  constructor(image: Electron.NativeImage | string, guid?: string) {
    super(once('Tray', image), guid);
    desktop().trays.push(this);
  }
}

export class Notification extends DoubleNotification {
  constructor(options?: Electron.NotificationConstructorOptions) {
    super(options);
    desktop().notifications.push(this);
  }

  static isSupported(): boolean {
    return desktop().canNotify;
  }
}

export const Menu = {
  buildFromTemplate,
  setApplicationMenu: (menu) => {
    desktop().applicationMenu = doubleOf(menu);
  },
} satisfies Pick<typeof Electron.Menu, 'buildFromTemplate' | 'setApplicationMenu'>;

export const utilityProcess = {
  fork: (modulePath, args, options) => {
    once('utilityProcess', undefined);
    const child = new DoubleChild(modulePath, args, options);
    desktop().children.push(child);
    return whole<Electron.UtilityProcess>(child);
  },
} satisfies Pick<typeof Electron.UtilityProcess, 'fork'>;

/** For a preload script: the side of the page for which `desktop().page` was set. */
export const contextBridge: Pick<Electron.ContextBridge, 'exposeInMainWorld'> = {
  exposeInMainWorld: (name, value) => void page().exposed.set(name, value),
};

export const ipcRenderer = {
  send: (channel: string, ...values: unknown[]): void => page().send(channel, ...values),
  on: (...given: Parameters<DoublePage['on']>): void => page().on(...given),
  off: (...given: Parameters<DoublePage['off']>): void => page().off(...given),
  removeListener: (...given: Parameters<DoublePage['off']>): void => page().off(...given),
} satisfies Record<Extract<keyof Electron.IpcRenderer, 'send' | 'on' | 'off' | 'removeListener'>, unknown>;

function page(): DoublePage {
  const { page } = desktop();
  if (!page) throw new Error('No preload script runs now; set desktop().page first.');
  return page;
}

/** What Electron has only once the app is ready. @throws Error before that. */
function once<T>(name: string, part: T): T {
  if (!desktop().app.isReady()) throw new Error(`${name} cannot be used before the app is ready`);
  return part;
}

/** A part of the desktop of this test, whichever that is when it is used. */
function now<T extends object>(name: string, pick: (desktop: Desktop) => T): T {
  const nothing: object = {};
  return new Proxy(nothing, {
    get: (_nothing, member) => {
      const part = pick(desktop());
      if (!(member in part)) throw new Error(`The double of Electron has no ${name}.${String(member)}.`);
      const value: unknown = Reflect.get(part, member, part);
      return typeof value === 'function' ? value.bind(part) : value;
    },
    set: (_nothing, member, value) => {
      const part = pick(desktop());
      return Reflect.set(part, member, value, part);
    },
  }) as T;
}
