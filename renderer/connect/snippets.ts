import type { Endpoint, StdioCommand } from '#contract/control.ts';

/** The entry most apps take in their `mcpServers`: a command to start. */
export function stdioSnippet(name: string, { command, args }: StdioCommand): string {
  return JSON.stringify({ mcpServers: { [name]: { command, args } } }, undefined, 2);
}

/** The entry for apps that take an address. `token` stands in for the real one where it is only shown. */
export function httpSnippet(name: string, { url, headers }: Endpoint, token?: string): string {
  const shown = token === undefined ? headers : { ...headers, Authorization: `Bearer ${token}` };
  return JSON.stringify({ mcpServers: { [name]: { type: 'http', url, headers: shown } } }, undefined, 2);
}

/** The name under which an app lists the address. */
export function entryName(address: string): string {
  return address === 'current' ? 'gangway' : `gangway-${address}`;
}
