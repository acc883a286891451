import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { chromiumLine, findChromium } from '../system/programs.ts';

/** A real browser without a window. Disposing closes it and removes its profile. */
export interface RunningChromium extends AsyncDisposable {
  /** A page with cookies of its own. */
  newPage(): Promise<Page>;
  /** Cookies and storage of their own, for as many pages as wanted. */
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
}

/** It talks to this computer only: no updates, no reports. */
const ARGUMENTS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--metrics-recording-only',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-pings',
];

/** No other name can be looked up. */
const NAMES = 'MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost';

/**
 * Starts the Chromium of this computer with a profile of its own. `CHROMIUM_PATH` names another one.
 *
 * @param names rules for names that lead somewhere else, as of `--host-resolver-rules`.
 * @throws Error when there is none, with the line that says how to get it.
 */
export async function startChromium(names?: string): Promise<RunningChromium> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(chromiumLine);
  const browser: Browser = await chromium.launch({
    executablePath,
    headless: true,
    // The sandbox of Chromium refuses to start as root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...ARGUMENTS, `--host-resolver-rules=${names === undefined ? NAMES : `${names}, ${NAMES}`}`],
  });
  return {
    newPage: () => browser.newPage(),
    newContext: (options) => browser.newContext(options),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
