import { type IpcMainEvent, ipcMain, type WebContents } from 'electron';
import { type ServeTextOptions, serveText, type TextPort } from '#bridge/control/text-port.ts';
import { TO_MAIN, TO_WINDOW } from './channels.ts';
import { isOurs } from './navigation.ts';
import type { Refusals } from './refusals.ts';

const TEXT_BYTES = 64 * 1024;
const PER_SECOND = 500;

export interface DoorParts {
  /** What windows may call. */
  readonly router: Parameters<typeof serveText>[0];
  readonly refusals: Pick<Refusals, 'add'>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** The one way from a window into the app: texts of our own pages, in windows that were let in. */
export interface WindowDoor extends Disposable {
  /** Serves the pages of a window until it is gone. */
  admit(contents: WebContents): void;
  has(contents: WebContents): boolean;
}

interface Guest {
  take(text: string): void;
  leave(): void;
}

interface Window {
  guest: Guest;
  /** Start of the second that is counted, and the texts in it. */
  second: number;
  texts: number;
}

/** Opens the door. Whatever comes to it otherwise is dropped and counted. */
export function openWindowDoor({ router, refusals, now = () => performance.now() }: DoorParts): WindowDoor {
  const windows = new Map<WebContents, Window>();
  const refused: NonNullable<ServeTextOptions['refused']> = (why) => refusals.add(why);
  const serve = (contents: WebContents): Guest => serveGuest(router, contents, refused);

  const onText = (event: IpcMainEvent, ...values: unknown[]): void => {
    const window = windows.get(event.sender);
    const [text, ...more] = values;
    if (!window || !isMainFrame(event)) refusals.add('stranger');
    else if (typeof text !== 'string' || more.length > 0) refusals.add('no-text');
    else if (isTooMany(window, now())) refusals.add('too-many');
    else window.guest.take(text);
  };
  ipcMain.on(TO_MAIN, onText);

  return {
    admit(contents) {
      const window: Window = { guest: serve(contents), second: 0, texts: 0 };
      windows.set(contents, window);
      const renew = (): void => {
        window.guest.leave();
        window.guest = serve(contents);
      };
      // A new document begins anew; what the old one asked must not be answered to it.
      contents.on('did-navigate', renew);
      contents.on('render-process-gone', renew);
      contents.on('ipc-message', (_event, channel) => {
        if (channel !== TO_MAIN) refusals.add('channel');
      });
      contents.once('destroyed', () => {
        window.guest.leave();
        windows.delete(contents);
      });
    },
    has: (contents) => windows.has(contents),
    [Symbol.dispose]: () => {
      ipcMain.off(TO_MAIN, onText);
      for (const { guest } of windows.values()) guest.leave();
      windows.clear();
    },
  };
}

/** Pages inside a page, and pages that are gone, have no voice. */
function isMainFrame({ sender, senderFrame }: IpcMainEvent): boolean {
  if (senderFrame === null || senderFrame.parent !== null || !isOurs(senderFrame.url)) return false;
  const { mainFrame } = sender;
  return senderFrame.processId === mainFrame.processId && senderFrame.routingId === mainFrame.routingId;
}

function isTooMany(window: Window, now: number): boolean {
  if (now - window.second >= 1_000) {
    window.second = now;
    window.texts = 0;
  }
  window.texts += 1;
  return window.texts > PER_SECOND;
}

function serveGuest(
  router: DoorParts['router'],
  contents: WebContents,
  refused: NonNullable<ServeTextOptions['refused']>,
): Guest {
  const listeners = new Set<(text: string) => void>();
  const gone = Promise.withResolvers<void>();
  let isOpen = true;
  const port: TextPort = {
    postMessage: (text) => {
      if (isOpen && !contents.isDestroyed()) contents.send(TO_WINDOW, text);
    },
    onMessage: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    closed: gone.promise,
  };
  const serving = serveText(router, port, { limitBytes: TEXT_BYTES, refused });
  return {
    take: (text) => {
      for (const listener of listeners) listener(text);
    },
    leave: () => {
      isOpen = false;
      serving[Symbol.dispose]();
      gone.resolve();
    },
  };
}
