import { expect, test } from 'vitest';
import { answerJson } from '../workspaces/arrival.ts';
import { beginStream, shakesHands, startScripted } from './scripted.ts';
import { accountFor, Room } from './seat.ts';

test('the stream is asked for while the workspace hears that the client is ready, so no call waits for one after the other', async () => {
  const asked = Promise.withResolvers<void>();
  await using workspace = await startScripted(
    (arrival, response) => {
      const answer = (): void => {
        if (shakesHands(arrival, response, 'session-1')) return;
        answerJson(response, 200, { jsonrpc: '2.0', id: arrival.rpc?.id, result: { content: [] } });
      };
      // This workspace takes nothing more until somebody listens.
      if (arrival.rpc?.method === 'notifications/initialized') void asked.promise.then(answer);
      else answer();
    },
    (_, response) => {
      beginStream(response);
      asked.resolve();
    },
  );
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  await seat.greet();
  expect((await seat.ask('tools/call', { name: 'echo', arguments: {} })).result).toEqual({ content: [] });
});

test('the handshake and the first call take one connection, and the stream one of its own', async () => {
  const ports = { POST: new Set<number | undefined>(), GET: new Set<number | undefined>() };
  await using workspace = await startScripted(
    (arrival, response) => {
      ports.POST.add(response.socket?.remotePort);
      if (shakesHands(arrival, response, 'session-1')) return;
      answerJson(response, 200, { jsonrpc: '2.0', id: arrival.rpc?.id, result: { content: [] } });
    },
    ({ method }, response) => {
      if (method === 'GET') ports.GET.add(response.socket?.remotePort);
      beginStream(response);
    },
  );
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  await seat.greet();
  await seat.call('echo', { text: 'first' });
  expect([ports.POST.size, ports.GET.size]).toEqual([1, 1]);
  expect(new Set([...ports.POST, ...ports.GET]).size).toBe(2);
});
