import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { BridgeError } from '../contract/errors.ts';
import type { ProxySetting } from '../contract/settings.ts';
import { environmentProxy } from './environment-proxy.ts';
import { limits } from './limits.ts';
import { within } from './tasks.ts';

let trustsSystemStore = false;

/** Trusts what the operating system trusts, for companies that sign their own certificates, besides Node's own list. */
export function trustSystemStore(): void {
  if (trustsSystemStore) return;
  trustsSystemStore = true;
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);
}

/** The way of a request: straight there, or through one HTTP proxy. A proxy of the environment may want a password. */
export type Way = { readonly kind: 'direct' } | { readonly kind: 'proxy'; readonly url: string };

/** Decides for one request which way it goes. @throws UnusableProxy; the signal's reason. */
export type ProxyChoice = (url: URL, signal: AbortSignal) => Promise<Way>;

export interface ProxyChoiceParts {
  /** What the person chose, as the settings say now. */
  readonly setting: () => ProxySetting;
  /**
   * The proxies the desktop uses for an address, best first, as a proxy script answers: `PROXY host:8080; DIRECT`.
   * `undefined` where it does not know.
   */
  readonly system?: ((url: string) => Promise<string | undefined>) | undefined;
  /** How long the desktop may take. */
  readonly systemMs?: number;
}

/** The proxy that was chosen is none that requests can go through. Its message is one sentence for people. */
export class UnusableProxy extends Error {
  override readonly name = 'UnusableProxy';
}

const DIRECT: Way = { kind: 'direct' };

/** The one place that decides about proxies. This computer itself is never reached through one. */
export function proxyChoice(parts: ProxyChoiceParts): ProxyChoice {
  return async (url, signal) => {
    if (isThisComputer(url.hostname)) return DIRECT;
    const chosen = parts.setting();
    switch (chosen.mode) {
      case 'none':
        return DIRECT;
      case 'manual':
        return { kind: 'proxy', url: manualProxy(chosen.url) };
      case 'system':
        return (await desktopWay(url, parts, signal)) ?? environmentWay(url);
      default:
        return chosen satisfies never;
    }
  };
}

/** What tells one way from another. */
export function nameOfWay(way: Way): string {
  return way.kind === 'proxy' ? way.url : way.kind;
}

/**
 * The address of an HTTP proxy as a person typed it, in its one spelling.
 * @throws BridgeError `invalid-input` that does not repeat it.
 */
export function readProxyAddress(typed: string): string {
  const refuse = (message: string): BridgeError => new BridgeError('invalid-input', message);
  const url = URL.parse(typed.trim());
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw refuse(
      'A proxy is an address that begins with http:// or https://, as http://proxy.example.com:8080.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse(
      'The address of a proxy must hold no user name and no password, because settings are not kept secret. Leave them out.',
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw refuse('The address of a proxy ends after its port, as in http://proxy.example.com:8080.');
  }
  return url.origin;
}

/**
 * The first entry that can be used of a list as proxy scripts give it: `PROXY host:port; SOCKS5 host:port; DIRECT`.
 * @returns `unusable` when it names only proxies of other kinds; undefined when it names nothing.
 */
export function readProxyList(list: string): Way | 'unusable' | undefined {
  const entries = list.split(';').map((entry) => entry.trim());
  const named = entries.filter((entry) => entry !== '');
  for (const entry of named) {
    const way = readProxyEntry(entry);
    if (way) return way;
  }
  return named.length === 0 ? undefined : 'unusable';
}

function readProxyEntry(entry: string): Way | undefined {
  const [kind = '', place = '', ...rest] = entry.split(/\s+/);
  if (rest.length > 0) return undefined;
  const scheme = kind.toUpperCase();
  if (scheme === 'DIRECT') return place === '' ? DIRECT : undefined;
  if (scheme !== 'PROXY' && scheme !== 'HTTP' && scheme !== 'HTTPS') return undefined;
  try {
    const url = readProxyAddress(`${scheme === 'HTTPS' ? 'https' : 'http'}://${place}`);
    return { kind: 'proxy', url };
  } catch {
    return undefined;
  }
}

/** @throws UnusableProxy instead of going without, should somebody have written it into the file by hand. */
function manualProxy(typed: string): string {
  try {
    return readProxyAddress(typed);
  } catch {
    throw new UnusableProxy('The proxy in the settings is not the address of a proxy.');
  }
}

/** A desktop that does not know, fails or takes too long is not asked twice; undefined then. */
async function desktopWay(
  url: URL,
  { system, systemMs = limits.proxyLookupMs }: ProxyChoiceParts,
  signal: AbortSignal,
): Promise<Way | undefined> {
  if (!system) return undefined;
  const late = (): Error => new Error('The desktop did not say which proxy to use.');
  // The origin is all that proxy scripts are given of https addresses in browsers too.
  const asked = within(systemMs, signal, () => system(`${url.origin}/`), late);
  const list = await asked.catch(() => signal.throwIfAborted());
  const way = readProxyList(list ?? '');
  if (way === 'unusable') {
    throw new UnusableProxy('The proxy of this computer is of a kind Gangway cannot use, such as SOCKS.');
  }
  return way;
}

function environmentWay(url: URL): Way {
  const named = environmentProxy(url, process.env);
  if (named.kind === 'unusable') {
    throw new UnusableProxy('The proxy that HTTPS_PROXY or HTTP_PROXY names is none Gangway can use.');
  }
  return named.kind === 'proxy' ? named : DIRECT;
}

/** @param hostname as `URL.hostname` gives it. */
function isThisComputer(hostname: string): boolean {
  return /^(127(\.\d{1,3}){3}|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]|(.+\.)?localhost\.?)$/.test(
    hostname,
  );
}

/** The first code of a failed connection, along its causes; empty when none has one. */
export function errorCode(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof AggregateError && current.errors.length > 0) return errorCode(current.errors[0]);
    const code = (current as NodeJS.ErrnoException).code;
    if (typeof code === 'string') return code;
  }
  return '';
}

/** Why nothing reached a host, for people. @param way the one that was taken, if it came so far. */
export function unreachableText(host: string, error: unknown, way: Way | undefined): string {
  if (error instanceof UnusableProxy) {
    return `${error.message} Nothing reached ${host}. Choose another proxy in the settings.`;
  }
  if (isProxyRefusal(error)) {
    return `Your network proxy wants a sign-in (407). Nothing reached ${host}.`;
  }
  const code = errorCode(error);
  if (code === 'EMFILE' || code === 'ENFILE') {
    return 'As many connections and files are open as this computer allows. Nothing was sent. Try again when fewer calls run.';
  }
  if (way?.kind !== 'proxy') return `${host} cannot be reached right now. Nothing was sent.`;
  const through = URL.parse(way.url)?.host;
  return `${host} cannot be reached right now through the proxy ${through}. Nothing was sent. If this is not your proxy, choose another one in the settings.`;
}

/** The network's proxy wants a sign-in of its own. */
function isProxyRefusal(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    // Only the text of undici's error names the status a proxy answered CONNECT with.
    if (current.message.startsWith('Proxy response (407)')) return true;
  }
  return false;
}
