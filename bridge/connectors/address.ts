import { limits } from '../base/limits.ts';
import { Redactor } from '../base/redactor.ts';
import { characterName } from '../base/text.ts';
import { BridgeError } from '../contract/errors.ts';
import { type Reach, reachOfHost } from './reach.ts';

/** An address a person typed, as it will be used, and what the person should know about it. */
export interface ReadAddress {
  readonly url: URL;
  readonly reach: Reach;
  readonly notes: readonly string[];
}

/** Ports of other services that no request may be sent to (the list of WHATWG Fetch, "port blocking"). */
const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Query parameters that carry credentials, which would then stand in a settings file and in logs. */
const SECRET_PARAMETER =
  /(^|[-_.])(key|token|secret|password|passwd|pwd|auth|authorization|sig|signature|credentials?)$|api_?key|token/i;

/** `..` and `.`, which a URL parser resolves, so that the path that is used is not the one that was read. */
const DOT_SEGMENT = /^[^?#]*\/(\.|%2e){1,2}(\/|$|\?)/i;

/** A host name in ASCII, or an IPv6 address; the URL parser lets more characters through. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/;

const shapes = new Redactor();

/**
 * Reads an address as a person types or pastes it: a URL, or a bare host with or without port and path. What
 * `new URL` would silently repair into another host (backslashes, blanks, control characters, missing slashes) is
 * refused; other repairs are said in a note. Plain http is taken on this computer, and elsewhere only with
 * `ownNetwork`; private addresses only with `ownNetwork`.
 * @throws BridgeError `invalid-input`; its message never repeats the text, which may hold a secret.
 */
export function readAddress(typed: string, options: { readonly ownNetwork: boolean }): ReadAddress {
  if (typed.length > limits.addressCharacters) {
    throw refuse(`The address is longer than ${limits.addressCharacters} characters.`);
  }
  const text = typed.trim();
  const { scheme, authority, rest } = split(text);
  refuseTricks(text, authority, rest);
  const host = scheme ? `${scheme}://${authority}` : `https://${authority}`;
  let url = parse(host + rest);
  const notes: string[] = [];
  if (!scheme && reachOfHost(url.hostname) === 'loopback') url = parse(`http://${authority}${rest}`);
  if (url.hostname.endsWith('.')) {
    url.hostname = url.hostname.slice(0, -1);
    notes.push(`The dot at the end of the host was removed: ${url.host}.`);
  }
  notes.push(...hostNotes(authority, url));
  refusePort(url);
  refuseSecrets(url);
  const reach = reachOfHost(url.hostname);
  notes.push(...reachNotes(url, reach, options.ownNetwork));
  return { url, reach, notes };
}

function split(text: string): { scheme: string | undefined; authority: string; rest: string } {
  if (text === '') throw refuse('Type the address.');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (!scheme && /^https?:/i.test(text)) {
    throw refuse('The address must begin with https:// and a host.');
  }
  if (scheme && scheme !== 'https' && scheme !== 'http') {
    throw refuse('An address begins with https://. Other kinds cannot be used.');
  }
  const afterScheme = scheme ? text.slice(scheme.length + 3) : text;
  const authority = /^[^/?#]*/.exec(afterScheme)?.[0] ?? '';
  if (authority === '') throw refuse('The address names no host. It looks like https://host/mcp.');
  return { scheme, authority, rest: afterScheme.slice(authority.length) };
}

function refuseTricks(text: string, authority: string, rest: string): void {
  const bad = /[\u0000-\u0020\u007f-\u00a0\u2000-\u200f\u2028-\u202f\u2060-\u206f\ufeff\\]/.exec(text);
  if (bad) {
    const name = bad[0] === '\\' ? 'a backslash' : characterName(bad[0]);
    throw refuse(`The address contains ${name} (position ${bad.index + 1}). Type it without.`);
  }
  if (authority.includes('@')) {
    throw refuse(
      'Credentials do not belong in the address. Type it without the part before @ and enter the key apart.',
    );
  }
  if (authority.includes('%')) throw refuse('The host in the address must not contain percent signs.');
  if (DOT_SEGMENT.test(rest)) {
    throw refuse('The path in the address must not contain ".." or ".". Type it without.');
  }
  if (text.includes('#')) throw refuse('The address must not contain #. Leave out that part.');
}

function parse(text: string): URL {
  // The parser's own error would quote the text.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !HOST.test(url.hostname)) {
    throw refuse('This is not an address: check the host and the port. It looks like https://host/mcp.');
  }
  return url;
}

function hostNotes(authority: string, url: URL): string[] {
  const typedHost = authority.replace(/:\d*$/, '').toLowerCase().replace(/\.$/, '');
  if (typedHost === url.hostname) return [];
  if (/[^\u0000-\u007f]/.test(authority)) {
    return [
      `The host contains letters outside plain English. Really it is ${url.hostname}. Go on only if you expect that.`,
    ];
  }
  return [`The host was read as ${url.hostname}.`];
}

function refusePort(url: URL): void {
  if (url.port !== '' && BLOCKED_PORTS.has(Number(url.port))) {
    throw refuse(`Port ${url.port} belongs to another kind of service. Check the port in the address.`);
  }
}

function refuseSecrets(url: URL): void {
  const names = [...url.searchParams.keys()];
  if (names.some((name) => SECRET_PARAMETER.test(name)) || shapes.clean(url.href) !== url.href) {
    throw refuse(
      'Keys do not belong in the address. Leave it out there and enter it as key or secret header.',
    );
  }
}

function reachNotes(url: URL, reach: Reach, ownNetwork: boolean): string[] {
  switch (reach) {
    case 'never':
      throw refuse('No server can be reached at this address.');
    case 'loopback':
      return url.protocol === 'http:'
        ? ['The server is on this computer, so it is reached without encryption.']
        : [];
    case 'own-network':
      if (!ownNetwork) {
        throw refuse(
          'This address lies in a private network. If the server is yours, choose "server in my own network".',
        );
      }
      break;
    case 'public':
      if (url.protocol === 'http:' && !ownNetwork) {
        throw refuse('Over http:// everybody on the way could read the key. Use https://.');
      }
      break;
    default:
      return reach satisfies never;
  }
  if (url.protocol !== 'http:') return [];
  return [`Warning: without https, everybody on the way to ${url.host} can read the key and all content.`];
}

function refuse(message: string): BridgeError {
  return new BridgeError('invalid-input', message);
}

/** Scheme, plain host and port; anything a URL parser would have to repair does not match. */
const PLAIN = /^(https?):\/\/([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(?=[/?]|#|$)/;

/**
 * True when both addresses are plain and name the same scheme, host and port (RFC 6454), so that a credential for one
 * may be sent to the other. For texts that come from a server or a link: what only becomes equal by repair (a
 * backslash, a control character, letters outside ASCII, another spelling of an IP address, user and password) is
 * not equal.
 */
export function sameOrigin(one: string, other: string): boolean {
  const origin = plainOrigin(one);
  return origin !== undefined && origin === plainOrigin(other);
}

function plainOrigin(text: string): string | undefined {
  if (!/^[\u0021-\u007e]+$/.test(text) || text.includes('\\')) return undefined;
  const host = PLAIN.exec(text)?.[2];
  if (!host || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.hostname === host.toLowerCase() && url.username === '' ? url.origin : undefined;
}
