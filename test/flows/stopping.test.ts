import { expect, test } from 'vitest';
import { startPlain } from '../workspaces/plain.ts';
import { doors, failure, startWorld } from './world.ts';

test.each(doors)('a call over %s that outlasts the end of Gangway is answered', async (door) => {
  await using workspace = await startPlain({ name: 'w' });
  await using world = await startWorld();
  await world.add({
    connector: 'custom',
    label: 'w',
    url: workspace.url,
    signIn: 'none',
    ownNetwork: true,
  });
  const client = await world.connect(door);
  const call = failure(client.callTool({ name: 'slow', arguments: { gate: 'g' } }));
  await workspace.gates.reached('g');
  const [error] = await Promise.all([call, world.bridge[Symbol.asyncDispose]()]);
  expect(error).toMatchObject({ code: -31010, data: { source: 'bridge', mayHaveRun: true } });
});
