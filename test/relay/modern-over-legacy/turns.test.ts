import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Workspace } from '../../workspaces/workspace.ts';
import { beginStream, shakesHands, startScripted, until } from '../scripted.ts';
import { filled, ModernClient, questionsIn, said, type Told } from './modern-client.ts';

let workspace: Workspace;
let client: ModernClient;
/** The open stream of each call, by tool. */
let calls: Map<string, { readonly response: ServerResponse; readonly id: unknown }>;
let standing: ServerResponse | undefined;
/** The workspace no longer knows its session, until it is opened anew. */
let isForgotten: boolean;

beforeEach(async () => {
  calls = new Map();
  standing = undefined;
  isForgotten = false;
  workspace = await startScripted(
    (arrival, response) => {
      // Whether a cancellation was taken is not heard.
      if (arrival.rpc?.method === 'notifications/cancelled') return;
      if (arrival.rpc?.method === 'initialize') isForgotten = false;
      if (isForgotten) return void response.writeHead(404).end();
      if (shakesHands(arrival, response, 's')) return;
      beginStream(response);
      calls.set(arrival.rpc?.target ?? '', { response, id: arrival.rpc?.id });
    },
    (arrival, response) => {
      if (arrival.method !== 'GET') return void response.writeHead(204).end();
      beginStream(response);
      standing = response;
    },
  );
  client = new ModernClient(workspace.url);
  await client.ask('server/discover');
  await until(() => standing !== undefined);
});

afterEach(async () => {
  vi.useRealTimers();
  await client[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

function send(to: ServerResponse | undefined, message: object): void {
  to?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
}

/** A question on the standing stream, which says of no call. */
function push(id: string): void {
  const params = { message: id, requestedSchema: { type: 'object', properties: {} } };
  send(standing, { id, method: 'elicitation/create', params });
}

async function refused(id: string): Promise<void> {
  const { text } = await workspace.requests.until((arrival) => arrival.text.includes(`"id":"${id}"`));
  expect(JSON.parse(text)).toMatchObject({ error: { code: -32601 } });
}

/** A call that has arrived; it runs until `finish`. */
async function begin(tool: string, signal?: AbortSignal): Promise<{ readonly call: Promise<Told> }> {
  const call = client.call(tool, {}, signal ? { signal } : {});
  call.catch(() => undefined);
  await until(() => calls.has(tool));
  return { call };
}

function finish(tool: string): void {
  const { response, id } = calls.get(tool) ?? {};
  send(response, { id, result: { content: [{ type: 'text', text: tool }] } });
}

async function passes(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

test('a question that comes for a call that was just cancelled reaches no other', async () => {
  const leaving = new AbortController();
  const one = await begin('one', leaving.signal);
  const two = await begin('two');
  leaving.abort(new Error('left'));
  await expect(one.call).rejects.toThrow('left');
  await workspace.requests.until(({ rpc }) => rpc?.method === 'notifications/cancelled');
  push('late');
  await refused('late');
  finish('two');
  expect(said(await two.call)).toBe('two');
});

test('a question that comes again for a call whose client never came back reaches no other', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
  const one = await begin('one');
  push('first');
  expect(Object.keys(questionsIn(await one.call))).toHaveLength(1);
  const two = await begin('two');
  await passes(10 * 60_000);
  await refused('first');
  push('again');
  await refused('again');
  finish('two');
  expect(said(await two.call)).toBe('two');
});

test('a call that ended with its session stands in the way of no other in the next one', async () => {
  const one = await begin('one');
  push('one');
  await one.call;
  standing = undefined;
  isForgotten = true;
  const two = await begin('two');
  await until(() => standing !== undefined);
  push('two');
  expect(Object.values(questionsIn(await two.call))).toMatchObject([{ params: { message: 'two' } }]);
});

test('what comes for a call that was cancelled does no harm to the call on whose stream it comes', async () => {
  const leaving = new AbortController();
  const one = client.call('one', {}, { token: 't', signal: leaving.signal });
  await until(() => calls.has('one'));
  const two = await begin('two');
  leaving.abort(new Error('left'));
  await expect(one).rejects.toThrow('left');
  const params = { progressToken: calls.get('one')?.id, progress: 1 };
  send(calls.get('two')?.response, { method: 'notifications/progress', params });
  finish('two');
  expect(said(await two.call)).toBe('two');
});

test('a call that was cancelled stands in the way of others for a moment only', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
  const leaving = new AbortController();
  const one = await begin('one', leaving.signal);
  const two = await begin('two');
  leaving.abort(new Error('left'));
  await expect(one.call).rejects.toThrow('left');
  await workspace.requests.until(({ rpc }) => rpc?.method === 'notifications/cancelled');
  await passes(5000);
  await passes(2000);
  push('timely');
  expect(Object.values(questionsIn(await two.call))).toHaveLength(1);
});

test('calls run side by side again when no question came for ten minutes that does not say whose it is', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
  await begin('one');
  const two = await begin('two');
  push('whose');
  await refused('whose');
  finish('one');
  await passes(6 * 60_000);
  push('two');
  const asked = await two.call;
  const answers = Object.fromEntries(Object.keys(questionsIn(asked)).map((key) => [key, filled('x')]));
  const rest = client.answer('two', {}, asked, answers);
  await workspace.requests.until(({ text }) => text.includes('"id":"two"'));
  const third = client.call('three');
  await passes(6 * 60_000);
  expect(calls.has('three')).toBe(false);
  await passes(5 * 60_000);
  await until(() => calls.has('three'));
  for (const tool of ['two', 'three']) finish(tool);
  expect([said(await rest), said(await third)]).toEqual(['two', 'three']);
});
