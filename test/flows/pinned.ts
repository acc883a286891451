import { setTimeout as wait } from 'node:timers/promises';
import { type Door, type Entry, failure, pinned, type World } from './world.ts';

/** Who comes back after this time without a handshake proves that they know none. */
const COMES_BACK_MS = 1_100;

/**
 * A client of MCP 2026-07-28 only knocks at an account of the older era. It is refused once, as if it spoke both; when it
 * comes back with the same entry it is served.
 */
export async function knock(
  world: World,
  door: Door,
  address = 'current',
): Promise<{ readonly entry: Entry; readonly refusal: { readonly message: string } }> {
  const entry = await world.endpoint(address);
  const refusal = await failure(world.connect(door, address, undefined, pinned, entry));
  await wait(COMES_BACK_MS);
  return { entry, refusal };
}
