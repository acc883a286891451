import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { type Arrival, answerJson } from '../workspaces/arrival.ts';
import { shakesHands, startScripted, until } from './scripted.ts';
import { accountFor, Room } from './seat.ts';

test('JR-17 requests beyond those that may run at once wait in order; beyond those that may wait they are refused', async () => {
  const held: (() => void)[] = [];
  const order: unknown[] = [];
  let isHolding = true;
  const answer = (arrival: Arrival, response: ServerResponse): void =>
    answerJson(response, 200, { jsonrpc: '2.0', id: arrival.rpc?.id, result: {} });
  await using workspace = await startScripted((arrival, response) => {
    if (shakesHands(arrival, response)) return;
    if (isHolding) return void held.push(() => answer(arrival, response));
    order.push(arrival.rpc?.params.nth);
    answer(arrival, response);
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  await seat.greet();
  const all = limits.inFlightPerClient + limits.queuedPerClient;
  const asked = Array.from({ length: all }, (_, nth) => seat.ask('vendor/ask', { nth }));
  await until(() => held.length === limits.inFlightPerClient);
  const refused = await seat.ask('vendor/ask');
  expect(refused.error).toMatchObject({ code: -31005, data: { source: 'bridge', mayHaveRun: false } });
  expect(held.length).toBe(limits.inFlightPerClient);
  isHolding = false;
  held.shift()?.();
  await Promise.all(asked.slice(limits.inFlightPerClient, 2 * limits.inFlightPerClient));
  // With one turn free, those that waited went one after the other.
  const first = order.slice(0, limits.inFlightPerClient);
  expect(first).toEqual(first.map((_, nth) => limits.inFlightPerClient + nth));
  for (const release of held) release();
  for (const { result } of await Promise.all(asked)) expect(result).toEqual({});
});
