import type { BrowserContext, ConsoleMessage, Page } from 'playwright-core';
import { collect } from '../canary/collect.ts';

/** What a window must not do. */
export interface Troubles {
  /** Faults seen so far that the test did not expect, in words. */
  readonly unexpected: readonly string[];
  /** The test causes this on purpose. */
  expect(pattern: RegExp): void;
}

/** How Chromium reports an answer that is no success; the window shows those itself. */
const REFUSED_CALL = /^Failed to load resource: the server responded with a status of/;

/** Runs in the page before anything of its own. */
const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', (event) =>
  console.error('securitypolicyviolation:', event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber));`;

/**
 * Listens for everything that would be a fault of the window: a message on the console that is a warning or an error, an
 * exception nobody caught, a violation of the content security policy, and a request to anywhere but its own panel.
 */
export async function watchTroubles(context: BrowserContext, origin: string): Promise<Troubles> {
  const seen: string[] = [];
  const expected: RegExp[] = [];
  await context.addInitScript({ content: TELL_VIOLATIONS });
  context.on('console', (message) => {
    collect('console of the window', message.text());
    if (isFault(message, origin)) seen.push(`console ${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => seen.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  context.on('request', (request) => {
    if (!isOwn(request.url(), origin))
      seen.push(`request to elsewhere: ${request.method()} ${request.url()}`);
  });
  context.on('requestfailed', (request) => {
    if (!isOwn(request.url(), origin)) seen.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  return {
    get unexpected() {
      return seen.filter((line) => !expected.some((pattern) => pattern.test(line)));
    },
    expect: (pattern) => void expected.push(pattern),
  };
}

/** Adds what the page holds to what is searched for secrets; what was typed into fields is no part of it. */
export async function collectPage(page: Page): Promise<void> {
  if (page.isClosed()) return;
  collect('the page of the window', await page.content());
  collect(
    'storage of the window',
    await page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage })'),
  );
}

function isFault(message: ConsoleMessage, origin: string): boolean {
  const type = message.type();
  if (type !== 'error' && type !== 'warning') return false;
  return !(REFUSED_CALL.test(message.text()) && message.location().url.startsWith(`${origin}/rpc/`));
}

function isOwn(url: string, origin: string): boolean {
  return url.startsWith(`${origin}/`) || url.startsWith('data:') || url === 'about:blank';
}
