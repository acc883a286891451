import { expect, test } from 'vitest';
import { MOST_LISTENS } from '#bridge/relay/modern/listens.ts';
import { startModern } from '../../workspaces/modern.ts';
import { accountFor, Room } from '../seat.ts';
import { ModernClient } from './client.ts';

test('SS-18 an app may listen so many times at once; one more is refused, and goes again when another has ended', async () => {
  await using workspace = await startModern({ name: 'w' });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const client = new ModernClient(room);
  const asked = { toolsListChanged: true };
  const listens = await Promise.all(Array.from({ length: MOST_LISTENS }, () => client.listen(asked)));
  const sent = workspace.requests.withMethod('subscriptions/listen').length;
  const refused = await client.ask('subscriptions/listen', { notifications: asked });
  expect(refused.error).toMatchObject({ code: -31005, data: { source: 'bridge' } });
  expect(workspace.requests.withMethod('subscriptions/listen')).toHaveLength(sent);
  // The calls of the same app, and other apps, do not wait for any of them.
  expect((await client.call('echo', { text: 'x' })).result).toBeDefined();
  const [first, ...rest] = listens;
  first?.closing.abort();
  await first?.ended;
  rest.push(await client.listen(asked));
  for (const one of rest) one.closing.abort();
  await Promise.all(rest.map(({ ended }) => ended));
});
