import { afterAll } from 'vitest';
import { type RunningChromium, startChromium } from '../browser/chromium.ts';
import { type OpenWindow, openIn, type WindowOptions } from './window.ts';

/** One browser per test file. */
let browser: Promise<RunningChromium> | undefined;
afterAll(async () => (await browser)?.[Symbol.asyncDispose]());

/** Opens a window on a bridge of its own, in the one browser of this test file. */
export async function openWindow(options: WindowOptions = {}): Promise<OpenWindow> {
  browser ??= startChromium();
  return openIn(await browser, options);
}
