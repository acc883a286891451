import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import { answerJson } from '../workspaces/arrival.ts';
import { beginStream, shakesHands, startScripted, turns, until } from './scripted.ts';
import { accountFor, Room } from './seat.ts';

afterEach(() => {
  vi.useRealTimers();
});

const result = (id: unknown, value: object): object => ({ jsonrpc: '2.0', id, result: value });

describe('a session that the workspace forgot', () => {
  test('UP-404d a late 404 for the old session leaves the new one alone', async () => {
    let sessions = 0;
    let late: ServerResponse | undefined;
    await using workspace = await startScripted((arrival, response) => {
      const { rpc, headers } = arrival;
      if (rpc?.method === 'initialize') sessions += 1;
      const isOld = headers['mcp-session-id'] === 'session-1';
      if (shakesHands(arrival, response, `session-${sessions}`)) return;
      if (!isOld) answerJson(response, 200, result(rpc?.id, { content: [] }));
      else if (late) response.writeHead(404).end();
      else late = response;
    });
    await using room = new Room([accountFor(workspace.url, 'account')]);
    const seat = room.seat();
    await seat.greet();
    const first = seat.ask('tools/call', { name: 'first' });
    await workspace.requests.until(({ rpc }) => rpc?.method === 'tools/call');
    expect((await seat.ask('tools/call', { name: 'second' })).result).toEqual({ content: [] });
    late?.writeHead(404).end();
    expect((await first).result).toEqual({ content: [] });
    expect(sessions).toBe(2);
    const used = workspace.requests.calls('first').map(({ session }) => session);
    expect(used).toEqual(['session-1', 'session-2']);
  });

  test('UP-404a again and again is told as a bad answer, and the call was never taken', async () => {
    let sessions = 0;
    await using workspace = await startScripted((arrival, response) => {
      if (arrival.rpc?.method === 'initialize') sessions += 1;
      if (!shakesHands(arrival, response, `session-${sessions}`)) response.writeHead(404).end();
    });
    await using room = new Room([accountFor(workspace.url, 'account')]);
    const seat = room.seat();
    await seat.greet();
    const { error } = await seat.ask('tools/call', { name: 'x' });
    expect(error).toMatchObject({ code: -31006, data: { mayHaveRun: false } });
    const initialized = workspace.requests.withMethod('notifications/initialized');
    expect(initialized.map(({ session }) => session)).toEqual(
      Array.from({ length: sessions }, (_, at) => `session-${at + 1}`),
    );
    expect(sessions).toBeLessThanOrEqual(5);
  });
});

