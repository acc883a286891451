import { expect, test, vi } from 'vitest';
import { inEveryPair, NAME } from './era-pairs.ts';
import type { Upstream } from './upstreams.ts';
import { text } from './world.ts';

inEveryPair(({ connect, isModern, upstream }) => {
  test('changed lists and notes are heard of', async () => {
    const heard: string[] = [];
    const uri = `note://${NAME}/first`;
    const client = await connect((fresh) => {
      for (const list of ['tools', 'prompts', 'resources'] as const) {
        fresh.setNotificationHandler(`notifications/${list}/list_changed`, () => void heard.push(list));
      }
      fresh.setNotificationHandler('notifications/resources/updated', ({ params }) => {
        heard.push(params.uri);
      });
    });
    if (isModern) {
      await client.listen({
        toolsListChanged: true,
        promptsListChanged: true,
        resourcesListChanged: true,
        resourceSubscriptions: [uri],
      });
    } else {
      await client.listTools();
      await client.subscribeResource({ uri });
      await standing(upstream());
    }
    const before = (await client.listTools()).tools.length;
    const [, added] = (await text(client, 'change')).split(': ');
    await vi.waitFor(() => expect(heard).toEqual(['tools']));
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(before + 1);
    expect(tools.at(-1)).toMatchObject({ name: added });
    await text(client, 'change', { list: 'prompts' });
    await vi.waitFor(() => expect(heard).toEqual(['tools', 'prompts']));
    await text(client, 'change', { list: 'resources' });
    await vi.waitFor(() => expect(heard).toEqual(['tools', 'prompts', 'resources']));
    await text(client, 'change', { note: uri });
    await vi.waitFor(() => expect(heard).toEqual(['tools', 'prompts', 'resources', uri]));
    await client.close();
  });
});

/** Waits until a notification will find a way to the bridge: a session's stream, or a listen. */
async function standing({ workspace }: Upstream): Promise<void> {
  if (workspace === undefined) return;
  await vi.waitFor(() => expect(workspace.streams.open + workspace.listens.open).toBeGreaterThan(0));
}
