import type { Page } from 'playwright-core';
import type { ControlClient } from '#bridge/control/client.ts';
import { controlThrough } from '#bridge/control/through.ts';
import type { RunningChromium } from '../browser/chromium.ts';
import { builtWindow, type ReactBuild } from './built-window.ts';
import { attachDesktop, type WindowDesktop } from './desktop.ts';
import { startPanel, type WindowPanel } from './panel.ts';
import { collectPage, type Troubles, watchTroubles } from './troubles.ts';
import { startWindowWorld, type WindowWorld, type WindowWorldOptions } from './window-world.ts';

export interface WindowOptions extends WindowWorldOptions {
  /** What the desktop prefers; `light` when absent. */
  readonly theme?: 'light' | 'dark' | undefined;
  /** The screen to begin with, such as `/settings/data`. */
  readonly route?: string | undefined;
  /** Fills the world before the window opens. */
  readonly seed?: ((world: WindowWorld) => Promise<void>) | undefined;
  readonly viewport?: { readonly width: number; readonly height: number } | undefined;
  /** A world that somebody else disposes; one of its own when absent. */
  readonly world?: WindowWorld | undefined;
  /** Shows what a window says only once, too. */
  readonly hints?: boolean | undefined;
  /** `production` when absent, which is what is shipped. */
  readonly react?: ReactBuild | undefined;
  /** Pretends to be the desktop app around the window. */
  readonly desktop?: WindowDesktop | undefined;
}

/**
 * A window in a real browser, served by the panel. Disposing it closes everything, and throws when the window did what
 * `watchTroubles` listens for.
 */
export interface OpenWindow extends AsyncDisposable {
  readonly page: Page;
  readonly world: WindowWorld;
  readonly control: ControlClient;
  /** The one-time link it was opened with; used up. */
  readonly link: string;
  readonly panel: WindowPanel;
  /** Shows another screen. */
  go(route: string): Promise<void>;
  /**
   * Begins anew at a screen, as a window of this size that was just opened; nothing is kept but the sign-in to the panel.
   * In much less time than another window would take.
   * @throws Error when the window did what `watchTroubles` listens for.
   */
  restart(route: string, viewport?: WindowOptions['viewport']): Promise<void>;
  /** Says that a fault is caused by the test on purpose. */
  expectTrouble: Troubles['expect'];
}

export const VIEWPORT = { width: 1100, height: 760 };

/** Opens a window of a browser that runs. */
export async function openIn(chromium: RunningChromium, options: WindowOptions = {}): Promise<OpenWindow> {
  await using starting = new AsyncDisposableStack();
  const folder = await builtWindow(options.react);
  const world = options.world ?? starting.use(await startWindowWorld(options));
  await options.seed?.(world);
  const panel = starting.use(await startPanel(world.control, folder));
  const context = starting.adopt(
    await chromium.newContext({
      viewport: options.viewport ?? VIEWPORT,
      colorScheme: options.theme ?? 'light',
      reducedMotion: 'reduce',
      locale: 'en-US',
      timezoneId: 'UTC',
    }),
    (opened) => opened.close(),
  );
  const troubles = await watchTroubles(context, panel.origin);
  if (options.desktop) {
    starting.use(await attachDesktop(context, options.desktop, controlThrough(world.control)));
  }
  await context.addInitScript({ content: prelude(options) });
  const ready = (): Promise<void> => page.getByRole('heading', { level: 1 }).first().waitFor();
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const link = panel.link();
  await page.goto(link);
  // The page behind the link goes on by itself.
  await page.waitForURL(({ pathname }) => pathname === '/');
  await ready();
  const faultless = async (): Promise<void> => {
    await collectPage(page);
    const { unexpected } = troubles;
    if (unexpected.length > 0) throw new Error(`The window did what it must not:\n${unexpected.join('\n')}`);
  };
  const running = starting.move();
  return {
    page,
    world,
    control: world.control,
    link,
    panel,
    go: async (route) => {
      await page.evaluate(`location.hash = ${JSON.stringify(route)}`);
    },
    restart: async (to, viewport = VIEWPORT) => {
      await faultless();
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: options.theme ?? 'light' });
      await page.evaluate(`localStorage.clear(); sessionStorage.clear(); ${atRoute(to)}`);
      await page.reload();
      await ready();
    },
    expectTrouble: troubles.expect,
    [Symbol.asyncDispose]: async () => {
      await using _closing = running;
      await faultless();
    },
  };
}

/** Makes a screen the address of the page, without going there. */
function atRoute(route: string): string {
  return `history.replaceState(null, '', ${JSON.stringify(`#${route}`)});`;
}

/** Runs before the window does: where it begins, and that the person has read the hint about the vault of these tests. */
function prelude({ route, hints = false }: WindowOptions): string {
  const seen = hints ? '' : "localStorage.setItem('gangway.memory-hint', 'seen');";
  return `if (location.pathname === '/') { ${seen} if (location.hash === '') ${atRoute(route ?? '/')} }`;
}
