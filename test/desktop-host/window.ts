import { join } from 'node:path';
import { type EventsOf, type Preventable, preventable } from '../electron/announcer.ts';
import { type ChromiumWindow, openChromiumWindow } from './chromium-window.ts';
import { type ContentsParts, HostContents } from './contents.ts';
import { notMapped, Telling } from './loud.ts';

type WindowEvents = {
  close: [event: Preventable];
  closed: [];
  'enter-full-screen': [];
  focus: [];
  hide: [];
  'leave-full-screen': [];
  maximize: [];
  minimize: [];
  'query-session-end': [event: Preventable & Pick<Electron.WindowSessionEndEvent, 'reasons'>];
  'ready-to-show': [];
  restore: [];
  'session-end': [event: Preventable & Pick<Electron.WindowSessionEndEvent, 'reasons'>];
  show: [];
};

type Members =
  | ('id' | 'webContents' | 'loadURL' | 'show' | 'hide' | 'focus' | 'close' | 'destroy' | 'isDestroyed')
  | ('isVisible' | 'isMinimized' | 'minimize' | 'restore' | 'isMaximized' | 'maximize' | 'isFullScreen')
  | ('setFullScreen' | 'getNormalBounds' | 'setBackgroundColor');

export interface WindowParts extends Omit<ContentsParts, 'preload'> {
  /** Folder of the app, for the profile of the window. */
  readonly userData: string;
  /** The window is gone; its Chromium ends with the promise. */
  readonly gone: (window: HostWindow, ended: Promise<void>) => void;
}

/** What a window must be made with: the host's pages are isolated and cannot be anything else. */
const WALLS = { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true } as const;

/**
 * Electron's `BrowserWindow`: a window of real Chromium, which begins when something is loaded. Chromium cannot hide its
 * windows, so a hidden one is minimized.
 */
export class HostWindow
  extends Telling<EventsOf<Electron.BrowserWindow, WindowEvents>>
  implements Pick<Electron.BrowserWindow, Members>
{
  readonly id: number;
  readonly contents: HostContents;
  readonly #parts: WindowParts;
  readonly #options: Electron.BrowserWindowConstructorOptions;
  #chromium: Promise<ChromiumWindow> | undefined;
  /** Changes of the window, one after the other. */
  #changes: Promise<void> = Promise.resolve();
  #isVisible = false;
  #state: 'normal' | 'minimized' | 'maximized' | 'fullscreen' = 'normal';
  #wasReady = false;
  #isDestroyed = false;

  constructor(parts: WindowParts, options: Electron.BrowserWindowConstructorOptions) {
    super(
      'BrowserWindow',
      [
        ...([
          'close',
          'closed',
          'enter-full-screen',
          'focus',
          'hide',
          'leave-full-screen',
          'maximize',
        ] as const),
        ...(['minimize', 'ready-to-show', 'restore', 'show'] as const),
      ],
      ['query-session-end', 'session-end'],
    );
    const { preload = '', ...preferences } = options.webPreferences ?? {};
    for (const [wall, value] of Object.entries(WALLS)) {
      const given: unknown = Reflect.get(preferences, wall);
      if (given !== value) throw notMapped(`a window with ${wall}: ${String(given)}`);
    }
    if (options.show !== false) throw notMapped('a window that shows before its page');
    this.id = parts.id;
    this.#parts = parts;
    this.#options = options;
    this.contents = new HostContents({ ...parts, preload });
    this.contents.on('did-finish-load', () => {
      if (this.#wasReady) return;
      this.#wasReady = true;
      this.announce('ready-to-show');
    });
  }

  get webContents(): Electron.WebContents {
    return this.contents.given;
  }

  async loadURL(url: string): Promise<void> {
    this.#use();
    this.#chromium ??= this.#open();
    await this.#chromium;
    await this.contents.load(url);
  }

  async #open(): Promise<ChromiumWindow> {
    const { width = 800, height = 600, x, y } = this.#options;
    const profile = join(this.#parts.userData, `window-${this.id}`);
    const window = await openChromiumWindow({ profile, width, height, x, y });
    // It shows when the app says so.
    await window.become('minimized');
    await this.contents.attach(window.page, window.devTools);
    // A click on the cross: Chromium does not ask before, so the app cannot keep this window.
    window.page.on('close', () => this.destroy());
    return window;
  }

  #become(state: 'normal' | 'minimized' | 'maximized' | 'fullscreen'): void {
    const change = async (): Promise<void> => (await this.#chromium)?.become(state);
    this.#changes = this.#changes.then(change).catch((error: unknown) => {
      if (!this.#isDestroyed)
        process.stderr.write(`desktop host: a window cannot become ${state}: ${String(error)}\n`);
    });
  }

  show(): void {
    this.#use();
    this.#become(this.#state === 'minimized' ? 'normal' : this.#state);
    if (this.#state === 'minimized') this.#state = 'normal';
    if (this.#isVisible) return;
    this.#isVisible = true;
    this.announce('show');
  }

  hide(): void {
    this.#use();
    if (!this.#isVisible) return;
    this.#become('minimized');
    this.#isVisible = false;
    this.announce('hide');
  }

  focus(): void {
    this.#use();
    if (!this.#isVisible) return;
    this.#become(this.#state);
    this.announce('focus');
  }

  minimize(): void {
    this.#use();
    this.#state = 'minimized';
    this.#become('minimized');
    this.announce('minimize');
  }

  restore(): void {
    this.#use();
    this.#state = 'normal';
    this.#become('normal');
    this.announce('restore');
  }

  maximize(): void {
    this.#use();
    this.#state = 'maximized';
    this.#become('maximized');
    this.announce('maximize');
  }

  setFullScreen(flag: boolean): void {
    this.#use();
    this.#state = flag ? 'fullscreen' : 'normal';
    this.#become(this.#state);
    this.announce(flag ? 'enter-full-screen' : 'leave-full-screen');
  }

  /** As it was asked for; nobody is asked where a person moved it. */
  getNormalBounds(): Electron.Rectangle {
    this.#use();
    const { x = 0, y = 0, width = 800, height = 600 } = this.#options;
    return { x, y, width, height };
  }

  /** The colour behind a page that is not drawn yet; Chromium has its own. */
  setBackgroundColor(_color: string): void {
    this.#use();
  }

  close(): void {
    if (this.#isDestroyed) return;
    const event = preventable();
    this.announce('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#isVisible = false;
    this.contents.end();
    this.announce('closed');
    this.#parts.gone(this, this.#end());
  }

  async #end(): Promise<void> {
    // One that never opened needs no end.
    await (await this.#chromium?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  isVisible(): boolean {
    return this.#isVisible;
  }

  isMinimized(): boolean {
    return this.#state === 'minimized';
  }

  isMaximized(): boolean {
    return this.#state === 'maximized';
  }

  isFullScreen(): boolean {
    return this.#state === 'fullscreen';
  }

  #use(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
  }
}
