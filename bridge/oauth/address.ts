import { limits } from '../base/limits.ts';
import { oneLine } from '../base/text.ts';
import { type Reach, reachOfHost } from '../connectors/reach.ts';
import type { Bounds } from './http.ts';
import { noSafeSignIn } from './refusal.ts';
import { OAuthTrouble } from './trouble.ts';

/** Scheme, plain host, port, path; what a URL parser would have to repair does not match. */
const PLAIN = /^(https?):\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(\/[^?#]*)?(?:\?[^#]*)?$/i;

/** `..` and `.` between slashes, also percent-encoded, which a URL parser resolves. */
const DOT_SEGMENT = /\/(\.|%2e){1,2}(\/|$)/i;

/** Whether something at `reach` may be spoken to within `bounds`. */
export function isWithin(reach: Reach, bounds: Bounds): boolean {
  switch (bounds) {
    case 'public':
      return reach === 'public';
    case 'loopback':
      return reach === 'public' || reach === 'loopback';
    case 'own-network':
      return reach !== 'never';
    default:
      return bounds satisfies never;
  }
}

/**
 * What is wrong with an address that a server names, as the rest of a sentence about it; undefined when it may be used.
 * An address is absolute, needs no repair, uses https (RFC 8414 section 2), and leads within the bounds; plain http is
 * taken from loopback hosts where the bounds allow them, and in the person's own network.
 */
export function faultOfAddress(text: unknown, bounds: Bounds): string | undefined {
  if (typeof text !== 'string' || text === '') return 'is missing or no text';
  if (text.length > limits.oauthUrlCharacters)
    return `is longer than ${limits.oauthUrlCharacters} characters`;
  if (!/^[\u0021-\u007e]+$/.test(text) || text.includes('\\')) {
    return 'has characters that do not belong in an address';
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return 'is not a whole address';
  if (scheme !== 'https' && scheme !== 'http') return 'does not use https';
  if (text.includes('#')) return 'has a fragment';
  if (/^[^/]*\/\/[^/?]*@/.test(text)) return 'names a user';
  const plain = PLAIN.exec(text);
  if (!plain?.[2] || !URL.canParse(text)) return 'is not a proper address';
  const { hostname } = new URL(text);
  if (hostname !== plain[2].toLowerCase()) return 'hides its host behind another spelling';
  if (plain[3] !== undefined && DOT_SEGMENT.test(plain[3])) return 'has a path with dots for folders';
  const reach = reachOfHost(hostname);
  if (!isWithin(reach, bounds)) return FAR[reach];
  const isPlainTaken = reach === 'loopback' || reach === 'own-network';
  return scheme === 'https' || isPlainTaken ? undefined : 'does not use https';
}

const FAR: Readonly<Record<Reach, string>> = {
  public: 'leads to the internet',
  loopback: 'leads to this computer',
  'own-network': 'leads into a private network',
  never: 'leads to no server',
};

/**
 * The address itself, byte by byte as the server wrote it, once it is known to be usable.
 * @param what it is, in words for people: `its token endpoint`.
 * @param host of the workspace, for people. Without it the message names only the address's purpose.
 * @throws OAuthTrouble `unsafe`.
 */
export function checkAddress(text: unknown, what: string, bounds: Bounds, host?: string): string {
  const fault = faultOfAddress(text, bounds);
  if (fault === undefined && typeof text === 'string') return text;
  if (host !== undefined) throw noSafeSignIn(host, `${what} ${fault}`);
  const message = `Gangway cannot use ${what} safely: it ${fault}.`;
  throw new OAuthTrouble('unsafe', message, { host: hostIn(text) });
}

/** Host and port of an address, for people. */
export function hostIn(address: unknown): string {
  if (typeof address !== 'string' || !URL.canParse(address)) return 'the server';
  return oneLine(new URL(address).host, 100) || 'the server';
}

/** Both addresses have the same scheme, host and port (RFC 6454). False when one is no address. */
export function isSameOrigin(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const { origin } = new URL(one);
  return origin !== 'null' && origin === new URL(other).origin;
}
