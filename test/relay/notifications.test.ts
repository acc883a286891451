import { expect, test } from 'vitest';
import { type Log, silentLog } from '#bridge/base/log.ts';
import { answerJson } from '../workspaces/arrival.ts';
import { startPlain } from '../workspaces/plain.ts';
import { shakesHands, startScripted } from './scripted.ts';
import { accountFor, Room, type Seat } from './seat.ts';

test('JR-42 a notification the workspace refuses gets no answer; the log says so', async () => {
  const log: unknown[] = [];
  const warn: Log['warn'] = (event, facts) => void log.push([event, facts?.code]);
  await using strict = await startScripted((arrival, response) => {
    const isNews = arrival.rpc?.method === 'notifications/of-the-vendor';
    if (isNews)
      answerJson(response, 400, { jsonrpc: '2.0', id: null, error: { code: -32602, message: 'no' } });
    else shakesHands(arrival, response);
  });
  const account = accountFor(strict.url, 'strict');
  await using people = new Room([account], account, { ...silentLog, warn });
  const client = people.seat();
  await client.greet();
  expect(await client.send({ jsonrpc: '2.0', method: 'notifications/of-the-vendor' })).toBeUndefined();
  expect(strict.requests.withMethod('notifications/of-the-vendor')).toHaveLength(1);
  expect(client.pushed).toEqual([]);
  expect(log).toEqual([['notification not taken', expect.any(String)]]);
});

test('JR-49 progress goes to the client that asked, though another uses the same token', async () => {
  await using workspace = await startPlain({ name: 'w' });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  const other = room.seat();
  for (const client of [seat, other]) await client.greet();
  const ask = (client: Seat, steps: number, gate: string) =>
    client.ask('tools/call', {
      name: 'progress',
      arguments: { steps, gate },
      _meta: { progressToken: 'mine' },
    });
  const running = [ask(seat, 3, 'a'), ask(other, 2, 'b')];
  await Promise.all(['a', 'b'].map((gate) => workspace.gates.reached(gate)));
  for (const gate of ['b', 'a']) workspace.gates.release(gate);
  await Promise.all(running);
  const heard = (client: Seat) => client.pushed.map(({ params }) => [params?.progressToken, params?.total]);
  expect(heard(seat)).toEqual([1, 2, 3].map(() => ['mine', 3]));
  expect(heard(other)).toEqual([1, 2].map(() => ['mine', 2]));
});
