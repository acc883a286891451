import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { CDPSession, Page, Request as PageRequest, Route } from 'playwright-core';
import { type EventsOf, type Preventable, preventable, whole } from '../electron/announcer.ts';
import type { DoubleSession } from '../electron/session.ts';
import { DoubleFrame, type Post } from '../electron/web-contents.ts';
import { loud, notMapped, Telling } from './loud.ts';
import { inside, outside } from './origins.ts';
import {
  deliveryScript,
  type PagePost,
  POST,
  PRELOAD_WORLD,
  pageScript,
  preloadScript,
} from './page-worlds.ts';
import { record } from './record.ts';

type Navigation = Preventable & Electron.WebContentsWillNavigateEventParams;

type ContentsEvents = {
  destroyed: [];
  'did-fail-load': [event: Preventable, code: number, description: string, url: string, isMainFrame: boolean];
  'did-finish-load': [];
  'did-navigate': [event: Preventable, url: string, httpResponseCode: number, httpStatusText: string];
  'ipc-message': [event: Electron.IpcMainEvent, channel: string, ...values: unknown[]];
  'preload-error': [event: Preventable, preloadPath: string, error: Error];
  'render-process-gone': [event: Preventable, details: Electron.RenderProcessGoneDetails];
  'will-attach-webview': [
    event: Preventable,
    preferences: Electron.WebPreferences,
    params: Record<string, string>,
  ];
  'will-frame-navigate': [details: Navigation];
  'will-navigate': [details: Navigation];
  'will-redirect': [details: Navigation];
};

type Members =
  | ('id' | 'mainFrame' | 'session' | 'getURL' | 'send' | 'isDestroyed' | 'setWindowOpenHandler')
  | 'reload';

type OpenAsking = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

export interface ContentsParts {
  readonly id: number;
  readonly session: DoubleSession;
  readonly post: Post;
  /** The preload script. */
  readonly preload: string;
}

