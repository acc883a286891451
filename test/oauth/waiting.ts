import { randomBytes } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import {
  type CallbackListener,
  type CallbackResult,
  type ListenerOptions,
  openListener,
} from '#bridge/oauth/listener.ts';
import { comeBack, type Got } from './browser.ts';

export const ISSUER = 'https://as.example';

/** A listener and what a test needs of it. */
export interface Waiting {
  readonly listener: CallbackListener;
  readonly state: string;
  readonly stop: AbortController;
  /** How it ended, if it did. */
  ended(): CallbackResult | undefined;
  /** The callback address with this query. */
  at(query: string): string;
}

/** Opens a listener; it is disposed when the test finishes. */
export async function waiting(
  options: Partial<ListenerOptions> = {},
  issuer = ISSUER,
  issInResponse = false,
): Promise<Waiting> {
  const state = randomBytes(32).toString('base64url');
  const stop = new AbortController();
  const listener = await openListener({
    ports: [],
    expected: { state, issuer, issInResponse },
    signal: stop.signal,
    ...options,
  });
  onTestFinished(() => listener[Symbol.asyncDispose]());
  let result: CallbackResult | undefined;
  void listener.answer.then((answer) => {
    result = answer;
  });
  return { listener, state, stop, ended: () => result, at: (query) => `${listener.redirectUri}?${query}` };
}

/** The sign-in still works after whatever the test did to it. */
export async function expectAlive({ listener, state, ended }: Waiting): Promise<void> {
  expect(ended()).toBeUndefined();
  const page = await comeBack(listener.redirectUri, { code: 'the-code', state });
  expect(page.status).toBe(200);
  const answer = await listener.answer;
  if (answer.kind !== 'code') throw new Error(`It ended as ${answer.kind}.`);
  expect(answer.parameters.get('code')).toBe('the-code');
}

/** The page is one of ours, with the headers every page has. */
export function expectStaticPage(page: Got, status: number): void {
  expect(page.status).toBe(status);
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
  expect(page.headers['referrer-policy']).toBe('no-referrer');
  expect(page.headers['cache-control']).toBe('no-store');
  expect(page.headers['x-content-type-options']).toBe('nosniff');
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.body).toContain('<html lang="en">');
}
