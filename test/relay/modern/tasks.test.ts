import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '#contract/account.ts';
import { type ModernWorkspace, startModern } from '../../workspaces/modern.ts';
import { accountFor, type Heard, Room } from '../seat.ts';
import { ModernClient } from './client.ts';

let a: ModernWorkspace;
let b: ModernWorkspace;
let accountA: Account;
let accountB: Account;
let room: Room;
let client: ModernClient;

const json = { 'content-type': 'application/json' };

/** The workspace answers the next request of this method with a task (extension `io.modelcontextprotocol/tasks`). */
function answerTask(workspace: ModernWorkspace, method: string, more = ''): void {
  workspace.answerNext({
    status: 200,
    headers: json,
    when: ({ rpc }) => rpc?.method === method,
    body: ({ rpc }) =>
      `{"jsonrpc":"2.0","id":${JSON.stringify(rpc?.id)},"result":{"taskId":"t-1","status":"working","new":1.0${more}}}`,
  });
}

beforeEach(async () => {
  a = await startModern({ name: 'a' });
  b = await startModern({ name: 'b' });
  accountA = accountFor(a.url, 'account-a');
  accountB = accountFor(b.url, 'account-b');
  room = new Room([accountA, accountB]);
  client = new ModernClient(room);
});

afterEach(async () => {
  await room[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});

async function startTask(): Promise<string> {
  answerTask(a, 'tools/call', ',"resultType":"task"');
  const started = await client.call('long');
  expect(started.text).toContain('"resultType":"task"');
  expect(started.text).toContain('"new":1.0');
  return String(started.result?.taskId);
}

describe('a task', () => {
  test.each(['tasks/get', 'tasks/update', 'tasks/cancel'])(
    'is led back to the account that runs it, by its own id: %s',
    async (method) => {
      const taskId = await startTask();
      expect(taskId).not.toBe('t-1');
      room.use(accountB);
      answerTask(a, method, ',"resultType":"complete"');
      const found = await client.ask(method, { taskId, inputResponses: { x: {} } });
      expect(found.result).toMatchObject({ taskId, status: 'working' });
      const seen = a.requests.withMethod(method).at(-1);
      expect(seen?.headers['mcp-name']).toBe('t-1');
      expect(seen?.text).toContain('"taskId":"t-1"');
      expect(b.requests.all).toHaveLength(0);
    },
  );

  test('is named by requests about tasks only: nothing else chooses the account by its id', async () => {
    const taskId = await startTask();
    room.use(accountB);
    const answer = await client.ask('tools/call', { name: 'echo', arguments: { text: 'hi' }, taskId });
    expect(answer.text).toContain('b: hi');
  });

  test.each(['t-1', 5, '0123456789abcdef.t-1', ''])('that is none of ours is refused: %o', async (taskId) => {
    await startTask();
    const before = a.requests.all.length;
    const headers = { 'mcp-name': typeof taskId === 'string' ? taskId : undefined };
    const answer = await client.ask('tasks/get', { taskId }, { headers });
    expect(answer.error?.code).toBe(-32602);
    expect(a.requests.all).toHaveLength(before);
  });

  test('of an account that is gone is refused', async () => {
    const taskId = await startTask();
    room.list = { ...room.list, accounts: [accountB] };
    room.use(accountB);
    expect((await client.ask('tasks/get', { taskId })).error?.code).toBe(-32602);
    expect(b.requests.all).toHaveLength(0);
  });
});

test('a listen follows tasks at the account that runs them only', async () => {
  const taskId = await startTask();
  const filter = { toolsListChanged: true, taskIds: [taskId, 'none-of-ours'] };
  await client.listen(filter);
  expect(a.requests.withMethod('subscriptions/listen').at(-1)?.text).toContain('"taskIds":["t-1"]');
  room.use(accountB);
  await b.listens.atLeast(1);
  expect(b.requests.withMethod('subscriptions/listen').at(-1)?.text).not.toContain('t-1');
});

describe('arguments that travel as headers', () => {
  const given = { region: 'eu', crew: 3, place: { city: 'Köln' } };
  const arrived = (answer: Heard): unknown => {
    const [content] = (answer.result?.content ?? []) as { text: string }[];
    return JSON.parse(content?.text ?? '{}').headers;
  };

  test('are made for a client that has none', async () => {
    const stdio = new ModernClient(room, { door: 'stdio' });
    await stdio.ask('tools/list');
    expect(arrived(await stdio.call('dispatch', given))).toEqual({
      'mcp-param-region': 'eu',
      'mcp-param-crew': '3',
      'mcp-param-city': '=?base64?S8O2bG4=?=',
    });
  });

  test('are passed on as they came over HTTP', async () => {
    const headers = { 'mcp-param-region': '=?base64?ZXU=?=', 'mcp-param-else': 'x' };
    const answer = await client.ask('tools/call', { name: 'dispatch', arguments: given }, { headers });
    expect(arrived(answer)).toEqual(headers);
  });
});
