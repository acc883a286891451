import { implement } from '@orpc/server';
import { Signal } from '#bridge/base/events.ts';
import { forever } from '#bridge/control/signals.ts';
import { type Announcer, type SlicesOf, watchSlices } from '#bridge/control/snapshot.ts';
import { type DesktopState, desktop } from '#contract/desktop.ts';
import type { ChoiceStore } from './choices.ts';
import type { LinkQueue } from './links.ts';
import type { LoginItem } from './login-item.ts';
import type { Page } from './pages.ts';
import type { Updates } from './updates.ts';

/** What the contract needs of the desktop app. */
export interface DesktopParts extends Pick<LoginItem, 'openAtLogin' | 'setOpenAtLogin'> {
  readonly platform: DesktopState['platform'];
  readonly choices: Pick<ChoiceStore, 'current' | 'changed' | 'choose'>;
  readonly links: Pick<LinkQueue, 'form' | 'changed' | 'taken'>;
  readonly updates: Pick<Updates, 'state' | 'changed' | 'check' | 'restart'>;
  readonly tray: () => DesktopState['tray'];
  /** What says that a tray appeared or went. */
  readonly trayChanged?: readonly Announcer[];
  /** Each says whether something was opened. */
  readonly openSignIn: (id: string) => boolean | Promise<boolean>;
  readonly openPage: (page: Page) => boolean | Promise<boolean>;
  /** Makes the bundle of an address, and says whether it was opened. */
  readonly openBundle: (
    address: string,
    signal: AbortSignal,
  ) => Promise<{ readonly opened: boolean; readonly path: string }>;
  readonly copy: (text: string, secret: boolean) => void | Promise<void>;
  readonly quit: () => void;
}

/** Everything a window can ask of the desktop app, by the contract. A procedure without its handler does not compile. */
export function desktopRouter(parts: DesktopParts) {
  const os = implement(desktop);
  const { choices, links, updates } = parts;
  const atLogin = { now: null as boolean | null, changed: new Signal<void>() };

  /** The system may have changed it meanwhile, so it is asked anew for every window. */
  async function askLogin(): Promise<void> {
    const found = await parts.openAtLogin();
    if (found === atLogin.now) return;
    atLogin.now = found;
    atLogin.changed.announce();
  }

  const slices: SlicesOf<DesktopState> = {
    platform: { read: () => parts.platform, changed: [] },
    choices: { read: () => choices.current, changed: [choices.changed] },
    openAtLogin: { read: () => atLogin.now, changed: [atLogin.changed] },
    tray: { read: parts.tray, changed: parts.trayChanged ?? [] },
    update: { read: () => updates.state, changed: [updates.changed] },
    form: { read: () => links.form ?? null, changed: [links.changed] },
  };

  return os.router({
    watch: os.watch.handler(async ({ signal }) => {
      await askLogin();
      return watchSlices(slices, signal ?? forever());
    }),
    choose: os.choose.handler(async ({ input: { openAtLogin, ...change } }) => {
      await choices.choose(change);
      if (openAtLogin === undefined) return {};
      try {
        await parts.setOpenAtLogin(openAtLogin);
      } finally {
        await askLogin();
      }
      return {};
    }),
    openSignIn: os.openSignIn.handler(async ({ input }) => ({ opened: await parts.openSignIn(input.id) })),
    openPage: os.openPage.handler(async ({ input }) => ({ opened: await parts.openPage(input.page) })),
    openBundle: os.openBundle.handler(({ input, signal }) =>
      parts.openBundle(input.address, signal ?? forever()),
    ),
    copy: os.copy.handler(async ({ input }) => {
      await parts.copy(input.text, input.secret);
      return {};
    }),
    formTaken: os.formTaken.handler(() => {
      links.taken();
      return {};
    }),
    checkForUpdates: os.checkForUpdates.handler(() => updates.check()),
    restartToUpdate: os.restartToUpdate.handler(async () => {
      await updates.restart();
      return {};
    }),
    quit: os.quit.handler(() => {
      parts.quit();
      return {};
    }),
  });
}
