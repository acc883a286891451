/** `current`, a connector, or an account's slug: the same words at every door. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Reads the address of a stdio client; an empty one means `current`. Undefined when it cannot be one. */
export function readAddress(text: string): string | undefined {
  const name = text === '' ? 'current' : text;
  return NAME.test(name) ? name : undefined;
}

/** The HTTP path of an address: `/mcp` for the current account, `/mcp/<name>` otherwise. */
export function pathOf(address: string): string {
  return address === 'current' ? '/mcp' : `/mcp/${address}`;
}

/** The address a request path names, byte for byte; undefined for every other path. */
export function addressOfPath(path: string): string | undefined {
  if (path === '/mcp') return 'current';
  const name = path.startsWith('/mcp/') ? path.slice('/mcp/'.length) : '';
  return NAME.test(name) && name !== 'current' ? name : undefined;
}
