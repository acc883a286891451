import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Arrival, answerJson } from '../../workspaces/arrival.ts';
import { type PlainWorkspace, startPlain } from '../../workspaces/plain.ts';
import { beginStream, shakesHands, startScripted, welcomeOf } from '../scripted.ts';
import { ModernClient } from './modern-client.ts';

const FIRST = 'note://w/first';
const SECOND = 'note://w/second';
const PING = '{"jsonrpc":"2.0","id":"heard","method":"ping"}';
const ID = 'io.modelcontextprotocol/subscriptionId';

let workspace: PlainWorkspace;
let client: ModernClient;

beforeEach(async () => {
  workspace = await startPlain({ name: 'w' });
  client = new ModernClient(workspace.url);
  await client.ask('server/discover');
  await workspace.streams.atLeast(1);
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const uris = (method: string): unknown[] =>
  workspace.requests.withMethod(method).map(({ text }) => JSON.parse(text).params.uri);

test('a listen is acknowledged first, with what it will hear', async () => {
  const listen = await client.listen(
    { toolsListChanged: true, promptsListChanged: false, resourceSubscriptions: [FIRST], taskIds: ['t'] },
    { id: '"mine"' },
  );
  expect(listen.heard[0]).toMatchObject({
    method: 'notifications/subscriptions/acknowledged',
    params: {
      notifications: { toolsListChanged: true, resourceSubscriptions: [FIRST] },
      _meta: { [ID]: 'mine' },
    },
  });
  expect(Object.keys(listen.heard[0]?.params?.notifications ?? {})).toHaveLength(2);
});

test('each listen hears what it asked for, under its own id', async () => {
  const tools = await client.listen({ toolsListChanged: true }, { id: '1' });
  const notes = await client.listen(
    { resourceSubscriptions: [FIRST], resourcesListChanged: true },
    { id: '2' },
  );
  await workspace.announce('prompts');
  await workspace.changeTools();
  await workspace.touch(FIRST);
  await workspace.announce('resources');
  await tools.until(({ method }) => method === 'notifications/tools/list_changed');
  await notes.until(({ method }) => method === 'notifications/resources/list_changed');
  const heard = ({ method, params }: { method?: string; params?: Record<string, unknown> }): unknown[] => [
    method,
    params?.uri,
    (params?._meta as Record<string, unknown> | undefined)?.[ID],
  ];
  expect(tools.heard.slice(1).map(heard)).toEqual([['notifications/tools/list_changed', undefined, 1]]);
  expect(notes.heard.slice(1).map(heard)).toEqual([
    ['notifications/resources/updated', FIRST, 2],
    ['notifications/resources/list_changed', undefined, 2],
  ]);
});

test('a resource is watched while at least one listen follows it', async () => {
  const one = await client.listen({ resourceSubscriptions: [FIRST, SECOND] });
  const two = await client.listen({ resourceSubscriptions: [FIRST] });
  expect(uris('resources/subscribe')).toEqual([FIRST, SECOND]);
  await one.leave();
  await workspace.requests.until(({ rpc }) => rpc?.method === 'resources/unsubscribe');
  await workspace.touch(FIRST);
  await two.until(({ method }) => method === 'notifications/resources/updated');
  expect(uris('resources/unsubscribe')).toEqual([SECOND]);
  await two.leave();
  await workspace.requests.until(({ text }) => text.includes('unsubscribe') && text.includes(FIRST));
});

test('a lost session watches the same resources again', async () => {
  const listen = await client.listen({ resourceSubscriptions: [FIRST] });
  const resubscribed = workspace.requests.next(({ rpc }) => rpc?.method === 'resources/subscribe');
  await workspace.forgetSessions();
  await client.call('echo', { text: 'x' });
  await resubscribed;
  await workspace.streams.atLeast(1);
  await workspace.touch(FIRST);
  await listen.until(({ method }) => method === 'notifications/resources/updated');
});

test('a listen ends with its client, and keeps its session open until then', async () => {
  const listen = await client.listen({ toolsListChanged: true }, { capabilities: { roots: {} } });
  for (let nth = 0; nth < 8; nth += 1) {
    await client.call('echo', { text: 'x' }, { capabilities: { experimental: { nth: { is: nth } } } });
  }
  await workspace.announce('tools');
  await listen.until(({ method }) => method === 'notifications/tools/list_changed');
  await listen.leave();
});

test('what changes while a listen is being opened comes after its acknowledgement', async () => {
  const standing = Promise.withResolvers<ServerResponse>();
  const updated = { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: FIRST } };
  const tellFirst = async ({ rpc }: Arrival, response: ServerResponse): Promise<void> => {
    (await standing.promise).write(`data: ${JSON.stringify(updated)}\n\ndata: ${PING}\n\n`);
    await eager.requests.until(({ text }) => text.includes('"id":"heard"'));
    answerJson(response, 200, { jsonrpc: '2.0', id: rpc?.id, result: {} });
  };
  await using eager = await startScripted(
    (arrival, response) => {
      if (arrival.rpc?.method === 'initialize') {
        const capabilities = { resources: { subscribe: true } };
        answerJson(response, 200, welcomeOf(arrival, { capabilities }), { 'mcp-session-id': 's' });
      } else if (!shakesHands(arrival, response, 's')) void tellFirst(arrival, response);
    },
    (_, response) => {
      beginStream(response);
      standing.resolve(response);
    },
  );
  await using other = new ModernClient(eager.url);
  const listen = await other.listen({ resourceSubscriptions: [FIRST] });
  await listen.until(({ method }) => method === updated.method);
  expect(listen.heard.map(({ method }) => method)).toEqual([
    'notifications/subscriptions/acknowledged',
    updated.method,
  ]);
});
