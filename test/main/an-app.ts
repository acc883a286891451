import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { DesktopState } from '#contract/desktop.ts';
import { temporaryHome } from '../canary/home.ts';
import { type Desktop, type DesktopOptions, newDesktop } from '../electron/desktop.ts';
import { excuse } from '../invariants/broken.ts';
import { type PageClient, pageOf } from './a-page.ts';
import { runFresh } from './run-fresh.ts';

excuse(
  'INV-7',
  /gangway\.log/,
  'The log of the app is open for as long as its process lives, which is that of the test here.',
);

/** A link that any page may hold. */
export const LINK = 'gangway://add?url=https://mcp.pelcro.com/&name=Herald';

const ICONS = join(import.meta.dirname, '../../main/icons');
const KEYCHAIN_CHILD = join(import.meta.dirname, '../../main/keychain-child.ts');

export interface AppOptions extends DesktopOptions {
  /** Arguments after the program. */
  readonly argv?: readonly string[];
  /** Something to be there before the app starts. */
  readonly before?: (paths: Paths) => Promise<unknown> | unknown;
  /** The window was built. */
  readonly built?: boolean;
  /** Address of the session bus; nobody is there without one. */
  readonly bus?: string;
  /** The real keychain of that bus, asked as in the built app. */
  readonly vault?: 'keychain' | 'memory';
}

/** The whole app on a desktop of its own, from `main/index.ts` on; everything is real but Electron and the keychain. */
export interface App extends AsyncDisposable {
  readonly desktop: Desktop;
  readonly paths: Paths;
  /** The page in the window, once it is shown. */
  page(): Promise<PageClient>;
  /** The log so far. */
  log(): Promise<string>;
}

/** Runs the app; it may not be up yet. Disposing it quits as a person would who answers every question with Quit. */
export async function runApp(options: AppOptions = {}): Promise<App> {
  const { argv = [], built = true, before } = options;
  const home = await temporaryHome();
  const folder = join(home.path, 'desktop');
  const paths = pathsFor(join(home.path, 'gangway'), {});
  mkdirSync(join(folder, 'app', 'main'), { recursive: true });
  symlinkSync(ICONS, join(folder, 'app', 'main', 'icons'));
  if (built) {
    const window = join(folder, 'app', 'out', 'renderer');
    mkdirSync(window, { recursive: true });
    writeFileSync(join(window, 'index.html'), '<!doctype html><title>Gangway</title>');
  }
  if (options.vault === 'keychain') {
    mkdirSync(join(folder, 'app', 'out', 'main'), { recursive: true });
    symlinkSync(KEYCHAIN_CHILD, join(folder, 'app', 'out', 'main', 'keychain-child.js'));
  }
  await before?.(paths);
  const restore = surroundings(options, argv, paths.home);
  const desktop = newDesktop({ platform: 'linux', folder, ...options, waits: true });
  try {
    await runFresh('index.ts');
  } finally {
    restore();
  }
  // Electron is ready once that program has run to its end.
  if (!options.waits) desktop.app.becomeReady();
  return {
    desktop,
    paths,
    page: async () => {
      await vi.waitFor(
        () => desktop.window.contents.loaded.length > 0 || Promise.reject(new Error('no page')),
      );
      return pageOf(desktop.window);
    },
    log: () => readFile(join(paths.logs, 'gangway.log'), 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: async () => {
      const ended = desktop.app.ended;
      if (!desktop.app.hasEnded) {
        desktop.app.quit();
        void desktop.dialog.question().then((box) => box.click('Quit'));
      }
      await ended;
      for (const child of desktop.children) child.end();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Runs the app until the person can use it. */
export async function startApp(options: AppOptions = {}): Promise<App> {
  const app = await runApp(options);
  await vi.waitFor(() => app.desktop.tray, 10_000);
  await vi.waitFor(async () => {
    if (!(await app.log()).includes('desktop.ready')) throw new Error(await app.log());
  }, 10_000);
  return app;
}

/** The state that a window is told now. */
export async function stateOf(app: App): Promise<DesktopState> {
  const { desktop } = await app.page();
  for await (const state of await desktop.watch()) return DesktopState.parse(state);
  throw new Error('Nothing was told.');
}

/** What the program of the app finds around it while it begins. */
function surroundings(
  { isPackaged = false, vault = 'memory', bus = 'unix:path=/nonexistent/bus' }: AppOptions,
  argv: readonly string[],
  home: string,
): () => void {
  const { argv: before, env } = process;
  process.argv = ['/opt/gangway/gangway', ...(isPackaged ? [] : ['.']), ...argv];
  process.env = {
    ...env,
    GANGWAY_HOME: home,
    GANGWAY_VAULT: vault,
    XDG_CURRENT_DESKTOP: 'XFCE',
    // Not that of the desktop the tests run on.
    DBUS_SESSION_BUS_ADDRESS: bus,
  };
  return () => {
    process.argv = before;
    process.env = env;
  };
}
