import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { chromiumLine, findChromium } from '../system/programs.ts';

/** A window of a Chromium process of its own, without tabs and address bar. */
export interface ChromiumWindow extends AsyncDisposable {
  readonly page: Page;
  readonly devTools: CDPSession;
  become(state: 'normal' | 'minimized' | 'maximized' | 'fullscreen'): Promise<void>;
}

export interface ChromiumWindowOptions {
  /** Folder for the profile, whose last part names the window. */
  readonly profile: string;
  readonly width: number;
  readonly height: number;
  readonly x?: number | undefined;
  readonly y?: number | undefined;
}

/** It talks to this computer only, and shows nothing of its own. */
const ARGUMENTS = [
  '--app=data:text/html,',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-pings',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--password-store=basic',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  // Without it, a bar in the window says that root has no sandbox.
  '--test-type',
];

/**
 * Opens a window on the screen of `DISPLAY`. With `DESKTOP_HOST_DEVTOOLS`, others may attach to it: its port is in the
 * file DevToolsActivePort of the profile.
 * @throws Error when there is no Chromium here.
 */
export async function openChromiumWindow(options: ChromiumWindowOptions): Promise<ChromiumWindow> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(chromiumLine);
  const { chromium } = await import('playwright-core');
  const { width, height, x, y } = options;
  const context = await chromium.launchPersistentContext(options.profile, {
    executablePath,
    headless: false,
    viewport: null,
    // The sandbox of Chromium refuses to start as root.
    chromiumSandbox: process.getuid?.() !== 0,
    // Signals are the app's own business.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    ignoreDefaultArgs: ['--enable-automation', 'about:blank'],
    args: [
      ...ARGUMENTS,
      `--window-size=${width},${height}`,
      ...(x === undefined || y === undefined ? [] : [`--window-position=${x},${y}`]),
      ...(process.env.DESKTOP_HOST_DEVTOOLS ? ['--remote-debugging-port=0'] : []),
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const devTools = await context.newCDPSession(page);
  const { windowId } = await devTools.send('Browser.getWindowForTarget');
  const become: ChromiumWindow['become'] = async (windowState) => {
    await devTools.send('Browser.setWindowBounds', { windowId, bounds: { windowState } });
    if (windowState !== 'minimized') await page.bringToFront();
  };
  return { page, devTools, become, [Symbol.asyncDispose]: () => context.close() };
}

/** Where Chromium says by which port it can be debugged, for the window of this name. */
export function portFile(userData: string, window: string): string {
  return join(userData, window, 'DevToolsActivePort');
}
