import { getCACertificates, setDefaultCACertificates } from 'node:tls';

let trustsSystemStore = false;

/** Trusts what the operating system trusts, for companies that sign their own certificates, besides Node's own list. */
export function trustSystemStore(): void {
  if (trustsSystemStore) return;
  trustsSystemStore = true;
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);
}

/** Whether requests to this address go through the proxy that the environment names. This computer never does. */
export function usesProxy(url: URL): boolean {
  const isLoopback = /^(127\.|\[::1\]|localhost$)/.test(url.hostname);
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];
  return !isLoopback && names.some((name) => process.env[name]);
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

/** The network's proxy wants a sign-in of its own. */
export function isProxyRefusal(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    // Only the text of undici's error names the status a proxy answered CONNECT with.
    if (current.message.startsWith('Proxy response (407)')) return true;
  }
  return false;
}
