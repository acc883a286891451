import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Announcer, type EventsOf, type Preventable, preventable, whole } from './announcer.ts';
import { type DoubleMenu, doubleOf } from './menu.ts';

type AppEvents = {
  activate: [event: Preventable, hasVisibleWindows: boolean];
  'before-quit': [event: Preventable];
  'browser-window-created': [event: Preventable, window: Electron.BrowserWindow];
  'child-process-gone': [event: Preventable, details: Electron.Details];
  'did-become-active': [event: Preventable];
  'open-url': [event: Preventable, url: string];
  quit: [event: Preventable, exitCode: number];
  ready: [event: Preventable, launchInfo: unknown];
  'render-process-gone': [
    event: Preventable,
    webContents: Electron.WebContents,
    details: Electron.RenderProcessGoneDetails,
  ];
  'second-instance': [event: Preventable, argv: string[], workingDirectory: string, additionalData: unknown];
  'web-contents-created': [event: Preventable, webContents: Electron.WebContents];
  'will-quit': [event: Preventable];
  'window-all-closed': [];
};

type Members =
  | ('commandLine' | 'dock' | 'enableSandbox' | 'exit' | 'focus' | 'getAppPath' | 'getLoginItemSettings')
  | ('getName' | 'getPath' | 'getVersion' | 'hide' | 'isDefaultProtocolClient' | 'isPackaged' | 'isReady')
  | ('quit' | 'relaunch' | 'releaseSingleInstanceLock' | 'requestSingleInstanceLock' | 'setAppUserModelId')
  | ('setActivationPolicy' | 'setAsDefaultProtocolClient' | 'setLoginItemSettings' | 'setName' | 'setPath')
  | ('setAboutPanelOptions' | 'setToastActivatorCLSID' | 'whenReady');

export interface AppSetting {
  readonly platform: NodeJS.Platform;
  readonly isPackaged: boolean;
  readonly version: string;
  /** Where `getPath` and `getAppPath` point into. */
  readonly folder: string;
  /** Another copy of the app holds the single-instance lock. */
  readonly isSecond: boolean;
}

/** A window as far as quitting is concerned. */
export interface Closable {
  close(): void;
  destroy(): void;
  isDestroyed(): boolean;
}

/** What the app did that neither a window nor the tray shows, in order. */
export type Deed = readonly [what: string, ...values: unknown[]];