test('UP-400c a workspace that became one of the newer era says so: the call is made there, and others begin there', async () => {
  let isModern = false;
  await using workspace = await startScripted((arrival, response) => {
    const { rpc, headers } = arrival;
    if (!isModern) {
      if (!shakesHands(arrival, response, 'session-1')) answerJson(response, 200, result(rpc?.id, {}));
    } else if (headers['mcp-protocol-version'] !== '2026-07-28') {
      const data = { supported: ['2026-07-28'], requested: headers['mcp-protocol-version'] };
      const error = { code: -32022, message: 'Unsupported protocol version', data };
      answerJson(response, 400, { jsonrpc: '2.0', id: rpc?.id, error });
    } else if (rpc?.method === 'server/discover') {
      const capabilities = { tools: {} };
      answerJson(response, 200, result(rpc.id, { supportedVersions: ['2026-07-28'], capabilities }));
    } else answerJson(response, 200, result(rpc?.id, { content: [], resultType: 'complete' }));
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat();
  await seat.greet();
  isModern = true;
  expect((await seat.ask('tools/call', { name: 'x' })).result).toEqual({ content: [] });
  const calls = workspace.requests.calls('x').map(({ headers }) => headers['mcp-protocol-version']);
  expect(calls).toEqual(['2025-11-25', '2026-07-28']);
  const shaken = workspace.requests.withMethod('initialize').length;
  const other = room.seat();
  await other.greet();
  expect((await other.ask('tools/call', { name: 'y' })).result).toEqual({ content: [] });
  expect(workspace.requests.withMethod('initialize')).toHaveLength(shaken);
  expect(workspace.requests.calls('y')).toHaveLength(1);
});

describe('what a workspace says of itself is kept with its account', () => {
  test('UP-403c pages of a firewall: after five no further call is sent for a minute', async () => {
    await using workspace = await startScripted((arrival, response) => {
      if (shakesHands(arrival, response)) return;
      response.writeHead(403, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Blocked');
    });
    const account = accountFor(workspace.url, 'account');
    await using room = new Room([account]);
    const seat = room.seat();
    await seat.greet();
    for (let time = 0; time < 10; time += 1) {
      expect((await seat.ask('tools/call', { name: 'x' })).error?.code).toBe(-31004);
    }
    expect(workspace.requests.calls('x')).toHaveLength(5);
    expect(room.health.condition(account)?.state).toBe('blocked');
  });

  test('UP-410 gone for good: the call says so, and so does the account', async () => {
    await using workspace = await startScripted((arrival, response) => {
      if (!shakesHands(arrival, response)) response.writeHead(410).end();
    });
    const account = accountFor(workspace.url, 'account');
    await using room = new Room([account]);
    const seat = room.seat();
    await seat.greet();
    const { error } = await seat.ask('tools/call', { name: 'x' });
    expect(error).toMatchObject({ code: -31006, message: expect.stringContaining('gone for good (410)') });
    expect(room.health.condition(account)?.state).toBe('misconfigured');
  });

  test('UP-410 with an answer to the call is that answer, and the account is well', async () => {
    const said = { code: -32050, message: 'The item is gone.' };
    await using workspace = await startScripted((arrival, response) => {
      if (shakesHands(arrival, response)) return;
      answerJson(response, 410, { jsonrpc: '2.0', id: arrival.rpc?.id, error: said });
    });
    const account = accountFor(workspace.url, 'account');
    await using room = new Room([account]);
    const seat = room.seat();
    await seat.greet();
    expect((await seat.ask('tools/call', { name: 'x' })).error).toEqual(said);
    expect(room.health.condition(account)).toBeUndefined();
  });
});

test('SS-13 a question that no client is there to hear is answered after a minute, and not asked later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const asks = { jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: {} };
  const answers: unknown[] = [];
  await using workspace = await startScripted(
    (arrival, response) => {
      if (arrival.rpc?.id === 'q') answers.push(arrival.json);
      if (!shakesHands(arrival, response, 'session-1')) {
        answerJson(response, 200, result(arrival.rpc?.id, { content: [] }));
      }
    },
    ({ method }, response) => {
      if (method === 'GET') beginStream(response, [asks]);
      else response.writeHead(405).end();
    },
  );
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat('current', 'http');
  await seat.greet({ elicitation: {} });
  await workspace.requests.until(({ method }) => method === 'GET');
  await until(() => vi.getTimerCount() > 0);
  await turns(20);
  await vi.advanceTimersByTimeAsync(60_000);
  await workspace.requests.until(({ rpc }) => rpc?.id === 'q');
  expect(answers).toMatchObject([{ id: 'q', error: { code: -31010 } }]);
  seat.listen();
  await turns(20);
  expect(seat.pushed).toEqual([]);
});

describe('UB-23 an enormous list of tools', () => {
  const tool = (name: string): string =>
    `{"name":${JSON.stringify(name)},"inputSchema":{"type":"object"},"x":1.0}`;
  test.each<[string, () => string[]]>([
    ['of 50 000', () => Array.from({ length: 50_000 }, (_, at) => tool(`tool-${at}`))],
    ['with a name of 1 MB', () => [tool('n'.repeat(1 << 20)), tool('a')]],
    ['with one name twice', () => [tool('a'), tool('a'), tool('b')]],
  ])('%s is forwarded as it is', async (_, tools) => {
    const list = `{"tools":[${tools().join(',')}]}`;
    await using workspace = await startScripted((arrival, response) => {
      if (shakesHands(arrival, response)) return;
      const id = JSON.stringify(arrival.rpc?.id);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"jsonrpc":"2.0","id":${id},"result":${list}}`);
    });
    await using room = new Room([accountFor(workspace.url, 'account')]);
    const seat = room.seat();
    await seat.greet();
    await seat.ask('tools/list');
    const [answer = ''] = seat.answers.slice(-1);
    expect(readMessage(Buffer.from(answer)).kind).toBe('response');
    expect(answer.includes(list)).toBe(true);
  });
});
