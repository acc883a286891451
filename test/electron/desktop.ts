import { preventable, whole } from './announcer.ts';
import { DoubleApp } from './app.ts';
import { DoubleDialog } from './dialog.ts';
import { DoubleIpcMain } from './ipc-main.ts';
import type { DoubleMenu } from './menu.ts';
import type { DoubleNotification } from './notification.ts';
import { DoubleProtocol, DoubleSession } from './session.ts';
import {
  DoubleClipboard,
  DoublePowerMonitor,
  DoubleScreen,
  DoubleShell,
  DoubleTheme,
} from './surroundings.ts';
import type { DoubleTray } from './tray.ts';
import type { DoubleChild } from './utility-process.ts';
import type { DoublePage } from './web-contents.ts';
import type { DoubleWindow } from './window.ts';

export interface DesktopOptions {
  /** What the app takes the system for; it decides whether there is a dock. */
  readonly platform?: NodeJS.Platform;
  readonly isPackaged?: boolean;
  readonly version?: string;
  /** Folder for `app.getPath` and `app.getAppPath`. */
  readonly folder?: string;
  /** Another copy of the app runs already. */
  readonly isSecond?: boolean;
  /** The app becomes ready only by `becomeReady()`; otherwise soon by itself. */
  readonly waits?: boolean;
  /** It is ready already. */
  readonly isReady?: boolean;
  /** The desktop can show notifications. */
  readonly canNotify?: boolean;
}

/** One desktop with one person at it, as far as the app can see it. */
export class Desktop {
  readonly app: DoubleApp;
  readonly ipcMain = new DoubleIpcMain();
  readonly dialog: DoubleDialog;
  readonly shell = new DoubleShell();
  readonly clipboard = new DoubleClipboard();
  readonly nativeTheme = new DoubleTheme();
  readonly powerMonitor = new DoublePowerMonitor();
  readonly screen = new DoubleScreen();
  readonly defaultSession: DoubleSession;
  readonly sessions = new Map<string, DoubleSession>();
  /** Windows that are there, hidden ones too. */
  readonly windows: DoubleWindow[] = [];
  /** Every window there ever was. */
  readonly everyWindow: DoubleWindow[] = [];
  readonly trays: DoubleTray[] = [];
  readonly notifications: DoubleNotification[] = [];
  readonly children: DoubleChild[] = [];
  readonly canNotify: boolean;
  applicationMenu: DoubleMenu | undefined;
  /** The page whose preload script runs now. */
  page: DoublePage | undefined;

  constructor(options: DesktopOptions) {
    const { platform = process.platform } = options;
    this.canNotify = options.canNotify ?? true;
    this.dialog = new DoubleDialog({ platform, isReady: () => this.app.isReady() });
    this.app = new DoubleApp(
      {
        platform,
        isPackaged: options.isPackaged ?? false,
        version: options.version ?? '0.1.0',
        folder: options.folder ?? '/nonexistent',
        isSecond: options.isSecond ?? false,
      },
      () => [...this.windows],
    );
    this.defaultSession = new DoubleSession(new DoubleProtocol(() => !this.app.isReady()));
    if (options.isReady) this.app.becomeReady();
    else if (!options.waits) setImmediate(() => this.app.becomeReady());
  }

  /** What a new window is made of. @throws Error before the app is ready, as Electron does. */
  nextWindow(options?: Electron.BrowserWindowConstructorOptions): ConstructorParameters<typeof DoubleWindow> {
    if (!this.app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    const { session, partition } = options?.webPreferences ?? {};
    const own = session instanceof DoubleSession ? session : this.session(partition);
    return [
      this.everyWindow.length + 1,
      { session: own, post: this.ipcMain, gone: (window) => this.#gone(window) },
      options,
    ];
  }

  opened(window: DoubleWindow): void {
    this.windows.push(window);
    this.everyWindow.push(window);
    this.app.announce('web-contents-created', preventable(), window.webContents);
    this.app.announce('browser-window-created', preventable(), whole<Electron.BrowserWindow>(window));
  }

  #gone(window: DoubleWindow): void {
    this.windows.splice(this.windows.indexOf(window), 1);
    if (this.windows.length === 0) this.app.allClosed();
  }

  session(partition?: string): DoubleSession {
    if (!partition) return this.defaultSession;
    const known = this.sessions.get(partition) ?? new DoubleSession();
    this.sessions.set(partition, known);
    return known;
  }

  /** The one window there is. */
  get window(): DoubleWindow {
    const [window, second] = this.windows;
    if (!window || second) throw new Error(`There are ${this.windows.length} windows.`);
    return window;
  }

  /** The one icon in the tray. */
  get tray(): DoubleTray {
    const [tray, second] = this.trays.filter((one) => !one.isDestroyed());
    if (!tray || second) throw new Error(`There are ${this.trays.length} tray icons.`);
    return tray;
  }

  /** A person opens the tray menu and clicks the item behind these labels. */
  clickTray(...labels: readonly string[]): void {
    this.tray.menu.click(...labels);
  }

  /** A person starts the app once more. */
  startAgain(argv: readonly string[] = [], additionalData: unknown = {}): void {
    const all = ['/opt/gangway/gangway', ...argv];
    this.app.announce('second-instance', preventable(), all, '/', structuredClone(additionalData));
  }

  /** macOS hands the app a link. */
  openUrl(url: string): void {
    this.app.announce('open-url', preventable(), url);
  }

  /** A person clicks the icon in the dock of macOS. */
  activate(): void {
    this.app.announce(
      'activate',
      preventable(),
      this.windows.some((window) => window.isVisible()),
    );
  }

  /** Notifications on the screen now. */
  get notes(): DoubleNotification[] {
    return this.notifications.filter(({ state }) => state === 'shown');
  }
}

let current: Desktop | undefined;

/** A fresh desktop; what `electron` exports means this one from now on. */
export function newDesktop(options: DesktopOptions = {}): Desktop {
  current = new Desktop(options);
  return current;
}

/** The desktop of this test. */
export function desktop(): Desktop {
  if (!current) throw new Error('Call newDesktop() first.');
  return current;
}
