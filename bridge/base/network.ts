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
