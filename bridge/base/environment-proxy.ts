/** What the environment says of one request: no proxy, the address of one, or one that no request can go through. */
export type EnvironmentProxy =
  | { readonly kind: 'none' | 'unusable' }
  | { readonly kind: 'proxy'; readonly url: string };

const NONE: EnvironmentProxy = { kind: 'none' };
const UNUSABLE: EnvironmentProxy = { kind: 'unusable' };
const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * The proxy that the environment names for an address, as curl and undici read it: `HTTPS_PROXY` for https and
 * `HTTP_PROXY` where that is all there is, in lower case first; a missing scheme is `http://`; a user name and a password
 * are the proxy's own. What `NO_PROXY` lists goes without, whatever the others say. Pure.
 */
export function environmentProxy(
  { protocol, hostname, port }: URL,
  environment: Readonly<NodeJS.ProcessEnv>,
): EnvironmentProxy {
  const said = (name: string): string => (environment[name.toLowerCase()] ?? environment[name] ?? '').trim();
  const named = (protocol === 'https:' && said('HTTPS_PROXY')) || said('HTTP_PROXY');
  if (named === '') return NONE;
  const host = bare(hostname);
  const isExempt = said('NO_PROXY')
    .split(/[,\s]+/)
    .some((entry) => entry !== '' && covers(entry, host, port || (PORTS[protocol] ?? '')));
  return isExempt ? NONE : readProxy(named);
}

function readProxy(named: string): EnvironmentProxy {
  const url = URL.parse(named.includes('://') ? named : `http://${named}`);
  if (!url || !/^https?:$/.test(url.protocol)) return UNUSABLE;
  const { protocol, username, password, host } = url;
  try {
    decodeURIComponent(`${username}${password}`);
  } catch {
    return UNUSABLE;
  }
  const proof = username === '' ? '' : `${username}${password && `:${password}`}@`;
  return { kind: 'proxy', url: `${protocol}//${proof}${host}` };
}

/** Whether an entry of `NO_PROXY` means this host: `*`, a name with its subdomains, or `*.` and subdomains alone; a port may follow. */
function covers(entry: string, host: string, port: string): boolean {
  const [, name = entry, only = port] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  if (only !== port) return false;
  if (name === '*') return true;
  const domain = bare(name.replace(/^\*?\./, ''));
  return (host === domain && !name.startsWith('*')) || host.endsWith(`.${domain}`);
}

/** A host without what its spellings differ in: brackets, the dot of the root, case. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.+)\]$/, '$1')
    .replace(/\.$/, '');
}
