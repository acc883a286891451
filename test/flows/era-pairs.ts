import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Speaks } from '../workspaces/modern.ts';
import { knock } from './pinned.ts';
import { type Place, places, startUpstream, type Upstream } from './upstreams.ts';
import { type Door, doors, type Entry, type Mode, pinned, startWorld, type World } from './world.ts';

/** Older: MCP 2025-11-25, with a handshake. Newer: MCP 2026-07-28, without one. First the client, then the workspace. */
const pairs: readonly { readonly pair: string; readonly mode: Mode; readonly speaks: Speaks }[] = [
  { pair: 'older to older', mode: 'legacy', speaks: 'legacy' },
  { pair: 'older to newer', mode: 'legacy', speaks: 'modern' },
  { pair: 'newer to older', mode: pinned, speaks: 'legacy' },
  { pair: 'newer to newer', mode: 'auto', speaks: 'modern' },
];

/** A local program is asked the same at every door; one is enough here. */
const LOCAL_DOORS = ['stdio'] as const;

/** The name of every workspace here. */
export const NAME = 'north';

/** One client at one door of a bridge, with one workspace behind it. */
export interface Scene {
  readonly door: Door;
  /** The client speaks the newer era. */
  readonly isModern: boolean;
  readonly speaks: Speaks;
  readonly place: Place;
  /** Only while a test runs. */
  upstream(): Upstream;
  world(): World;
  connect(prepare?: (client: Client) => void): Promise<Client>;
}

/** Registers the same tests for every pair of eras, for workspaces with an address and local ones, at both doors. */
export function inEveryPair(register: (scene: Scene) => void): void {
  describe.each(pairs)('$pair', ({ mode, speaks }) => {
    describe.each(places)('a %s workspace', (place) => {
      let world: World;
      let upstream: Upstream;
      const entries = new Map<Door, Entry>();
      const opened = new AsyncDisposableStack();

      beforeAll(async () => {
        upstream = opened.use(await startUpstream(place, speaks, NAME));
        world = opened.use(await startWorld());
        await world.add(upstream.account);
        if (mode !== pinned) return;
        for (const door of doors) entries.set(door, (await knock(world, door)).entry);
      });

      afterAll(() => opened.disposeAsync());

      describe.each(place === 'remote' ? doors : LOCAL_DOORS)('by %s', (door) => {
        register({
          door,
          isModern: mode !== 'legacy',
          speaks,
          place,
          upstream: () => upstream,
          world: () => world,
          connect: (prepare) => world.connect(door, 'current', prepare, mode, entries.get(door)),
        });
      });
    });
  });
}
