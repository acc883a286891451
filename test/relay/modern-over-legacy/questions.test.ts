import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type PlainWorkspace, startPlain } from '../../workspaces/plain.ts';
import { filled, ModernClient, questionsIn, said, type Told } from './modern-client.ts';

let workspace: PlainWorkspace;
let client: ModernClient;

beforeEach(async () => {
  workspace = await startPlain({ name: 'w' });
  client = new ModernClient(workspace.url);
});

afterEach(async () => {
  vi.useRealTimers();
  await client[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

/** The only question of an answer: its key, and what is asked. */
function questionIn(told: Told): [string, { method: string; params?: Record<string, unknown> }] {
  const [only, ...others] = Object.entries(questionsIn(told));
  expect(others).toEqual([]);
  if (!only) throw new Error(`Nothing is asked: ${told.text}`);
  return only;
}

/** Answers the only question with a text. */
function reply(name: string, given: object, asked: Told, text: string): Promise<Told> {
  return client.answer(name, given, asked, { [questionIn(asked)[0]]: filled(text) });
}

describe('a question', () => {
  test('ends the request, and the answer finds the call that asked', async () => {
    const given = { question: 'How?' };
    const asked = await client.call('ask', given);
    expect(asked.answer.result).toMatchObject({
      resultType: 'input_required',
      requestState: expect.stringMatching(/^[\w-]{32}$/),
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'w' } },
    });
    expect(questionIn(asked)[1]).toMatchObject({
      method: 'elicitation/create',
      params: { message: 'How?', requestedSchema: { required: ['answer'] } },
    });
    const done = await reply('ask', given, asked, 'so');
    expect(said(done)).toBe('w: so');
    expect(done.answer.result?.resultType).toBe('complete');
    expect(workspace.requests.calls('ask')).toHaveLength(1);
  });

  test('may be one to a model, or for the roots', async () => {
    const sampled = await client.call('sample', { text: 'x' });
    const [key, { method, params }] = questionIn(sampled);
    expect([method, params?.maxTokens]).toEqual(['sampling/createMessage', 100]);
    const message = { role: 'assistant', model: 'm', content: { type: 'text', text: 'made' } };
    expect(said(await client.answer('sample', { text: 'x' }, sampled, { [key]: message }))).toBe('w: made');

    const rooted = await client.call('roots', {});
    const [rootsKey, asked] = questionIn(rooted);
    expect(asked.method).toBe('roots/list');
    const roots = { roots: [{ uri: 'file:///x' }] };
    expect(said(await client.answer('roots', {}, rooted, { [rootsKey]: roots }))).toContain('file:///x');
  });

  test('of each of two calls gets its own answer, whichever comes first', async () => {
    const [one, two] = await Promise.all([
      client.call('ask', { question: '1' }),
      client.call('ask', { question: '2' }),
    ]);
    expect(said(await reply('ask', { question: '2' }, two, 'second'))).toBe('w: second');
    expect(said(await reply('ask', { question: '1' }, one, 'first'))).toBe('w: first');
  });

  test('that was not answered is asked again under the same key; other keys do not count', async () => {
    const asked = await client.call('ask', { question: 'q' });
    const [key] = questionIn(asked);
    const again = await client.answer('ask', { question: 'q' }, asked, { other: filled('x'), [key]: 'no' });
    expect(questionIn(again)[0]).toBe(key);
    expect(again.answer.result?.requestState).not.toBe(asked.answer.result?.requestState);
    expect(said(await reply('ask', { question: 'q' }, again, 'now'))).toBe('w: now');
  });

  test('needs a client that can answer it, and the client is told what it lacks', async () => {
    const { answer, status } = await client.call('ask', { question: 'q' }, { capabilities: {} });
    expect([answer.error?.code, status]).toEqual([-32021, 400]);
    expect(answer.error?.data).toEqual({ requiredCapabilities: { elicitation: { form: {} } } });
  });
});

describe('answers to a question', () => {
  test.each([
    ['another tool', 'sample', { question: 'q' }],
    ['other arguments', 'ask', { question: 'p' }],
    ['no arguments', 'ask', undefined],
  ])('with %s are refused, and the call goes on waiting', async (_, name, given) => {
    const asked = await client.call('ask', { question: 'q' });
    const [key] = questionIn(asked);
    const wrong = await client.ask('tools/call', {
      name,
      arguments: given,
      inputResponses: { [key]: filled('x') },
      requestState: asked.answer.result?.requestState,
    });
    expect(wrong.answer.error?.code).toBe(-32602);
    expect(said(await reply('ask', { question: 'q' }, asked, 'x'))).toBe('w: x');
  });

  test('count whatever the order of the arguments', async () => {
    const asked = await client.call('ask', { question: 'q', stream: 'call' });
    expect(said(await reply('ask', { stream: 'call', question: 'q' }, asked, 'x'))).toBe('w: x');
  });

  test('count once', async () => {
    const asked = await client.call('ask', { question: 'q' });
    await reply('ask', { question: 'q' }, asked, 'x');
    const twice = await reply('ask', { question: 'q' }, asked, 'y');
    expect(twice.answer.error).toMatchObject({
      code: -32602,
      message: expect.stringContaining('answered already'),
    });
    expect(workspace.requests.calls('ask')).toHaveLength(1);
  });

  test('to nothing that was ever asked are refused', async () => {
    const { answer } = await client.ask('tools/call', {
      name: 'echo',
      arguments: {},
      requestState: 'made-up',
    });
    expect(answer.error?.code).toBe(-32602);
    expect(workspace.requests.calls()).toEqual([]);
  });
});

describe('a client that goes', () => {
  test('with its question leaves the call waiting', async () => {
    const leaving = new AbortController();
    const onAnswer = (): void => leaving.abort(new Error('left'));
    const asked = await client.call('ask', { question: 'q' }, { signal: leaving.signal, onAnswer });
    expect(said(await reply('ask', { question: 'q' }, asked, 'x'))).toBe('w: x');
  });

  test('before its answer was taken leaves the call waiting', async () => {
    const given = { question: 'q' };
    const asked = await client.call('ask', given);
    const leaving = new AbortController();
    leaving.abort(new Error('left'));
    const { signal } = leaving;
    await expect(
      client.answer('ask', given, asked, { [questionIn(asked)[0]]: filled('x') }, { signal }),
    ).rejects.toThrow('left');
    expect(said(await reply('ask', given, asked, 'x'))).toBe('w: x');
  });
});

describe('a question on the standing stream', () => {
  const given = { question: 'q', stream: 'standing' };

  test('belongs to the only call that runs', async () => {
    await client.ask('server/discover');
    await workspace.streams.atLeast(1);
    const asked = await client.call('ask', given);
    expect(said(await reply('ask', given, asked, 'x'))).toBe('w: x');
  });

  test('while two calls run is refused, and from then on they run one after the other', async () => {
    await client.ask('server/discover');
    await workspace.streams.atLeast(1);
    const slow = client.call('slow', { gate: 'g' });
    await workspace.gates.reached('g');
    expect(said(await client.call('ask', given))).toContain('nobody can tell which');

    const asking = client.call('ask', given);
    for (let nth = 0; nth < 3; nth += 1) await client.ask('tools/list');
    expect(workspace.requests.calls('ask')).toHaveLength(1);
    workspace.gates.release('g');
    expect(said(await slow)).toBe('w: done waiting');
    const asked = await asking;
    // A parked call stands in nobody's way.
    expect(said(await client.call('echo', { text: 'y' }))).toBe('w: y');
    expect(said(await reply('ask', given, asked, 'x'))).toBe('w: x');
  });
});

test('a call whose session was lost while it was asked fails when its client comes back', async () => {
  const asked = await client.call('ask', { question: 'q' });
  await workspace.forgetSessions();
  await client.call('echo', { text: 'x' });
  await expect(reply('ask', { question: 'q' }, asked, 'x')).rejects.toMatchObject({
    code: 'outcome-unknown',
  });
});

test('a channel that is closed gives up the calls that wait', async () => {
  const asked = await client.call('ask', { question: 'q' });
  await client.channel[Symbol.asyncDispose]();
  expect((await reply('ask', { question: 'q' }, asked, 'x')).answer.error?.code).toBe(-32602);
  expect(workspace.openSessions).toBe(0);
});
