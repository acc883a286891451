import type { ConfigTable } from '../formats/format.ts';
import type { HttpWay, StdioWay } from './client.ts';

/** How most clients start a command. Some refuse an entry without `args`, so it is always there. */
export function commandEntry({ command, args }: StdioWay): ConfigTable {
  return { command, args };
}

/**
 * The header by which the bridge knows a client. It stands there literally: names of variables in its place are not
 * replaced everywhere, and with it a client takes a refusal for one of the header and starts no sign-in of its own.
 */
export function headers({ bearer }: HttpWay): ConfigTable {
  return { Authorization: `Bearer ${bearer}` };
}