/** Electron's `app`, from its start to its end. */
export class DoubleApp
  extends Announcer<EventsOf<Electron.App, AppEvents>>
  implements Pick<Electron.App, Members>
{
  readonly isPackaged: boolean;
  readonly commandLine: Electron.CommandLine;
  readonly dock: Electron.Dock | undefined;
  /** The same, as the double knows it. */
  readonly doubleDock: DoubleDock | undefined;
  readonly deeds: Deed[] = [];
  readonly switches = new Map<string, string>();
  loginItem: Electron.Settings = {};
  /** The system opened the app when the person signed in. */
  wasOpenedAtLogin = false;
  /** The data this copy would have sent to the first one. */
  sent: unknown;
  isQuitting = false;
  readonly #setting: AppSetting;
  readonly #windows: () => readonly Closable[];
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<number>();
  readonly #protocols = new Set<string>();
  readonly #paths = new Map<string, string>();
  #name = 'Gangway';
  #isReady = false;
  #hasEnded = false;

  constructor(setting: AppSetting, windows: () => readonly Closable[]) {
    super([
      ...([
        'activate',
        'before-quit',
        'browser-window-created',
        'child-process-gone',
        'did-become-active',
      ] as const),
      ...(['open-url', 'quit', 'ready', 'render-process-gone', 'second-instance'] as const),
      ...(['web-contents-created', 'will-quit', 'window-all-closed'] as const),
    ]);
    this.#setting = setting;
    this.#windows = windows;
    this.isPackaged = setting.isPackaged;
    this.doubleDock = setting.platform === 'darwin' ? new DoubleDock() : undefined;
    this.dock = this.doubleDock && whole<Electron.Dock>(this.doubleDock);
    this.commandLine = whole<Electron.CommandLine>({
      appendSwitch: (name, value = '') => void this.switches.set(name, value),
      hasSwitch: (name) => this.switches.has(name),
      getSwitchValue: (name) => this.switches.get(name) ?? '',
    });
  }

  /** The exit code, once the process would have ended. */
  get ended(): Promise<number> {
    return this.#ended.promise;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  isReady(): boolean {
    return this.#isReady;
  }

  becomeReady(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.announce('ready', preventable(), {});
    this.#ready.resolve();
  }

  /** Asks everybody who may refuse, closes the windows, and ends. */
  quit(): void {
    if (this.#hasEnded) return;
    this.isQuitting = true;
    const asked = preventable();
    this.announce('before-quit', asked);
    if (!asked.defaultPrevented) for (const window of this.#windows()) window.close();
    if (asked.defaultPrevented || this.#windows().some((window) => !window.isDestroyed())) {
      this.isQuitting = false;
      return;
    }
    const leaving = preventable();
    this.announce('will-quit', leaving);
    if (leaving.defaultPrevented) this.isQuitting = false;
    else this.#end(0);
  }

  /** Ends at once; nobody is asked. */
  exit(exitCode = 0): void {
    if (this.#hasEnded) return;
    this.isQuitting = true;
    for (const window of this.#windows()) window.destroy();
    this.#end(exitCode);
  }

  #end(code: number): void {
    this.#hasEnded = true;
    this.announce('quit', preventable(), code);
    this.#ended.resolve(code);
  }

  /** The last window is gone. Without a listener that is the end of the app. */
  allClosed(): void {
    if (!this.isQuitting && !this.announce('window-all-closed')) this.quit();
  }

  /** Electron tells a folder that it cannot write to from a lock that somebody else holds in no way. */
  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    this.deeds.push(['requestSingleInstanceLock', additionalData]);
    if (this.#setting.isSecond) this.sent = structuredClone(additionalData);
    return !this.#setting.isSecond && canWrite(this.getPath('userData'));
  }

  releaseSingleInstanceLock(): void {
    this.deeds.push(['releaseSingleInstanceLock']);
  }

  setAsDefaultProtocolClient(protocol: string, path?: string, args?: string[]): boolean {
    this.deeds.push(['setAsDefaultProtocolClient', protocol, path, args]);
    this.#protocols.add(protocol);
    return true;
  }

  isDefaultProtocolClient(protocol: string): boolean {
    return this.#protocols.has(protocol);
  }

  setLoginItemSettings(settings: Electron.Settings): void {
    this.#only('darwin', 'win32');
    this.loginItem = { ...this.loginItem, ...settings };
  }

  /** Windows compares arguments, too; what its Task Manager switched off is still there. */
  getLoginItemSettings(options?: Electron.LoginItemSettingsOptions): Electron.LoginItemSettings {
    this.#only('darwin', 'win32');
    const isSet = this.loginItem.openAtLogin ?? false;
    const isSame = isDeepStrictEqual(options?.args ?? [], this.loginItem.args ?? []);
    return {
      openAtLogin: isSet && (isSame || this.#setting.platform === 'darwin'),
      wasOpenedAtLogin: this.wasOpenedAtLogin,
      status: isSet ? 'enabled' : 'not-registered',
      executableWillLaunchAtLogin: isSet && (this.loginItem.enabled ?? true),
      launchItems: [],
    };
  }

  /** @throws TypeError on another system, where Electron has no such member. */
  #only(...platforms: readonly NodeJS.Platform[]): void {
    if (!platforms.includes(this.#setting.platform)) throw new TypeError('app has no such function here');
  }

  /** @throws Error once the app is ready, as Electron does. */
  enableSandbox(): void {
    if (this.#isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.deeds.push(['enableSandbox']);
  }

  getPath(name: Parameters<Electron.App['getPath']>[0]): string {
    return this.#paths.get(name) ?? join(this.#setting.folder, name);
  }

  /** @throws Error when there is no such folder, as Electron does. */
  setPath(name: string, path: string): void {
    if (!existsSync(path)) throw new Error('Failed to set path');
    this.#paths.set(name, path);
  }

  getAppPath(): string {
    return join(this.#setting.folder, 'app');
  }

  getName(): string {
    return this.#name;
  }

  setName(name: string): void {
    this.#name = name;
  }

  getVersion(): string {
    return this.#setting.version;
  }

  setAppUserModelId(id: string): void {
    this.#only('win32');
    this.deeds.push(['setAppUserModelId', id]);
  }

  /** @throws Error for what is no GUID, as Electron does. */
  setToastActivatorCLSID(id: string): void {
    this.#only('win32');
    if (!/^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/i.test(id)) throw new Error('Invalid CLSID');
    this.deeds.push(['setToastActivatorCLSID', id]);
  }

  setActivationPolicy(policy: 'regular' | 'accessory' | 'prohibited'): void {
    this.deeds.push(['setActivationPolicy', policy]);
  }

  setAboutPanelOptions(options: Electron.AboutPanelOptionsOptions): void {
    this.deeds.push(['setAboutPanelOptions', options]);
  }

  relaunch(options?: Electron.RelaunchOptions): void {
    this.deeds.push(['relaunch', options]);
  }

  focus(options?: Electron.FocusOptions): void {
    this.deeds.push(['focus', options]);
  }

  hide(): void {
    this.deeds.push(['hide']);
  }
}

function canWrite(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

type DockMembers = 'hide' | 'show' | 'isVisible' | 'setMenu' | 'bounce';

/** The icon in the dock of macOS. */
export class DoubleDock implements Pick<Electron.Dock, DockMembers> {
  menu: DoubleMenu | undefined;
  #isVisible = true;

  hide(): void {
    this.#isVisible = false;
  }

  async show(): Promise<void> {
    this.#isVisible = true;
  }

  isVisible(): boolean {
    return this.#isVisible;
  }

  setMenu(menu: Electron.Menu): void {
    this.menu = doubleOf(menu);
  }

  bounce(): number {
    return 0;
  }
}
