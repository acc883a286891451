import { limits } from '../base/limits.ts';
import { WINDOW_PAGE } from './files.ts';

/** The head of a request as it came over the wire, before anybody interpreted it. */
export interface Head {
  readonly method: string;
  /** The request-target, unparsed. */
  readonly target: string;
  /** Names and values in turn, as Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
}

export interface PanelDoor {
  readonly port: number;
  /** Paths of the window's files. */
  readonly files: { has(path: string): boolean };
}

export type Refused = {
  readonly kind: 'refused';
  readonly status: number;
  /** For people. Never repeats anything the request said. */
  readonly because: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Verdict =
  /** A file of the window. `sessions`: what the browser's cookies claim; the caller knows whether one is good. */
  | { readonly kind: 'file'; readonly path: string; readonly sessions: readonly string[] }
  /** A call of the contract. */
  | { readonly kind: 'call'; readonly sessions: readonly string[] }
  /** Somebody with a link; an empty ticket is a wrong one. */
  | { readonly kind: 'open'; readonly ticket: string }
  /** A browser looks ahead at a link; nothing may be used up by it. */
  | { readonly kind: 'ahead' }
  | Refused;

/** Where a link leads to. */
export const OPEN_PATH = '/open';
/** Below it, the path of a procedure. */
export const CALL_PREFIX = '/rpc';

const CALL = /^\/rpc(\/[A-Za-z]+)+$/;
/** 256 bits as `crypto` writes them in base64url. */
const KEY = '[A-Za-z0-9_-]{43}';
const OPEN = new RegExp(`^/open\\?ticket=(${KEY})$`);
/** Other programs on this computer may set cookies of the same name; more than these are not looked at. */
const MOST_SESSIONS = 4;

type Headers = ReadonlyMap<string, readonly string[]>;

/** The cookie a browser is let in by. Cookies are shared by all ports of a host, so it has the port in its name. */
export function cookieName(port: number): string {
  return `gangway-panel-${port}`;
}

/** The one origin whose pages may call the panel. */
export function originAt(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/**
 * Decides about a request to the panel from its head alone. Only a browser gets through that shows our own page, or that
 * a person sends to it: other pages can reach the port, and by DNS rebinding call it by a name of their own. The guards
 * stand in this order: raw head, Host, method and path, Fetch metadata and Origin, content type; whether a session is
 * good is then looked up by the caller.
 */
export function checkHead(head: Head, door: PanelDoor): Verdict {
  const headers = collect(head.rawHeaders);
  const refused = checkRaw(head, headers) ?? checkHost(headers, door) ?? checkMethod(head.method);
  if (refused) return refused;
  if (head.method === 'POST') return checkCall(head.target, headers, door);
  if (hasBody(headers)) return refuse(400, 'A page is asked for without a body.', { Connection: 'close' });
  if (head.target === OPEN_PATH || head.target.startsWith(`${OPEN_PATH}?`)) {
    return checkOpen(head.target, headers);
  }
  return checkFile(head.target, headers, door);
}

function refuse(status: number, because: string, headers?: Record<string, string>): Refused {
  return { kind: 'refused', status, because, ...(headers ? { headers } : {}) };
}

function collect(rawHeaders: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const values = headers.get(name);
    if (values) values.push(value);
    else headers.set(name, [value]);
  }
  return headers;
}

/** Whoever writes such a head means something else than it says, so nothing more is read from the connection. */
function checkRaw(head: Head, headers: Headers): Refused | undefined {
  const close = { Connection: 'close' };
  if (head.rawHeaders.length > 2 * limits.httpHeaders) return refuse(431, 'Too many headers.', close);
  if (head.httpVersion !== '1.1') return refuse(400, 'Use HTTP/1.1.', close);
  if (!/^\/(?!\/)/.test(head.target)) return refuse(400, 'The request target must be a path.', close);
  if (headers.get('host')?.length !== 1) return refuse(400, 'Send exactly one Host header.', close);
  if (headers.has('upgrade')) return refuse(400, 'The panel does not change protocols.', close);
  if (headers.has('transfer-encoding') && headers.has('content-length')) {
    return refuse(400, 'The length of the body is ambiguous.', close);
  }
  return undefined;
}

function checkHost(headers: Headers, { port }: PanelDoor): Refused | undefined {
  if (headers.get('host')?.[0] === `127.0.0.1:${port}`) return undefined;
  return refuse(403, `Use the address ${originAt(port)} exactly.`);
}

function checkMethod(method: string): Refused | undefined {
  if (method === 'GET' || method === 'POST') return undefined;
  if (method === 'OPTIONS') return refuse(403, FOREIGN);
  return refuse(405, 'This method is not supported.', { Allow: 'GET, POST' });
}

const FOREIGN = 'Other web pages may not use the panel.';

/** What only our own page can send: its origin, and JSON, which no form can (Fetch standard, CORS-safelisted headers). */
function checkCall(target: string, headers: Headers, { port }: PanelDoor): Verdict {
  if (!CALL.test(target)) return refuse(404, 'There is nothing at this path.');
  if (only(headers, 'origin') !== originAt(port) || only(headers, 'sec-fetch-site') !== 'same-origin') {
    return refuse(403, FOREIGN);
  }
  if (!isJson(only(headers, 'content-type'))) {
    return refuse(415, 'Send the call as application/json in UTF-8.');
  }
  const codings = headers.get('content-encoding') ?? [];
  if (codings.some((coding) => coding.trim().toLowerCase() !== 'identity')) {
    return refuse(415, 'Send the call without compression.');
  }
  return { kind: 'call', sessions: sessionsOf(headers, port) };
}

/** A link is good from anywhere, but only where a person sees what opens: in a tab of its own. */
function checkOpen(target: string, headers: Headers): Verdict {
  if (looksAhead(headers)) return { kind: 'ahead' };
  if (headers.has('origin') || !isNavigation(headers)) return refuse(403, FOREIGN);
  return { kind: 'open', ticket: OPEN.exec(target)?.[1] ?? '' };
}

function checkFile(target: string, headers: Headers, { port, files }: PanelDoor): Verdict {
  const path = target === '/' ? WINDOW_PAGE : target;
  if (!files.has(path)) return refuse(404, 'There is nothing at this path.');
  if (headers.has('origin') && only(headers, 'origin') !== originAt(port)) return refuse(403, FOREIGN);
  if (!isOwnRequest(headers)) return refuse(403, FOREIGN);
  return { kind: 'file', path, sessions: sessionsOf(headers, port) };
}

/** By its own page, or by a person: an address typed in, a bookmark. Browsers without Fetch metadata show a cookie only. */
function isOwnRequest(headers: Headers): boolean {
  if (!headers.has('sec-fetch-site')) return true;
  const site = only(headers, 'sec-fetch-site');
  return site === 'same-origin' || (site === 'none' && isNavigation(headers));
}

/** Into a tab, not into a frame. */
function isNavigation(headers: Headers): boolean {
  const mode = headers.get('sec-fetch-mode') ?? ['navigate'];
  const destination = headers.get('sec-fetch-dest') ?? ['document'];
  return mode.every((value) => value === 'navigate') && destination.every((value) => value === 'document');
}

function looksAhead(headers: Headers): boolean {
  const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].flatMap(
    (name) => headers.get(name) ?? [],
  );
  return purposes.some((purpose) => /prefetch|prerender|preview/i.test(purpose));
}

function hasBody(headers: Headers): boolean {
  return (
    headers.has('transfer-encoding') || (headers.get('content-length') ?? ['0']).some((size) => size !== '0')
  );
}

function sessionsOf(headers: Headers, port: number): string[] {
  const cookie = new RegExp(`^${cookieName(port)}=(${KEY})$`);
  return (headers.get('cookie') ?? [])
    .flatMap((value) => value.split(';'))
    .map((pair) => cookie.exec(pair.trim())?.[1])
    .filter((session) => session !== undefined)
    .slice(0, MOST_SESSIONS);
}

/** The value of a header that came exactly once. */
function only(headers: Headers, name: string): string | undefined {
  const values = headers.get(name);
  return values?.length === 1 ? values[0] : undefined;
}

function isJson(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  return (
    type === 'application/json' &&
    parameters.every((parameter) => {
      const [name, value] = parameter.split('=');
      return name?.trim() !== 'charset' || /^"?utf-?8"?$/.test(value?.trim() ?? '');
    })
  );
}
