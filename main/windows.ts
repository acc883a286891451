import {
  app,
  BrowserWindow,
  dialog,
  type MessageBoxOptions,
  type MessageBoxReturnValue,
  nativeTheme,
  screen,
} from 'electron';
import type { Log } from '#bridge/base/log.ts';
import type { WindowPlace } from './choices.ts';
import { guardNavigation, pageAt } from './navigation.ts';
import type { Refusals } from './refusals.ts';
import { Tally } from './tally.ts';
import type { WindowDoor } from './window-door.ts';
import { backgroundOf, windowOptions } from './window-options.ts';
import { placeWindow } from './window-place.ts';
import { askIn, type PutAway, putAway, raise } from './window-showing.ts';

const RELOADS = 3;
const RELOADS_WITHIN_MS = 10 * 60_000;
/** Not every system tells when a page can be seen; an empty window is better than none. */
const DRAW_MS = 5_000;

export interface WindowParts {
  readonly platform: NodeJS.Platform;
  /** The built preload script. */
  readonly preload: string;
  readonly door: Pick<WindowDoor, 'admit'>;
  readonly place: {
    last(): WindowPlace | undefined;
    keep(place: WindowPlace): Promise<void>;
  };
  /** What a click on the cross of the window does, at once or soon. `close` only while the app ends. */
  readonly onClose: () => 'close' | PutAway | Promise<PutAway>;
  /** The window was hidden by its cross. */
  readonly hidden: () => void;
  /** The person's session with the computer ends; seconds are left. Windows tells this to windows only. */
  readonly sessionEnds: () => void;
  readonly refusals: Pick<Refusals, 'add'>;
  readonly log: Log;
  readonly drawMs?: number;
}

/** The window of the app: made when it is first shown, hidden when it is closed. */
export interface Windows extends AsyncDisposable {
  /** Shows it, at one of its places when one is given. Nothing happens once this is disposed. */
  show(route?: string): void;
  /**
   * Puts up a message box. On macOS it is a part of the window, which is shown for it: a box of its own would hold up
   * the whole app, and every call with it, until somebody answers. Such a box is dismissed with its window.
   */
  ask(box: MessageBoxOptions): Promise<MessageBoxReturnValue>;
}

/** The one place where windows are made. */
export function createSafeWindow(
  parts: Pick<WindowParts, 'preload' | 'door' | 'place' | 'refusals'>,
): BrowserWindow {
  const screens = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea);
  const place = placeWindow(parts.place.last(), screens);
  const isDark = nativeTheme.shouldUseDarkColors;
  const { isPackaged } = app;
  const window = new BrowserWindow(windowOptions({ preload: parts.preload, isPackaged, isDark, place }));
  guardNavigation(window.webContents, (what) => parts.refusals.add(what));
  parts.door.admit(window.webContents);
  return window;
}

/** A window, and how far it is. */
interface Made {
  readonly window: BrowserWindow;
  /** There is something to see in it. */
  isDrawn: boolean;
  /** How often somebody wanted to see it. */
  wanted: number;
  loads: number;
}

/** Windows for as long as this is not disposed. */
export function openWindows(parts: WindowParts): Windows {
  const { log, drawMs = DRAW_MS } = parts;
  let made: Made | undefined;
  let keeping: Promise<void> = Promise.resolve();
  let isOver = false;

  const recolour = (): void => made?.window.setBackgroundColor(backgroundOf(nativeTheme.shouldUseDarkColors));
  nativeTheme.on('updated', recolour);

  /** A place that cannot be kept costs nobody anything. */
  const remember = (of: BrowserWindow): void => {
    const place = { ...of.getNormalBounds(), maximized: of.isMaximized() };
    keeping = parts.place.keep(place).catch((error: unknown) => log.error('window.place', error));
  };

  function open(): Made {
    const window = createSafeWindow(parts);
    const opened: Made = { window, isDrawn: false, wanted: 1, loads: 0 };
    const crashes = new Tally(RELOADS, RELOADS_WITHIN_MS);
    window.once('ready-to-show', () => draw(opened));
    setTimeout(() => draw(opened), drawMs).unref();
    window.on('session-end', () => parts.sessionEnds());
    window.on('close', (event) => {
      remember(window);
      const what = parts.onClose();
      if (what === 'close') return;
      event.preventDefault();
      if (typeof what === 'string') putAway(window, what, parts.hidden);
      else void putAwayLater(opened, what);
    });
    window.on('closed', () => {
      if (made === opened) made = undefined;
      app.dock?.hide();
    });
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      log.warn('window.gone', { reason });
      if (crashes.add()) window.webContents.reload();
      else window.destroy();
    });
    return opened;
  }

  function draw(opened: Made): void {
    const { window, isDrawn } = opened;
    if (isDrawn || window.isDestroyed()) return;
    opened.isDrawn = true;
    if (parts.place.last()?.maximized) window.maximize();
    raise(window);
  }

  /** Unless the window is gone by then, or wanted again. */
  async function putAwayLater(opened: Made, deciding: Promise<PutAway>): Promise<void> {
    const { window, wanted } = opened;
    const what = await deciding.catch((): PutAway => 'minimize');
    if (!window.isDestroyed() && opened.wanted === wanted) putAway(window, what, parts.hidden);
  }

  function load(into: Made, url: string): void {
    into.loads += 1;
    const { loads } = into;
    into.window.loadURL(url).catch((error: unknown) => {
      // Electron gives up a page for the next one.
      if (loads !== into.loads) return;
      log.error('window.load', error);
      draw(into);
    });
  }

  function show(route?: string): void {
    if (isOver) return;
    const known = made;
    const shown = known ?? open();
    made = shown;
    shown.wanted += 1;
    const url = pageAt(route ?? '/');
    if (known && shown.isDrawn) raise(shown.window);
    // Loading the very page it shows would begin it anew, and lose what somebody is typing there.
    const isThere = known !== undefined && (route === undefined || shown.window.webContents.getURL() === url);
    if (!isThere) load(shown, url);
  }

  /** The box is a part of the window, which is shown for as long. */
  async function askInWindow(box: MessageBoxOptions): Promise<MessageBoxReturnValue> {
    const isExtra = !made?.window.isVisible();
    show();
    const window = made?.window;
    if (!window) return { response: box.cancelId ?? 0, checkboxChecked: false };
    try {
      return await askIn(window, box);
    } finally {
      // Nobody closed it, so nobody is told where it went.
      if (isExtra && !window.isDestroyed()) putAway(window, 'hide', () => undefined);
    }
  }

  return {
    show,
    ask: (box) => (parts.platform === 'darwin' ? askInWindow(box) : dialog.showMessageBox(box)),
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      nativeTheme.off('updated', recolour);
      if (made) {
        if (made.window.isVisible()) remember(made.window);
        made.window.destroy();
      }
      await keeping;
    },
  };
}
