import { Announcer, type EventsOf, type Preventable, preventable, whole } from './announcer.ts';
import { type DoubleMenu, doubleOf } from './menu.ts';
import type { DoubleSession } from './session.ts';
import { DoubleContents, type Post } from './web-contents.ts';

type SessionEnd = Preventable & Pick<Electron.WindowSessionEndEvent, 'reasons'>;

type WindowEvents = {
  blur: [];
  close: [event: Preventable];
  closed: [];
  'enter-full-screen': [];
  focus: [];
  hide: [];
  'leave-full-screen': [];
  maximize: [];
  minimize: [];
  move: [];
  moved: [];
  'query-session-end': [event: SessionEnd];
  'ready-to-show': [];
  resize: [];
  resized: [];
  responsive: [];
  restore: [];
  'session-end': [event: SessionEnd];
  show: [];
  unmaximize: [];
  unresponsive: [];
};

const EVENTS = [
  ...([
    'blur',
    'close',
    'closed',
    'enter-full-screen',
    'focus',
    'hide',
    'leave-full-screen',
    'maximize',
  ] as const),
  ...(['minimize', 'move', 'moved', 'query-session-end', 'ready-to-show', 'resize', 'resized'] as const),
  ...(['responsive', 'restore', 'session-end', 'show', 'unmaximize', 'unresponsive'] as const),
];

type Members =
  | (
      | 'id'
      | 'webContents'
      | 'loadURL'
      | 'show'
      | 'showInactive'
      | 'hide'
      | 'close'
      | 'destroy'
      | 'isDestroyed'
    )
  | ('isVisible' | 'isMinimized' | 'minimize' | 'restore' | 'focus' | 'isFocused' | 'getBounds' | 'setBounds')
  | (
      | 'getNormalBounds'
      | 'isMaximized'
      | 'maximize'
      | 'isFullScreen'
      | 'setFullScreen'
      | 'setMenu'
      | 'removeMenu'
    )
  | ('setMenuBarVisibility' | 'setBackgroundColor' | 'setSkipTaskbar');

export interface WindowParts {
  readonly session: DoubleSession;
  readonly post: Post;
  /** The window is gone. */
  readonly gone: (window: DoubleWindow) => void;
}

/** A window, and what was asked for when it was made. */
export class DoubleWindow
  extends Announcer<EventsOf<Electron.BrowserWindow, WindowEvents>>
  implements Pick<Electron.BrowserWindow, Members>
{
  readonly id: number;
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly contents: DoubleContents;
  readonly webContents: Electron.WebContents;
  backgroundColor: string;
  menu: DoubleMenu | undefined;
  menuBarVisible = true;
  skipTaskbar = false;
  readonly #parts: WindowParts;
  #bounds: Electron.Rectangle;
  #isVisible: boolean;
  #isFocused = false;
  #isMinimized = false;
  #isMaximized = false;
  #isFullScreen = false;
  #isDestroyed = false;
  #wasReady = false;

  constructor(id: number, parts: WindowParts, options: Electron.BrowserWindowConstructorOptions = {}) {
    super(EVENTS);
    this.id = id;
    this.options = options;
    this.#parts = parts;
    this.#bounds = {
      x: options.x ?? 100,
      y: options.y ?? 100,
      width: options.width ?? 800,
      height: options.height ?? 600,
    };
    this.#isVisible = options.show ?? true;
    this.backgroundColor = options.backgroundColor ?? '#FFF';
    this.contents = new DoubleContents(id, parts.session, parts.post, options.webPreferences ?? {});
    this.webContents = whole<Electron.WebContents>(this.contents);
    this.contents.on('did-finish-load', () => {
      if (!this.#wasReady && !this.#isDestroyed) this.announce('ready-to-show');
      this.#wasReady = true;
    });
  }

  get page(): DoubleContents['page'] {
    return this.contents.page;
  }

  loadURL(url: string): Promise<void> {
    this.#use();
    return this.contents.loadURL(url);
  }

  /** A window that was made small stays so, except on macOS. */
  show(): void {
    this.#use();
    if (!this.#isVisible) {
      this.#isVisible = true;
      this.announce('show');
    }
    this.focus();
  }

  showInactive(): void {
    this.#use();
    this.#isVisible = true;
    this.announce('show');
  }

  hide(): void {
    this.#use();
    if (!this.#isVisible) return;
    this.#isVisible = false;
    this.#isFocused = false;
    this.announce('hide');
  }

  /** Asks the window to close, as a click on its cross does. */
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
    this.#parts.gone(this);
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  /** Another program's window covers it. macOS tells that, and its end, as hiding and showing. */
  cover(isCovered: boolean): void {
    this.announce(isCovered ? 'hide' : 'show');
  }

  isVisible(): boolean {
    return this.#isVisible && !this.#isDestroyed;
  }

  isMinimized(): boolean {
    return this.#isMinimized;
  }

  minimize(): void {
    this.#use();
    this.#isMinimized = true;
    this.#isFocused = false;
    this.announce('minimize');
  }

  restore(): void {
    this.#use();
    this.#isMinimized = false;
    this.announce('restore');
  }

  focus(): void {
    this.#use();
    this.#isFocused = true;
    this.announce('focus');
  }

  isFocused(): boolean {
    return this.#isFocused;
  }

  getBounds(): Electron.Rectangle {
    this.#use();
    return { ...this.#bounds };
  }

  getNormalBounds(): Electron.Rectangle {
    return this.getBounds();
  }

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    this.#use();
    this.#bounds = { ...this.#bounds, ...bounds };
  }

  /** A person drags the window, or one of its edges. */
  drag(bounds: Partial<Electron.Rectangle>): void {
    const isResized = bounds.width !== undefined || bounds.height !== undefined;
    this.setBounds(bounds);
    this.announce(isResized ? 'resize' : 'move');
    this.announce(isResized ? 'resized' : 'moved');
  }

  isMaximized(): boolean {
    return this.#isMaximized;
  }

  maximize(): void {
    this.#use();
    this.#isMaximized = true;
    this.announce('maximize');
  }

  unmaximize(): void {
    this.#isMaximized = false;
    this.announce('unmaximize');
  }

  isFullScreen(): boolean {
    return this.#isFullScreen;
  }

  setFullScreen(flag: boolean): void {
    this.#use();
    this.#isFullScreen = flag;
    // The system takes its time.
    setImmediate(() => this.announce(flag ? 'enter-full-screen' : 'leave-full-screen'));
  }

  setMenu(menu: Electron.Menu | null): void {
    this.menu = doubleOf(menu);
  }

  removeMenu(): void {
    this.menu = undefined;
    this.menuBarVisible = false;
  }

  setMenuBarVisibility(visible: boolean): void {
    this.menuBarVisible = visible;
  }

  setBackgroundColor(color: string): void {
    this.#use();
    this.backgroundColor = color;
  }

  setSkipTaskbar(skip: boolean): void {
    this.skipTaskbar = skip;
  }

  #use(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
  }
}
