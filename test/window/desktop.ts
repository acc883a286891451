import { implement } from '@orpc/server';
import type { BrowserContext, Page } from 'playwright-core';
import { Signal } from '#bridge/base/events.ts';
import { serveText, type TextPort } from '#bridge/control/text-port.ts';
import type { ControlRouter } from '#bridge/control/through.ts';
import { type DesktopState, desktop } from '#contract/desktop.ts';
import type { BridgeError } from '#contract/errors.ts';
import { collect } from '../canary/collect.ts';

/** What stands for the desktop app around a window: its state, and what the window asked of it. */
export interface WindowDesktop {
  readonly state: DesktopState;
  /** Every call but `watch`, by name, with its input. */
  readonly calls: readonly (readonly [name: string, input: unknown])[];
  /** Changes the state from outside, as the desktop app would. */
  change(changed: Partial<DesktopState>): void;
  /** From now on every choice fails with it, or succeeds again. */
  failWith(error: BridgeError | undefined): void;
  readonly router: ReturnType<typeof routerOf>;
}

const LIMIT_BYTES = 1024 * 1024;

/** A desktop app in memory. Nothing of this computer is changed. */
export function aDesktop(given: Partial<DesktopState> = {}): WindowDesktop {
  let state: DesktopState = {
    platform: 'linux',
    choices: { notifications: true, muted: [], askBeforeQuit: true, knowsTray: true },
    openAtLogin: false,
    tray: 'shown',
    update: { state: 'idle', version: null, text: '', percent: null },
    form: null,
    ...given,
  };
  let failure: BridgeError | undefined;
  const calls: (readonly [string, unknown])[] = [];
  const changes = new Signal<Partial<DesktopState>>();
  const change = (changed: Partial<DesktopState>): void => {
    state = { ...state, ...changed };
    changes.announce(changed);
  };
  const parts: RouterParts = {
    state: () => state,
    changes,
    change,
    asked: (name, input) => {
      calls.push([name, input]);
      collect(`${name} of the desktop app`, JSON.stringify(input ?? null));
      if (failure) throw failure;
    },
  };
  return {
    get state() {
      return state;
    },
    calls,
    change,
    failWith: (error) => {
      failure = error;
    },
    router: routerOf(parts),
  };
}

interface RouterParts {
  readonly state: () => DesktopState;
  readonly changes: Signal<Partial<DesktopState>>;
  readonly change: (changed: Partial<DesktopState>) => void;
  readonly asked: (name: string, input?: unknown) => void;
}

function routerOf({ state, changes, change, asked }: RouterParts) {
  const os = implement(desktop);
  return os.router({
    watch: os.watch.handler(async function* ({ signal }) {
      yield state();
      yield* changes.stream(signal ?? new AbortController().signal);
    }),
    choose: os.choose.handler(({ input }) => {
      asked('choose', input);
      const { choices, openAtLogin } = state();
      const { notifications = choices.notifications, muted = choices.muted } = input;
      const { askBeforeQuit = choices.askBeforeQuit } = input;
      change({
        openAtLogin: input.openAtLogin ?? openAtLogin,
        choices: { ...choices, notifications, muted, askBeforeQuit },
      });
      return {};
    }),
    openSignIn: os.openSignIn.handler(({ input }) => {
      asked('openSignIn', input);
      return { opened: true };
    }),
    openPage: os.openPage.handler(({ input }) => {
      asked('openPage', input);
      return { opened: true };
    }),
    openBundle: os.openBundle.handler(({ input }) => {
      asked('openBundle', input);
      return { opened: true, path: '/home/ines/.gangway/bundles/gangway.mcpb' };
    }),
    copy: os.copy.handler(({ input: { text, secret } }) => {
      asked('copy', secret ? { secret } : { text, secret });
      return {};
    }),
    formTaken: os.formTaken.handler(() => {
      asked('formTaken');
      change({ form: null });
      return {};
    }),
    checkForUpdates: os.checkForUpdates.handler(() => {
      asked('checkForUpdates');
      return state().update;
    }),
    restartToUpdate: os.restartToUpdate.handler(() => {
      asked('restartToUpdate');
      return {};
    }),
    quit: os.quit.handler(() => {
      asked('quit');
      return {};
    }),
  });
}

/** What the preload of the desktop app puts on the window. A document says hello first, so that a reload is noticed. */
const DOOR = `(() => {
  const listeners = new Set();
  const send = window.gangwayToDesktop;
  window.gangwayFromDesktop = (text) => listeners.forEach((listener) => listener(text));
  window.gangway = {
    send: (text) => void send(text),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  send('hello');
})();`;

/** Makes every page of the context a window of that desktop app. */
export async function attachDesktop(
  context: BrowserContext,
  { router }: WindowDesktop,
  control: ControlRouter,
): Promise<Disposable> {
  const served = new DisposableStack();
  const guests = new WeakMap<Page, (text: string) => void>();
  await context.exposeBinding('gangwayToDesktop', ({ page }, text: string) => {
    if (text === 'hello') guests.set(page, welcome(page));
    else guests.get(page)?.(text);
  });
  await context.addInitScript({ content: DOOR });

  function welcome(page: Page): (text: string) => void {
    const listeners = new Set<(text: string) => void>();
    const port: TextPort = {
      postMessage: (text) => {
        page.evaluate(`gangwayFromDesktop(${JSON.stringify(text)})`).catch(() => undefined);
      },
      onMessage: (listener) => {
        listeners.add(listener);
        return { [Symbol.dispose]: () => void listeners.delete(listener) };
      },
      closed: new Promise((resolve) => page.once('close', () => resolve())),
    };
    served.use(serveText({ control, desktop: router }, port, { limitBytes: LIMIT_BYTES }));
    return (text) => {
      for (const listener of listeners) listener(text);
    };
  }
  return served;
}
