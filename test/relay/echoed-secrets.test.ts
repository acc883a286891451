import { expect, test } from 'vitest';
import { type Arrival, answerJson } from '../workspaces/arrival.ts';
import { beginStream, shakesHands, startScripted, welcomeOf } from './scripted.ts';
import { accountFor, Room } from './seat.ts';

const KEY = 'k-0123456789abcdef';
const clean = (text: string): string => text.replaceAll(KEY, '[removed]');

test('UB-18 a handshake that is refused does not echo the key', async () => {
  await using workspace = await startScripted(({ rpc }, response) => {
    const error = { code: -32000, message: `${KEY} is no good` };
    answerJson(response, 200, { jsonrpc: '2.0', id: rpc?.id, error });
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  room.withoutSecrets = clean;
  expect((await room.seat().greet()).error?.message).toBe('[removed] is no good');
});

const greeting = (arrival: Arrival): object =>
  welcomeOf(arrival, { instructions: KEY, capabilities: { tools: {}, experimental: { hint: KEY } } });

test('UB-18 neither the welcome nor a question of a workspace echoes the key', async () => {
  await using workspace = await startScripted((arrival, response) => {
    const { rpc } = arrival;
    if (rpc?.method === 'initialize') answerJson(response, 200, greeting(arrival));
    else if (!shakesHands(arrival, response)) {
      const params = { message: `Is ${KEY} yours?` };
      const question = { jsonrpc: '2.0', id: 0, method: 'elicitation/create', params };
      beginStream(response, [question, { jsonrpc: '2.0', id: rpc?.id, result: {} }]);
      response.end();
    }
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  room.withoutSecrets = clean;
  const seat = room.seat();
  const welcome = (await seat.greet({ elicitation: {} })).result;
  expect(welcome?.instructions).toBe('[removed]');
  expect(welcome?.capabilities).toMatchObject({ experimental: { hint: '[removed]' } });
  await seat.ask('tools/call', { name: 'x' });
  expect(seat.pushed.map(({ params }) => params?.message)).toEqual(['Is [removed] yours?']);
});

test('an answer that cannot be cleaned without breaking it is not passed on', async () => {
  await using workspace = await startScripted((arrival, response) => {
    if (!shakesHands(arrival, response)) {
      answerJson(response, 200, { jsonrpc: '2.0', id: arrival.rpc?.id, result: { key: 12345678 } });
    }
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  room.withoutSecrets = (text) => text.replaceAll('12345678', '[removed]');
  const seat = room.seat();
  await seat.greet();
  expect((await seat.ask('tools/call', { name: 'x' })).error).toMatchObject({
    code: -31006,
    data: { source: 'bridge', mayHaveRun: true },
  });
});
