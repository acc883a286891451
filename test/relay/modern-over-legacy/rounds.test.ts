import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Workspace } from '../../workspaces/workspace.ts';
import { beginStream, shakesHands, startScripted, until } from '../scripted.ts';
import { ABLE, filled, ModernClient, questionsIn, said, type Told } from './modern-client.ts';

let workspace: Workspace;
let client: ModernClient;
/** The open stream of each call, by tool. */
let calls: Map<string, { readonly response: ServerResponse; readonly id: unknown }>;
/** What the workspace does when a call arrives. */
let onCall: (tool: string) => void;
/** The workspace no longer knows its session, until it is opened anew. */
let isForgotten: boolean;

beforeEach(async () => {
  calls = new Map();
  onCall = () => undefined;
  isForgotten = false;
  workspace = await startScripted((arrival, response) => {
    if (arrival.rpc?.method === 'initialize') isForgotten = false;
    if (isForgotten) return void response.writeHead(404).end();
    if (shakesHands(arrival, response, 's')) return;
    beginStream(response);
    const tool = arrival.rpc?.target ?? arrival.rpc?.method ?? '';
    calls.set(tool, { response, id: arrival.rpc?.id });
    onCall(tool);
  });
  client = new ModernClient(workspace.url);
});

afterEach(async () => {
  vi.useRealTimers();
  await client[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

function send(tool: string, ...messages: readonly object[]): void {
  for (const message of messages) {
    calls.get(tool)?.response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
  }
}

function finish(tool: string, result: object): void {
  send(tool, { id: calls.get(tool)?.id, result });
  calls.get(tool)?.response.end();
}

const question = (id: number | string, message: string, more: object = {}): object => ({
  id,
  method: 'elicitation/create',
  params: { message, requestedSchema: { type: 'object', properties: {} }, ...more },
});

/** What the workspace was answered, by its own ids. */
function answered(): Map<unknown, { result?: unknown; error?: { code: number } }> {
  const answers = workspace.requests.all.filter(({ rpc }) => rpc && rpc.method === undefined);
  return new Map(answers.map(({ text }) => JSON.parse(text)).map((message) => [message.id, message]));
}

function keyOf(asked: Told, message: string): string {
  const found = Object.entries(questionsIn(asked)).find(([, { params }]) => params?.message === message);
  return found?.[0] ?? '';
}

const isCancelled = ({ rpc }: { rpc: { method: string | undefined } | undefined }): boolean =>
  rpc?.method === 'notifications/cancelled';

describe('questions of one call', () => {
  test('that come together travel together, and answers find them by key', async () => {
    onCall = (tool) => send(tool, question(0, 'A'), question(1, 'B'));
    const asked = await client.call('two');
    expect(Object.keys(questionsIn(asked))).toHaveLength(2);
    const swapped = { [keyOf(asked, 'B')]: filled('to B'), [keyOf(asked, 'A')]: filled('to A') };
    const done = client.answer('two', {}, asked, swapped);
    await until(() => answered().size === 2);
    expect(answered().get(0)?.result).toEqual(filled('to A'));
    expect(answered().get(1)?.result).toEqual(filled('to B'));
    finish('two', { content: [{ type: 'text', text: 'thanks' }] });
    expect(said(await done)).toBe('thanks');
  });

  test('that come while others are with the client travel in the next round', async () => {
    onCall = (tool) => send(tool, question('a', 'A'));
    const asked = await client.call('more');
    send('more', question('b', 'B'));
    const next = await client.answer('more', {}, asked, { [keyOf(asked, 'A')]: filled('x') });
    expect(keyOf(next, 'B')).not.toBe(keyOf(asked, 'A'));
    expect(Object.keys(questionsIn(next))).toEqual([keyOf(next, 'B')]);
    expect(next.answer.result?.requestState).not.toBe(asked.answer.result?.requestState);
  });

  test('carry what the client needs, byte for byte, and nothing of sessions or tasks', async () => {
    const more = {
      'x-more': 1e21,
      elicitationId: 'e',
      task: { ttl: 1 },
      _meta: { progressToken: 1, 'com.example/y': 2 },
    };
    onCall = (tool) => send(tool, question(0, 'A', more));
    const asked = await client.call('one');
    expect(questionsIn(asked)[keyOf(asked, 'A')]).toEqual({
      method: 'elicitation/create',
      params: {
        message: 'A',
        requestedSchema: { type: 'object', properties: {} },
        'x-more': 1e21,
        _meta: { 'com.example/y': 2 },
      },
    });
  });

  test.each([
    ['a link', { elicitation: { form: {} } }, question(9, 'A', { mode: 'url', url: 'https://x.test' })],
    ['a form', { elicitation: { url: {} } }, question(9, 'A')],
    ['a model', { elicitation: {} }, { id: 9, method: 'sampling/createMessage', params: { messages: [] } }],
    [
      'tools for a model',
      { sampling: {} },
      { id: 9, method: 'sampling/createMessage', params: { tools: [] } },
    ],
    ['something unknown', ABLE, { id: 9, method: 'foo/bar', params: {} }],
  ])('about %s that the client cannot do are refused to the workspace', async (_, capabilities, message) => {
    onCall = (tool) => send(tool, message);
    const call = client.call('one', {}, { capabilities });
    await until(() => answered().size === 1);
    expect(answered().get(9)?.error?.code).toBe(-32601);
    finish('one', { content: [{ type: 'text', text: 'without' }] });
    expect(said(await call)).toBe('without');
  });

  test('that the workspace takes back are not asked again', async () => {
    onCall = (tool) => send(tool, question(0, 'A'), question(1, 'B'));
    const asked = await client.call('one');
    send(
      'one',
      { method: 'notifications/cancelled', params: { requestId: 1 } },
      { id: 'after', method: 'ping' },
    );
    await until(() => answered().has('after'));
    const next = client.answer('one', {}, asked, {
      [keyOf(asked, 'A')]: filled('x'),
      [keyOf(asked, 'B')]: filled('y'),
    });
    await until(() => answered().has(0));
    finish('one', { content: [{ type: 'text', text: 'fine' }] });
    expect(said(await next)).toBe('fine');
    expect(answered().has(1)).toBe(false);
  });

  test('of a method that no question may answer are refused', async () => {
    onCall = (tool) => send(tool, question(0, 'A'));
    const listing = client.ask('tools/list');
    await until(() => answered().size === 1);
    finish('tools/list', { tools: [] });
    expect((await listing).answer.result).toMatchObject({ tools: [] });
  });
});

test.each([
  ['Client does not support sampling (required for sampling/createMessage)', { sampling: {} }],
  ['Client does not support listing roots (required for roots/list)', { roots: {} }],
  ['Client does not support url elicitation.', { elicitation: { url: {} } }],
  [
    "Cannot request input 'x' (sampling/createMessage): the client on this 2025-era connection did not declare the required capability",
    { sampling: {} },
  ],
])('a tool that says "%s" needs a client that can', async (text, requiredCapabilities) => {
  onCall = (tool) => finish(tool, { content: [{ type: 'text', text }], isError: true });
  const { answer, status } = await client.call('one', {}, { capabilities: { elicitation: {} } });
  expect([answer.error?.code, status]).toEqual([-32021, 400]);
  expect(answer.error?.data).toEqual({ requiredCapabilities });
  expect(said(await client.call('one', {}, { capabilities: ABLE }))).toBe(text);
});

test('pings of the workspace are answered here', async () => {
  onCall = (tool) => send(tool, { id: 'p', method: 'ping' });
  const call = client.call('one');
  await until(() => answered().size === 1);
  expect(answered().get('p')).toMatchObject({ result: {} });
  finish('one', { content: [] });
  await call;
});

test('an answer that came while the client had the question waits for it', async () => {
  onCall = (tool) => send(tool, question(0, 'A'));
  const asked = await client.call('one');
  finish('one', { content: [{ type: 'text', text: 'never mind' }] });
  expect(said(await client.answer('one', {}, asked, {}))).toBe('never mind');
});

test('a question dies with the session that asked it, although the stream of its call goes on', async () => {
  onCall = (tool) => tool === 'one' && send(tool, question(0, 'A'));
  const asked = await client.call('one');
  isForgotten = true;
  const other = client.call('two');
  await until(() => calls.has('two'));
  finish('two', { content: [{ type: 'text', text: 'in a new session' }] });
  expect(said(await other)).toBe('in a new session');
  const late = client.answer('one', {}, asked, { [keyOf(asked, 'A')]: filled('x') });
  await expect(late).rejects.toMatchObject({ code: 'outcome-unknown', details: { mayHaveRun: true } });
  expect(answered().get(0)?.result).toBeUndefined();
});

test('progress of a call that went on goes to the request that waits now, with its token', async () => {
  onCall = (tool) => send(tool, question(0, 'A'));
  const asked = await client.call('one', {}, { token: 'first' });
  const [sent] = workspace.requests.calls('one');
  const { progressToken } = JSON.parse(sent?.text ?? '').params._meta;
  const answers = { [keyOf(asked, 'A')]: filled('x') };
  const done = client.answer('one', {}, asked, answers, { token: 'second' });
  await until(() => answered().size === 1);
  send('one', { method: 'notifications/progress', params: { progressToken, progress: 1 } });
  send('one', { method: 'notifications/progress', params: { progressToken: 'stray', progress: 1 } });
  finish('one', { content: [] });
  expect((await done).events.map(({ params }) => params)).toEqual([{ progressToken: 'second', progress: 1 }]);
});

test('a question that nobody answers for ten minutes ends the call in the workspace', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
  onCall = (tool) => send(tool, question(0, 'A'));
  const asked = await client.call('one');
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  const late = await client.answer('one', {}, asked, { [keyOf(asked, 'A')]: filled('x') });
  expect(late.answer.error).toMatchObject({ code: -32602, message: expect.stringContaining('expired') });
  await workspace.requests.until(isCancelled);
});

test('of many calls that wait, the oldest is given up', async () => {
  onCall = (tool) => send(tool, question(tool, tool));
  const asked: Told[] = [];
  for (let nth = 0; nth <= 64; nth += 1) asked.push(await client.call(`t${nth}`));
  const [oldest, second] = asked;
  if (!oldest || !second) throw new Error('Nothing was asked.');
  expect((await client.answer('t0', {}, oldest, {})).answer.error?.code).toBe(-32602);
  const cancelled = await workspace.requests.until(isCancelled);
  expect(JSON.parse(cancelled.text).params.requestId).toBe(calls.get('t0')?.id);
  expect(keyOf(await client.answer('t1', {}, second, {}), 't1')).not.toBe('');
});

test('a client that goes while it waits for the rest of a call cancels it', async () => {
  onCall = (tool) => send(tool, question(0, 'A'));
  const asked = await client.call('one');
  const leaving = new AbortController();
  const { signal } = leaving;
  const rest = client.answer('one', {}, asked, { [keyOf(asked, 'A')]: filled('x') }, { signal });
  await until(() => answered().size === 1);
  leaving.abort(new Error('left'));
  await expect(rest).rejects.toThrow('left');
  await workspace.requests.until(isCancelled);
});

describe('links that must be opened before a call', () => {
  const links = [
    { mode: 'url', message: 'Sign in.', url: 'https://x.test/a', elicitationId: '1' },
    { mode: 'url', message: 'Pay.', url: 'https://x.test/b', elicitationId: '2' },
  ];
  let isOpened: boolean;

  beforeEach(() => {
    isOpened = false;
    onCall = (tool) => {
      if (isOpened) return finish(tool, { content: [{ type: 'text', text: 'in' }] });
      const error = { code: -32042, message: 'First.', data: { elicitations: links } };
      send(tool, { id: calls.get(tool)?.id, error });
    };
  });

  test('are shown, and the call is made again once they were', async () => {
    const asked = await client.call('one');
    expect(Object.values(questionsIn(asked))).toEqual(
      links.map(({ elicitationId, ...params }) => ({ method: 'elicitation/create', params })),
    );
    const keys = Object.keys(questionsIn(asked));
    const half = await client.answer('one', {}, asked, { [String(keys[0])]: { action: 'accept' } });
    expect(Object.keys(questionsIn(half))).toEqual(keys);
    isOpened = true;
    const all = Object.fromEntries(keys.map((key) => [key, { action: 'accept' }]));
    expect(said(await client.answer('one', {}, half, all))).toBe('in');
    expect(workspace.requests.calls('one')).toHaveLength(2);
  });

  test('end the call when the person declines', async () => {
    const asked = await client.call('one');
    const keys = Object.keys(questionsIn(asked));
    const declined = Object.fromEntries(keys.map((key) => [key, { action: 'decline' }]));
    await expect(client.answer('one', {}, asked, declined)).rejects.toMatchObject({ code: 'refused' });
    expect(workspace.requests.calls('one')).toHaveLength(1);
  });

  test('need a client that opens links', async () => {
    const { answer, status } = await client.call('one', {}, { capabilities: { elicitation: {} } });
    expect([answer.error?.code, status]).toEqual([-32021, 400]);
    expect(answer.error?.data).toEqual({ requiredCapabilities: { elicitation: { url: {} } } });
  });
});
