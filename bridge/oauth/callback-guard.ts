import type { IncomingMessage } from 'node:http';
import { limits } from '../base/limits.ts';
import { CALLBACK_PATH } from './callback.ts';
import { type Page, refusalPages } from './pages.ts';

/** What a request to the callback port is, before anybody looks at its parameters. */
export type Arrival =
  | { readonly kind: 'callback'; readonly parameters: URLSearchParams }
  | { readonly kind: 'other'; readonly path: string }
  /** Somebody looks ahead; nothing may be used up by it. */
  | { readonly kind: 'ahead' }
  | { readonly kind: 'refused'; readonly page: Page };

/**
 * Lets only a browser through that navigates to the callback address (RFC 8252 section 8.3): other programs and pages
 * may reach the port, and some would like to.
 * @param host the one acceptable value of `Host`, against names that are made to point here (DNS rebinding).
 */
export function checkArrival(request: IncomingMessage, host: string): Arrival {
  const target = request.url ?? '';
  if (target.length > limits.callbackUrlCharacters) return refused(refusalPages.tooLong);
  const hosts = request.headersDistinct.host ?? [];
  if (hosts.length !== 1 || hosts[0] !== host) return refused(refusalPages.foreign);
  const [path = '', ...rest] = target.split('?');
  if (path !== CALLBACK_PATH) return { kind: 'other', path };
  if (request.method === 'HEAD') return { kind: 'ahead' };
  if (request.method !== 'GET') return refused(refusalPages.method);
  if (hasBody(request)) return refused(refusalPages.malformed);
  if (looksAhead(request)) return { kind: 'ahead' };
  if (!isNavigation(request)) return refused(refusalPages.foreign);
  const parameters = new URLSearchParams(rest.join('?'));
  // A fragment (response_mode=fragment) stays in the browser; all that arrives is a bare path.
  return parameters.size === 0 ? refused(refusalPages.unreadable) : { kind: 'callback', parameters };
}

function refused(page: Page): Arrival {
  return { kind: 'refused', page };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function looksAhead({ headers }: IncomingMessage): boolean {
  const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map((name) => headers[name]);
  return purposes.some((purpose) => /prefetch|prerender|preview/i.test(String(purpose ?? '')));
}

/** Navigating browsers send no `Origin` with GET; scripts do, or say another mode (Fetch Metadata). */
function isNavigation({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined && (headers['sec-fetch-mode'] ?? 'navigate') === 'navigate';
}
