import { EventEmitter } from 'node:events';
import { clicked } from '../invariants/openers.ts';
import { Announcer, type EventsOf, type Preventable, preventable, whole } from './announcer.ts';
import type { DoubleSession } from './session.ts';

type Navigation = Preventable & Electron.WebContentsWillNavigateEventParams;

type ContentsEvents = {
  destroyed: [];
  'did-fail-load': [
    event: Preventable,
    errorCode: number,
    errorDescription: string,
    validatedURL: string,
    isMainFrame: boolean,
    frameProcessId: number,
    frameRoutingId: number,
  ];
  'did-finish-load': [];
  'did-navigate': [event: Preventable, url: string, httpResponseCode: number, httpStatusText: string];
  'ipc-message': [event: Electron.IpcMainEvent, channel: string, ...values: unknown[]];
  'preload-error': [event: Preventable, preloadPath: string, error: Error];
  'render-process-gone': [event: Preventable, details: Electron.RenderProcessGoneDetails];
  'will-attach-webview': [
    event: Preventable,
    webPreferences: Electron.WebPreferences,
    params: Record<string, string>,
  ];
  'will-frame-navigate': [details: Navigation];
  'will-navigate': [details: Navigation];
  'will-redirect': [details: Navigation];
};

type Members =
  | ('id' | 'mainFrame' | 'session' | 'getURL' | 'loadURL' | 'send' | 'isDestroyed' | 'setWindowOpenHandler')
  | ('openDevTools' | 'closeDevTools' | 'isDevToolsOpened' | 'reload');

type OpenAsking = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

/** Who receives what a page sends. */
export interface Post {
  post(event: Electron.IpcMainEvent, channel: string, values: readonly unknown[]): void;
}

type FrameMembers =
  | ('url' | 'origin' | 'parent' | 'top' | 'processId' | 'routingId' | 'detached')
  | ('isDestroyed' | 'frameToken');

/** One frame of a page. */
export class DoubleFrame implements Pick<Electron.WebFrameMain, FrameMembers> {
  readonly processId: number;
  readonly routingId: number;
  readonly detached = false;
  readonly parent: Electron.WebFrameMain | null;
  url: string;

  constructor(url: string, processId: number, routingId: number, parent: DoubleFrame | null = null) {
    this.url = url;
    this.processId = processId;
    this.routingId = routingId;
    this.parent = parent && whole<Electron.WebFrameMain>(parent);
  }

  get frameToken(): string {
    return `frame-${this.processId}-${this.routingId}`;
  }

  get top(): Electron.WebFrameMain {
    return this.parent?.top ?? whole<Electron.WebFrameMain>(this);
  }

  get origin(): string {
    const url = URL.parse(this.url);
    // Chromium's origin of a standard scheme, which Node calls opaque.
    return url ? `${url.protocol}//${url.host}` : 'null';
  }

  isDestroyed(): boolean {
    return false;
  }
}

