import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { knock } from './pinned.ts';
import { places, speech, startUpstream } from './upstreams.ts';
import { type AnyClient, doors, pinned, startWorld, text, type World } from './world.ts';

const LEGACY = '2025-11-25';
const MODERN = '2026-07-28';

let world: World;
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  world = opened.use(await startWorld());
  for (const place of places) {
    for (const speaks of speech) {
      const { account } = opened.use(await startUpstream(place, speaks, `${speaks}-${place}`));
      await world.add(account);
    }
  }
});

afterAll(() => opened.disposeAsync());

/** What every client can do with every workspace. @returns the era in which the workspace was asked. */
async function works(client: AnyClient, name: string): Promise<unknown> {
  const { tools } = await client.listTools();
  expect(tools.map((tool) => tool.name)).toContain('interview');
  expect(await text(client, 'echo', { text: 'hi' })).toBe(`${name}: hi`);
  return (JSON.parse(await text(client, 'whoami')) as { era: unknown }).era;
}

describe.each(doors)('by %s', (door) => {
  describe.each(places)('a %s workspace', (place) => {
    test.each(speech)(
      'that speaks %s serves a client of SDK 1.x, which only shakes hands',
      async (speaks) => {
        const client = await world.connectOld(door, `${speaks}-${place}`);
        expect(await works(client, `${speaks}-${place}`)).toBe(speaks === 'modern' ? 'modern' : 'legacy');
        const sessions = await seen(`${speaks}-${place}`);
        expect(sessions).toContain(`flows-old 1.0.0 ${LEGACY}`);
        await client.close();
      },
    );

    test.each(speech)('that speaks %s serves a client of SDK 2.x that shakes hands', async (speaks) => {
      const client = await world.connect(door, `${speaks}-${place}`);
      expect(client.getNegotiatedProtocolVersion()).toBe(LEGACY);
      expect(await works(client, `${speaks}-${place}`)).toBe(speaks === 'modern' ? 'modern' : 'legacy');
      await client.close();
    });

    test.each(speech)('that speaks %s leads a client of both eras to its own', async (speaks) => {
      const client = await world.connect(door, `${speaks}-${place}`, undefined, 'auto');
      const isLegacy = speaks === 'legacy';
      expect(client.getNegotiatedProtocolVersion()).toBe(isLegacy ? LEGACY : MODERN);
      expect(await works(client, `${speaks}-${place}`)).toBe(isLegacy ? 'legacy' : 'modern');
      const sessions = await seen(`${speaks}-${place}`);
      expect(sessions).toContain(`flows 1.0.0 ${isLegacy ? LEGACY : MODERN}`);
      await client.close();
    });

    test.each(['both', 'modern'] as const)(
      'that speaks %s serves a client of the newer era only',
      async (speaks) => {
        const client = await world.connect(door, `${speaks}-${place}`, undefined, pinned);
        expect(client.getNegotiatedProtocolVersion()).toBe(MODERN);
        expect(await works(client, `${speaks}-${place}`)).toBe('modern');
        await client.close();
      },
    );

    test('that speaks legacy serves a client of the newer era only as soon as it comes back', async () => {
      const { entry, refusal } = await knock(world, door, `legacy-${place}`);
      expect(refusal.message).toMatch(/2026-07-28|-32601|negotiat/i);
      const client = await world.connect(door, `legacy-${place}`, undefined, pinned, entry);
      expect(client.getNegotiatedProtocolVersion()).toBe(MODERN);
      expect(await works(client, `legacy-${place}`)).toBe('legacy');
      await client.close();
    });
  });
});

/** The sessions at an address, as people see them: program and revision. */
async function seen(address: string): Promise<string[]> {
  const list = await world.bridge.control.sessions.list();
  const here = list.filter((session) => session.address === address);
  return here.map(({ program, protocolVersion }) => `${program} ${protocolVersion}`);
}