/** Electron's `webContents` over a page of real Chromium. */
export class HostContents
  extends Telling<EventsOf<Electron.WebContents, ContentsEvents>>
  implements Pick<Electron.WebContents, Members>
{
  readonly id: number;
  /** As the app sees it. */
  readonly given: Electron.WebContents;
  readonly #parts: ContentsParts;
  readonly #frame: DoubleFrame;
  #page: Page | undefined;
  #devTools: CDPSession | undefined;
  /** The preload world of the document that is shown. */
  #world: number | undefined;
  /** The address that the app itself is loading. */
  #loading: string | undefined;
  #opening: OpenAsking | undefined;
  #isDestroyed = false;

  constructor(parts: ContentsParts) {
    super(
      'webContents',
      [
        ...(['destroyed', 'did-finish-load', 'did-navigate', 'ipc-message', 'render-process-gone'] as const),
        ...(['will-frame-navigate', 'will-navigate'] as const),
      ],
      // Nothing redirects here, there are no webviews, and a preload script that fails is told by the host.
      ['will-redirect', 'will-attach-webview', 'preload-error', 'did-fail-load'],
    );
    this.#parts = parts;
    this.id = parts.id;
    this.#frame = new DoubleFrame('', 100 + parts.id, 1);
    this.given = loud('webContents', whole<Electron.WebContents>(this));
  }

  get mainFrame(): Electron.WebFrameMain {
    return loud('frame', whole<Electron.WebFrameMain>(this.#frame));
  }

  get session(): Electron.Session {
    return loud('session', whole<Electron.Session>(this.#parts.session));
  }

  /** Connects it with its page, before that shows anything. */
  async attach(page: Page, devTools: CDPSession): Promise<void> {
    this.#page = page;
    this.#devTools = devTools;
    devTools.on('Runtime.executionContextCreated', ({ context: { id, name, auxData } }) => {
      if (name === PRELOAD_WORLD && auxData?.frameId === mainFrame) this.#world = id;
    });
    devTools.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === POST && executionContextId === this.#world) this.#heard(JSON.parse(payload));
    });
    devTools.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId !== undefined || this.#isDestroyed) return;
      this.#frame.url = inside(`${frame.url}${frame.urlFragment ?? ''}`);
      this.announce('did-navigate', preventable(), this.#frame.url, 200, '');
    });
    devTools.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      if (frameId === mainFrame) this.#frame.url = inside(url);
    });
    devTools.on('Page.loadEventFired', () => {
      if (!this.#isDestroyed) this.announce('did-finish-load');
    });
    devTools.on('Inspector.targetCrashed', () => {
      this.announce('render-process-gone', preventable(), { reason: 'crashed', exitCode: 1 });
    });
    const { frameTree } = await devTools.send('Page.getFrameTree');
    const mainFrame = frameTree.frame.id;
    const text = readFileSync(this.#parts.preload, 'utf8');
    await devTools.send('Page.enable');
    await devTools.send('Runtime.addBinding', { name: POST, executionContextName: PRELOAD_WORLD });
    await devTools.send('Page.addScriptToEvaluateOnNewDocument', { source: pageScript() });
    await devTools.send('Page.addScriptToEvaluateOnNewDocument', {
      source: preloadScript(text),
      worldName: PRELOAD_WORLD,
    });
    await devTools.send('Runtime.enable');
    await page.route('**/*', (route, request) => this.#asked(route, request));
    page.on('popup', (popup) => void this.#popped(popup));
    page.on('download', (download) => {
      const item = this.#parts.session.download(
        this.given,
        inside(download.url()),
        download.suggestedFilename(),
      );
      // Nobody is asked where to save it: there is no such dialog here.
      record({ what: 'download', name: download.suggestedFilename(), isRefused: item.isCancelled });
      void download.cancel();
    });
  }

  #heard(post: PagePost): void {
    if (this.#isDestroyed) return;
    if (post.kind === 'trouble') {
      process.stderr.write(`${post.text}\n`);
      return;
    }
    const { given: sender, mainFrame: senderFrame } = this;
    const { processId, routingId: frameId } = this.#frame;
    const event = { sender, senderFrame, processId, frameId, ports: [], type: 'frame' as const };
    const told = preventable(whole<Electron.IpcMainEvent>(event));
    this.announce('ipc-message', told, post.channel, ...post.values);
    this.#parts.post.post(told, post.channel, post.values);
  }

  /** Asks the app about what a page wants, and answers for its own scheme. */
  async #asked(route: Route, request: PageRequest): Promise<void> {
    const url = inside(request.url());
    const isMainFrame = request.frame().parentFrame() === null;
    if (
      request.isNavigationRequest() &&
      !(isMainFrame && this.#isOwn(url)) &&
      !this.#mayGo(url, isMainFrame)
    ) {
      // Any other failure would put a page of Chromium's in its place.
      await route.abort('aborted');
      return;
    }
    if (!(await this.#parts.session.request(url, this.given))) {
      await route.abort('blockedbyclient');
      return;
    }
    if (url === request.url()) {
      await route.continue();
      return;
    }
    const answer = await this.#parts.session.doubleProtocol.fetch(url, { method: request.method() });
    await route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    });
  }

  #isOwn(url: string): boolean {
    return this.#loading !== undefined && withoutPlace(url) === withoutPlace(this.#loading);
  }

  #mayGo(url: string, isMainFrame: boolean): boolean {
    const { mainFrame: frame } = this;
    const details = preventable({ url, isSameDocument: false, isMainFrame, frame, initiator: frame });
    this.announce('will-frame-navigate', details);
    if (isMainFrame && !details.defaultPrevented) this.announce('will-navigate', details);
    return !details.defaultPrevented;
  }

  /** Chromium has opened the window already, so one that is refused is closed at once. */
  async #popped(popup: Page): Promise<void> {
    const details = {
      url: inside(popup.url()),
      frameName: '',
      features: '',
      disposition: 'new-window' as const,
    };
    const answer = this.#opening?.(whole<Electron.HandlerDetails>(details)) ?? { action: 'allow' };
    await popup.close();
    if (answer.action === 'allow') throw notMapped('a window that a page opens');
  }

  /** @throws Error when the page cannot be loaded, as Electron does. */
  async load(url: string): Promise<void> {
    this.#loading = url;
    try {
      await this.#page?.goto(outside(url));
    } finally {
      this.#loading = undefined;
    }
  }

  reload(): void {
    this.#loading = this.#frame.url;
    void this.#page?.reload().finally(() => {
      this.#loading = undefined;
    });
  }

  getURL(): string {
    return this.#frame.url;
  }

  /** Only values that JSON keeps as they are get through. */
  send(channel: string, ...values: unknown[]): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(values)), values))
      throw notMapped('values other than JSON to a page');
    if (this.#world === undefined) return;
    const expression = deliveryScript(channel, values);
    // A page that goes meanwhile takes what was sent with it.
    void this.#devTools
      ?.send('Runtime.evaluate', { expression, contextId: this.#world })
      .catch(() => undefined);
  }

  setWindowOpenHandler(asking: OpenAsking): void {
    this.#opening = asking;
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  end(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.announce('destroyed');
  }
}

function withoutPlace(url: string): string {
  return url.split('#')[0] ?? url;
}