/** What a window shows: a page, and the wire to it. */
export class DoubleContents
  extends Announcer<EventsOf<Electron.WebContents, ContentsEvents>>
  implements Pick<Electron.WebContents, Members>
{
  readonly id: number;
  readonly frame: DoubleFrame;
  readonly page: DoublePage;
  readonly doubleSession: DoubleSession;
  readonly preferences: Electron.WebPreferences;
  /** Pages that were loaded, with the answer to each. */
  readonly loaded: { readonly url: string; readonly response: Response }[] = [];
  reloads = 0;
  #loads = 0;
  #hasPage = false;
  #devTools = false;
  #isDestroyed = false;
  #opening: OpenAsking | undefined;

  constructor(id: number, session: DoubleSession, post: Post, preferences: Electron.WebPreferences) {
    super([
      ...([
        'destroyed',
        'did-fail-load',
        'did-finish-load',
        'did-navigate',
        'ipc-message',
        'preload-error',
        'render-process-gone',
      ] as const),
      ...(['will-attach-webview', 'will-frame-navigate', 'will-navigate', 'will-redirect'] as const),
    ]);
    this.id = id;
    this.doubleSession = session;
    this.preferences = preferences;
    this.frame = new DoubleFrame('', 100 + id, 1);
    this.page = new DoublePage(this, post);
  }

  get mainFrame(): Electron.WebFrameMain {
    return whole<Electron.WebFrameMain>(this.frame);
  }

  get session(): Electron.Session {
    return whole<Electron.Session>(this.doubleSession);
  }

  getURL(): string {
    return this.frame.url;
  }

  /**
   * Another place of the page is gone to; the very same address begins the page anew, as in the address bar of a browser.
   * @throws Error as Electron does when nobody answers for the scheme, or another address is loaded meanwhile.
   */
  async loadURL(url: string): Promise<void> {
    const before = this.frame.url;
    const after = new URL(url).href;
    const isOtherPlace =
      this.#hasPage &&
      after.includes('#') &&
      after !== before &&
      after.split('#')[0] === before.split('#')[0];
    this.frame.url = after;
    if (!isOtherPlace) await this.#load(url);
  }

  async #load(url: string): Promise<void> {
    this.#loads += 1;
    const load = this.#loads;
    const response = await this.doubleSession.doubleProtocol.fetch(url);
    if (this.#isDestroyed) return;
    if (load !== this.#loads) throw new Error(`ERR_ABORTED (-3) loading '${url}'`);
    this.#hasPage = true;
    this.loaded.push({ url, response });
    this.announce('did-navigate', preventable(), url, -1, '');
    this.announce('did-finish-load');
  }

  send(channel: string, ...values: unknown[]): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
    this.page.deliver(channel, values);
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  setWindowOpenHandler(asking: OpenAsking): void {
    this.#opening = asking;
  }

  openDevTools(): void {
    this.#devTools = this.preferences.devTools !== false;
  }

  closeDevTools(): void {
    this.#devTools = false;
  }

  isDevToolsOpened(): boolean {
    return this.#devTools;
  }

  reload(): void {
    this.reloads += 1;
    this.#load(this.frame.url).catch(() => undefined);
  }

  /** The page goes somewhere by itself: a click on a link, a script. Says whether it gets there. */
  navigate(url: string, { isRedirect = false, isMainFrame = true } = {}): boolean {
    const frame = isMainFrame
      ? this.mainFrame
      : whole<Electron.WebFrameMain>(this.page.iframe('about:blank'));
    const details = preventable({
      url,
      isSameDocument: false,
      isMainFrame,
      frame,
      initiator: this.mainFrame,
    });
    if (isRedirect) this.announce('will-redirect', details);
    else {
      this.announce('will-frame-navigate', details);
      if (isMainFrame && !details.defaultPrevented) this.announce('will-navigate', details);
    }
    if (!details.defaultPrevented && isMainFrame) this.frame.url = url;
    return !details.defaultPrevented;
  }

  /** The page wants a window of its own. Without an answer Electron opens one. */
  open(url: string): Electron.WindowOpenHandlerResponse {
    const details = whole<Electron.HandlerDetails>({
      url,
      frameName: '',
      features: '',
      disposition: 'new-window',
    });
    return this.#opening?.(details) ?? { action: 'allow' };
  }

  /** The page wants to hold another page. Says whether it may. */
  attachWebview(src: string): boolean {
    const event = preventable();
    this.announce('will-attach-webview', event, {}, { src });
    return !event.defaultPrevented;
  }

  /** The process of the page ends by itself. */
  crash(): void {
    this.announce('render-process-gone', preventable(), { reason: 'crashed', exitCode: 5 });
  }

  end(): void {
    this.#isDestroyed = true;
    this.announce('destroyed');
  }
}

type PageListener = (event: Electron.IpcRendererEvent, ...values: unknown[]) => void;

/** The side of the page: what `ipcRenderer` and `contextBridge` do in its preload script. */
export class DoublePage {
  /** What the preload script put on `window`. */
  readonly exposed = new Map<string, unknown>();
  /** Everything the app sent here. */
  readonly received: { readonly channel: string; readonly values: readonly unknown[] }[] = [];
  readonly #contents: DoubleContents;
  readonly #post: Post;
  readonly #listeners = new EventEmitter();

  constructor(contents: DoubleContents, post: Post) {
    this.#contents = contents;
    this.#post = post;
  }

  /** The page sends something, as its main frame unless another frame is given; `null` is a frame that is gone. */
  send(channel: string, ...values: readonly unknown[]): void {
    this.sendFrom(this.#contents.frame, channel, ...values);
  }

  sendFrom(frame: DoubleFrame | null, channel: string, ...values: readonly unknown[]): void {
    clicked();
    const sender = whole<Electron.WebContents>(this.#contents);
    const senderFrame = frame && whole<Electron.WebFrameMain>(frame);
    const { processId = 0, routingId: frameId = 0 } = frame ?? {};
    const event = { sender, senderFrame, processId, frameId, ports: [], type: 'frame' as const };
    const given = preventable(whole<Electron.IpcMainEvent>(event));
    // Structured clone is what Electron does with values, and it throws on what cannot be sent.
    const copy = structuredClone([...values]);
    this.#contents.announce('ipc-message', given, channel, ...copy);
    this.#post.post(given, channel, copy);
  }

  /** Another page inside the page. */
  iframe(url: string): DoubleFrame {
    return new DoubleFrame(url, this.#contents.frame.processId, 2, this.#contents.frame);
  }

  on(channel: string, listener: PageListener): void {
    this.#listeners.on(channel, listener);
  }

  off(channel: string, listener: PageListener): void {
    this.#listeners.off(channel, listener);
  }

  deliver(channel: string, values: readonly unknown[]): void {
    const copy = structuredClone([...values]);
    this.received.push({ channel, values: copy });
    this.#listeners.emit(channel, whole<Electron.IpcRendererEvent>({ ports: [] }), ...copy);
  }
}
