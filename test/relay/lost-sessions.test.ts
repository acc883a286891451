import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { answerJson } from '../workspaces/arrival.ts';
import { startPlain } from '../workspaces/plain.ts';
import { beginStream, shakesHands, startScripted, until, welcomeOf } from './scripted.ts';
import { accountFor, Room } from './seat.ts';

const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'seat', version: '1' } };

afterEach(() => {
  vi.useRealTimers();
});

test('the answer to a question of a lost session is not given to the session that follows', async () => {
  let sessions = 0;
  let asking: ServerResponse | undefined;
  await using workspace = await startScripted((arrival, response) => {
    if (arrival.rpc?.method === 'initialize') sessions += 1;
    if (arrival.rpc?.method === 'tools/call') {
      asking = response;
      beginStream(response, [{ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: {} }]);
    } else if (arrival.rpc?.id === 0 && arrival.rpc.method === undefined) response.writeHead(404).end();
    else shakesHands(arrival, response, `session-${sessions}`);
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  await seat.greet({ elicitation: {} });
  const call = seat.ask('tools/call', { name: 'ask' });
  const question = await seat.heard(({ method }) => method === 'elicitation/create');
  await seat.send({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: {} } });
  const answers = workspace.requests.all.filter(({ rpc }) => rpc?.id === 0 && rpc.method === undefined);
  expect(answers.map(({ session }) => session)).toEqual(['session-1']);
  asking?.end();
  expect((await call).error?.code).toBe(-31012);
});

test('a session that was only out of reach goes on, and so do its questions', async () => {
  let isAway = false;
  await using workspace = await startScripted((arrival, response) => {
    if (isAway) response.writeHead(404).end();
    else if (arrival.rpc?.method === 'tools/call')
      beginStream(response, [{ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: {} }]);
    else shakesHands(arrival, response, 'session-1');
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  await seat.greet({ elicitation: {} });
  isAway = true;
  expect((await seat.ask('tools/call', { name: 'ask' })).error).toBeDefined();
  isAway = false;
  void seat.ask('tools/call', { name: 'ask' });
  const question = await seat.heard(({ method }) => method === 'elicitation/create');
  await seat.send({ jsonrpc: '2.0', id: question.id, result: { action: 'decline' } });
  await workspace.requests.until(({ rpc, session }) => rpc?.id === 0 && session === 'session-1');
});

test('a ping on the stream of a repeated handshake is answered, and the handshake goes through', async () => {
  let sessions = 0;
  await using workspace = await startScripted((arrival, response) => {
    const { rpc, headers } = arrival;
    if (rpc?.method === 'initialize') {
      sessions += 1;
      const ping = { jsonrpc: '2.0', id: 'ping', method: 'ping' };
      beginStream(response, [ping, welcomeOf(arrival)], { 'mcp-session-id': `session-${sessions}` });
      response.end();
    } else if (headers['mcp-session-id'] === 'session-1' && rpc?.method === 'tools/call') {
      response.writeHead(404).end();
    } else if (!shakesHands(arrival, response)) {
      answerJson(response, 200, { jsonrpc: '2.0', id: rpc?.id, result: { content: [] } });
    }
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  await seat.greet();
  expect((await seat.ask('tools/call', { name: 'x' })).result).toEqual({ content: [] });
  await workspace.requests.until(({ rpc, session }) => rpc?.id === 'ping' && session === 'session-2');
});

test('where a repeated handshake got stuck half-way, the next request goes on', async () => {
  let sessions = 0;
  let refusals = 1;
  await using workspace = await startScripted((arrival, response) => {
    const { rpc, headers } = arrival;
    const session = headers['mcp-session-id'];
    if (rpc?.method === 'initialize') sessions += 1;
    if (session === 'session-1' && rpc?.method === 'tools/call') response.writeHead(404).end();
    else if (session === 'session-2' && rpc?.method === 'notifications/initialized' && refusals > 0) {
      refusals -= 1;
      response.writeHead(403).end();
    } else if (!shakesHands(arrival, response, `session-${sessions}`)) {
      answerJson(response, 200, { jsonrpc: '2.0', id: rpc?.id, result: { content: [] } });
    }
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  await seat.greet();
  expect((await seat.ask('tools/call', { name: 'x' })).error?.code).toBe(-31004);
  expect((await seat.ask('tools/call', { name: 'x' })).result).toEqual({ content: [] });
  const ready = workspace.requests.withMethod('notifications/initialized');
  expect(ready.map(({ session }) => session)).toEqual(['session-1', 'session-2', 'session-2']);
});

test('a session lost before the client was ready is opened again', async () => {
  await using workspace = await startPlain({ name: 'w' });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  await seat.ask('initialize', HELLO);
  await workspace.forgetSessions();
  await seat.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  expect(await seat.call('echo', { text: 'x' })).toBe('w: x');
});

test('a workspace that begins a stream and never answers the handshake is given up', async () => {
  await using workspace = await startScripted((_, response) => beginStream(response));
  await using room = new Room([accountFor(workspace.url, 'account')]);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const greeting = room.seat().ask('initialize', HELLO);
  await until(() => workspace.requests.all.length > 0);
  await vi.advanceTimersByTimeAsync(limits.greetingMs);
  expect((await greeting).result?.serverInfo).toMatchObject({ name: 'gangway' });
});
