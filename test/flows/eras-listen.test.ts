import type { Client } from '@modelcontextprotocol/client';
import { describe, expect, test, vi } from 'vitest';
import { startModern } from '../workspaces/modern.ts';
import { Notices } from './notices.ts';
import { doors, type Mode, pinned, startWorld, text } from './world.ts';

const clients: readonly { readonly kind: string; readonly mode: Mode }[] = [
  { kind: 'either era', mode: 'auto' },
  { kind: 'the newer era only', mode: pinned },
];

const PATIENTLY = { timeout: 20_000 };

/** What a client hears of notes. */
class Updates {
  readonly heard: string[] = [];

  readonly listen = (client: Client): void => {
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      this.heard.push(params.uri);
    });
  };
}

describe.each(doors)('by %s', (door) => {
  test.each(clients)(
    'the listen of a client of $kind moves along with a switch, to either era',
    async ({ mode }) => {
      await using older = await startModern({ name: 'older', speaks: 'legacy' });
      await using newer = await startModern({ name: 'newer' });
      await using world = await startWorld();
      const use = (account: string): Promise<unknown> => world.bridge.control.accounts.use({ account });
      await world.add({ connector: 'custom', label: 'newer', url: newer.url, signIn: 'none' });
      await world.add({ connector: 'custom', label: 'older', url: older.url, signIn: 'none' });
      const [notices, updates] = [new Notices(), new Updates()];
      const client = await world.connect(
        door,
        'current',
        (fresh) => {
          notices.listen(fresh);
          updates.listen(fresh);
        },
        mode,
      );
      const [ofOlder, ofNewer] = ['note://older/first', 'note://newer/first'] as const;
      const listen = await client.listen({
        toolsListChanged: true,
        resourceSubscriptions: [ofOlder, ofNewer],
      });
      await newer.listens.atLeast(1);

      await use('older');
      await notices.atLeast('tools', 1);
      await newer.listens.atMost(0);
      await older.requests.until(
        ({ rpc }) => rpc?.method === 'resources/subscribe' && rpc.target === ofOlder,
      );
      await older.streams.atLeast(1);
      // The switch itself says that both may be others now, after it said so of the tools.
      await vi.waitFor(() => expect(updates.heard).toEqual([ofOlder, ofNewer]), PATIENTLY);
      updates.heard.length = 0;
      await newer.touch(ofNewer);
      await older.touch(ofOlder);
      await vi.waitFor(() => expect(updates.heard).toEqual([ofOlder]), PATIENTLY);

      const told = notices.told('tools');
      await use('newer');
      await notices.atLeast('tools', told + 1);
      await newer.listens.atLeast(1);
      await newer.changeTools();
      await notices.atLeast('tools', told + 2);
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('extra-1');
      // It asked for the tools only.
      expect([notices.told('prompts'), notices.told('resources')]).toEqual([0, 0]);

      await listen.close();
      await newer.listens.atMost(0);
      expect(await text(client, 'echo', { text: 'x' })).toBe('newer: x');
      await client.close();
    },
  );

  test('a listen that breaks at the workspace is opened again, and the client reads the lists anew', async () => {
    await using newer = await startModern({ name: 'newer' });
    await using world = await startWorld();
    await world.add({ connector: 'custom', label: 'newer', url: newer.url, signIn: 'none' });
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen, 'auto');
    await client.listen({ toolsListChanged: true });
    await newer.listens.atLeast(1);
    newer.cutConnections();
    await notices.atLeast('tools', 1);
    await newer.listens.atLeast(1);
    const told = notices.told('tools');
    await newer.changeTools();
    await notices.atLeast('tools', told + 1);
    await client.close();
  });

  test('the listen of a client that leaves ends at the workspace', async () => {
    await using newer = await startModern({ name: 'newer' });
    await using world = await startWorld();
    await world.add({ connector: 'custom', label: 'newer', url: newer.url, signIn: 'none' });
    const client = await world.connect(door, 'current', undefined, 'auto');
    await client.listen({ toolsListChanged: true });
    await newer.listens.atLeast(1);
    await client.close();
    await newer.listens.atMost(0);
    expect(newer.listens.opened).toBe(1);
  });
});

test('a bridge that stops ends the listens of HTTP clients in good order', async () => {
  await using newer = await startModern({ name: 'newer' });
  await using world = await startWorld();
  await world.add({ connector: 'custom', label: 'newer', url: newer.url, signIn: 'none' });
  const client = await world.connect('http', 'current', undefined, 'auto');
  const listen = await client.listen({ toolsListChanged: true });
  await world.bridge[Symbol.asyncDispose]();
  expect(await listen.closed).toBe('graceful');
  await newer.listens.atMost(0);
});
