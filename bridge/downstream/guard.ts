import { limits } from '../base/limits.ts';
import type { RequestHeaders } from '../relay/channel.ts';
import { addressOfPath } from './address.ts';

/** The head of a request as it came over the wire, before anybody interpreted it. */
export interface Head {
  readonly method: string;
  /** The request-target, unparsed. */
  readonly target: string;
  /** Names and values in turn, as Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
}

export interface Door {
  readonly port: number;
  /** Web origins that may call, byte for byte. Usually none. */
  readonly origins: readonly string[];
}

export type Method = 'POST' | 'GET' | 'DELETE';

export type Refused = {
  readonly kind: 'refused';
  readonly status: number;
  /** For people who set up a client. Never repeats anything the request said. */
  readonly because: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Verdict =
  | {
      readonly kind: 'passed';
      readonly method: Method;
      /** `current`, a connector or an account's slug, as the path says. */
      readonly address: string;
      readonly headers: RequestHeaders;
      /** The bearer token, unchecked; undefined when there is none, or more than one header of that name. */
      readonly token: string | undefined;
    }
  | Refused;

const METHODS: readonly string[] = ['POST', 'GET', 'DELETE'] satisfies Method[];

function refuse(status: number, because: string, headers?: Record<string, string>): Refused {
  return { kind: 'refused', status, because, ...(headers ? { headers } : {}) };
}

/**
 * Decides about a request from its head alone, before a byte of its body is read and before anything is parsed.
 * The guards stand in this order: raw head, Host, Origin and Fetch metadata, path and method, content type and coding,
 * Accept; the token is then compared by the caller. They keep out web pages, which can reach a loopback port and, by
 * DNS rebinding, call it by a name of their own (MCP 2025-11-25, transports, security warning).
 */
export function checkHead(head: Head, door: Door): Verdict {
  const headers = collect(head.rawHeaders);
  const refused =
    checkRaw(head, headers) ??
    checkHost(headers, door) ??
    checkOrigin(headers, door) ??
    checkRoute(head) ??
    checkContent(head, headers) ??
    checkAccept(head, headers);
  if (refused) return refused;
  const address = addressOfPath(head.target);
  if (address === undefined || !isMethod(head.method)) return refuse(404, 'There is nothing at this path.');
  return { kind: 'passed', method: head.method, address, headers, token: bearer(headers) };
}

function isMethod(method: string): method is Method {
  return METHODS.includes(method);
}

function collect(rawHeaders: readonly string[]): RequestHeaders {
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

/** The value of a header that came exactly once. */
export function single(headers: RequestHeaders, name: string): string | undefined {
  const values = headers.get(name);
  return values?.length === 1 ? values[0] : undefined;
}

/** Whoever writes such a head means something else than it says, so nothing more is read from the connection. */
function checkRaw(head: Head, headers: RequestHeaders): Refused | undefined {
  const close = { Connection: 'close' };
  if (head.rawHeaders.length > 2 * limits.httpHeaders) return refuse(431, 'Too many headers.', close);
  if (head.httpVersion !== '1.1') return refuse(400, 'Use HTTP/1.1.', close);
  if (head.target === '*' || !/^\/(?!\/)/.test(head.target)) {
    return refuse(400, 'The request target must be a path.', close);
  }
  if (headers.get('host')?.length !== 1) return refuse(400, 'Send exactly one Host header.', close);
  if (headers.has('upgrade')) return refuse(400, 'This server does not change protocols.', close);
  if (headers.has('transfer-encoding') && headers.has('content-length')) {
    return refuse(400, 'The length of the body is ambiguous.', close);
  }
  return undefined;
}

function checkHost(headers: RequestHeaders, door: Door): Refused | undefined {
  const host = single(headers, 'host');
  if (host === `127.0.0.1:${door.port}` || host === `[::1]:${door.port}`) return undefined;
  return refuse(403, `Use the address http://127.0.0.1:${door.port} exactly.`);
}

function checkOrigin(headers: RequestHeaders, door: Door): Refused | undefined {
  const origin = single(headers, 'origin');
  if (headers.has('origin') && (origin === undefined || !door.origins.includes(origin))) {
    return refuse(403, 'Web pages may not use this server.');
  }
  const site = headers.get('sec-fetch-site') ?? [];
  // Node's own fetch sends "cors" and no site; only browsers send more.
  const mode = headers.get('sec-fetch-mode') ?? [];
  if (site.some((value) => value !== 'none') || mode.some((value) => value !== 'cors')) {
    return refuse(403, 'Web pages may not use this server.');
  }
  return undefined;
}

function checkRoute(head: Head): Refused | undefined {
  if (head.method === 'OPTIONS') return refuse(403, 'Web pages may not use this server.');
  if (addressOfPath(head.target) === undefined) return refuse(404, 'There is nothing at this path.');
  if (!isMethod(head.method)) {
    return refuse(405, 'This method is not supported.', { Allow: METHODS.join(', ') });
  }
  return undefined;
}

/** A web page can send other types without asking first; JSON it cannot (Fetch standard, CORS-safelisted headers). */
function checkContent(head: Head, headers: RequestHeaders): Refused | undefined {
  if (head.method !== 'POST') return undefined;
  if (!isJson(single(headers, 'content-type'))) {
    return refuse(415, 'Send the message as application/json in UTF-8.');
  }
  const codings = headers.get('content-encoding') ?? [];
  if (codings.some((coding) => coding.trim().toLowerCase() !== 'identity')) {
    return refuse(415, 'Send the message without compression.');
  }
  return undefined;
}

function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  const [type, ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  return (
    type === 'application/json' &&
    parameters.every((parameter) => {
      const [name, value] = parameter.split('=');
      return name?.trim() !== 'charset' || /^"?utf-?8"?$/.test(value?.trim() ?? '');
    })
  );
}

/** What the specification asks for, as all clients send it (MCP 2025-03-26 and later, transports). */
const USUAL_ACCEPT = 'application/json, text/event-stream';

function checkAccept(head: Head, headers: RequestHeaders): Refused | undefined {
  if (head.method === 'DELETE') return undefined;
  const needed = head.method === 'POST' ? ['application/json', 'text/event-stream'] : ['text/event-stream'];
  const said = headers.get('accept') ?? [];
  if (said[0] === USUAL_ACCEPT) return undefined;
  const accepted = said.flatMap((value) => value.split(',')).map(acceptable);
  const isCovered = (type: string): boolean =>
    accepted.some((range) => range === type || range === '*/*' || range === `${type.split('/')[0]}/*`);
  return needed.every(isCovered) ? undefined : refuse(406, `Accept ${needed.join(' and ')}.`);
}

/** A media range in lower case, without its parameters; empty when its weight says "not this one". */
function acceptable(range: string): string {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  return parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter)) ? '' : type;
}

/** RFC 6750, section 2.1, the only way in: never from the query, the body or a cookie. */
function bearer(headers: RequestHeaders): string | undefined {
  return /^bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i.exec(single(headers, 'authorization') ?? '')?.[1];
}

/** What a request says about its session: the id, that it says none, or that it cannot be an id. */
export type SessionHeader =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' };

/** Reads `Mcp-Session-Id`: visible ASCII characters only (MCP 2025-11-25, transports, session management). */
export function sessionHeader(headers: RequestHeaders): SessionHeader {
  if (!headers.has('mcp-session-id')) return { kind: 'none' };
  const id = single(headers, 'mcp-session-id');
  return id !== undefined && /^[\x21-\x7e]{1,128}$/.test(id) ? { kind: 'id', id } : { kind: 'malformed' };
}

/** `MCP-Protocol-Version` names a revision this door does not speak. Without the header all is well. */
export function hasUnknownVersion(headers: RequestHeaders, known: readonly string[]): boolean {
  const values = headers.get('mcp-protocol-version');
  return values !== undefined && !(values.length === 1 && known.includes(values[0] ?? ''));
}
