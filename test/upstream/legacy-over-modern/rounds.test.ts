import { afterEach, describe, expect, test, vi } from 'vitest';
import { BridgeError } from '#contract/errors.ts';
import { failure } from '../../flows/world.ts';
import { turns, until } from '../../relay/scripted.ts';
import { type Asked, Scene } from './scripted-channel.ts';

afterEach(() => {
  vi.useRealTimers();
});

const ALL = { elicitation: {}, sampling: {}, roots: {} };
const ASK = {
  method: 'elicitation/create',
  params: { message: 'Sure?', requestedSchema: { type: 'object' } },
};
const YES = { result: { action: 'accept', content: {} } };

const needs = (asked: Asked, inputRequests: object | undefined, requestState?: string): void =>
  asked.answer({ resultType: 'input_required', inputRequests, requestState });

/** Asks once, then is content. */
const once = (inputRequests: object, requestState?: string): Scene =>
  new Scene((asked) => {
    if (asked.params.inputResponses === undefined) needs(asked, inputRequests, requestState);
    else asked.answer({ content: [] });
  });

describe('a workspace that needs input', () => {
  test.each(['tools/call', 'prompts/get', 'resources/read'])('gets it during %s', async (method) => {
    const scene = once({ 'a.b': ASK }, 'state');
    scene.onQuestion = () => YES;
    await scene.greet(ALL);
    const answer = await scene.ask(method, { name: 'x', _meta: { progressToken: 7 } });
    expect(answer.result).toEqual({ content: [] });
    expect(scene.heard).toEqual([{ jsonrpc: '2.0', id: expect.any(String), ...ASK }]);
    const [first, second] = scene.up.of(method);
    expect(second?.params).toEqual({
      ...first?.params,
      inputResponses: { 'a.b': YES.result },
      requestState: 'state',
    });
    expect(second?.id).not.toBe(first?.id);
    expect(second?.meta.progressToken).toBe(7);
  });

  test('gets back its state and the answers byte for byte', async () => {
    const asked = '{"method":"sampling/createMessage","params":{"maxTokens":1e3,"messages":[]}}';
    const scene = new Scene((up) => {
      if (up.params.inputResponses !== undefined) return up.answer({ content: [] });
      up.answer(
        `{"resultType":"input_required","inputRequests":{"s":${asked}},"requestState":"\\u0073\\/9"}`,
      );
    });
    await scene.greet(ALL);
    const call = scene.ask('tools/call', { name: 'x' });
    await until(() => scene.heard.length > 0);
    const id = JSON.stringify(scene.heard[0]?.id);
    await scene.channel.send(
      Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"n":9007199254740993,"role":"assistant"}}`),
    );
    await call;
    expect(scene.up.of('tools/call')[1]?.text).toContain(
      '"inputResponses":{"s":{"n":9007199254740993,"role":"assistant"}},"requestState":"\\u0073\\/9"}',
    );
  });

  test('may ask several things at once, and is answered when all are', async () => {
    const roots = { method: 'roots/list' };
    const scene = once({ one: ASK, two: ASK, three: roots });
    await scene.greet(ALL);
    const call = scene.ask('tools/call', { name: 'x' });
    await until(() => scene.heard.length === 3);
    const [one, two, three] = scene.heard;
    await scene.reply({ jsonrpc: '2.0', id: three?.id, result: { roots: [] } });
    await scene.reply({ jsonrpc: '2.0', id: two?.id, result: { action: 'decline' } });
    await turns(5);
    expect(scene.up.of('tools/call')).toHaveLength(1);
    await scene.reply({ jsonrpc: '2.0', id: one?.id, ...YES });
    await call;
    expect(scene.up.of('tools/call')[1]?.params).toMatchObject({
      inputResponses: { one: YES.result, two: { action: 'decline' }, three: { roots: [] } },
    });
    expect(scene.up.of('tools/call')[1]?.params).not.toHaveProperty('requestState');
  });

  test('may ask round after round, each with its own state', async () => {
    const scene = new Scene((asked) => {
      const { requestState } = asked.params;
      const round = requestState === undefined ? 0 : Number(requestState);
      if (round === 3) asked.answer({ content: [] });
      else needs(asked, { [`q${round}`]: ASK }, String(round + 1));
    });
    scene.onQuestion = () => YES;
    await scene.greet(ALL);
    await scene.ask('tools/call', { name: 'x' });
    expect(scene.up.of('tools/call').map(({ params }) => params.requestState)).toEqual([
      undefined,
      '1',
      '2',
      '3',
    ]);
    expect(Object.keys(scene.up.of('tools/call')[3]?.params.inputResponses ?? {})).toEqual(['q2']);
    expect(new Set(scene.up.of('tools/call').map(({ id }) => id)).size).toBe(4);
    expect(new Set(scene.heard.map(({ id }) => id)).size).toBe(3);
  });

  test('may refuse a state, and the client hears why', async () => {
    const scene = new Scene((asked) => {
      if (asked.params.requestState === undefined) needs(asked, { q: ASK }, 's');
      else asked.fail(-32602, 'The state was changed.');
    });
    scene.onQuestion = () => YES;
    await scene.greet(ALL);
    expect((await scene.ask('tools/call', { name: 'x' })).error).toEqual({
      code: -32602,
      message: 'The state was changed.',
    });
  });

  test('is asked again ever more slowly when it only wants to be asked again', async () => {
    const scene = new Scene((asked) => {
      const round = Number(asked.params.requestState ?? 0);
      if (round === 8) asked.answer({ content: [] });
      else needs(asked, undefined, String(round + 1));
    });
    await scene.greet();
    await scene.ask('tools/call', { name: 'x' });
    expect(scene.pauses).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  });

  test('is given up after sixteen rounds', async () => {
    const scene = new Scene((asked) => needs(asked, undefined, 'again'));
    await scene.greet();
    const error = await failure(scene.ask('tools/call', { name: 'x' }));
    expect(error).toMatchObject({ code: 'bad-answer', details: { mayHaveRun: true } });
    expect(scene.up.of('tools/call')).toHaveLength(17);
  });

  test.each([
    ['elicitation', {}, ASK],
    [
      'elicitation by URL',
      { elicitation: {} },
      { ...ASK, params: { mode: 'url', url: 'https://x.example' } },
    ],
    ['sampling', { elicitation: {} }, { method: 'sampling/createMessage', params: {} }],
    ['roots', { elicitation: {} }, { method: 'roots/list' }],
    ['tools/call', ALL, { method: 'tools/call', params: {} }],
  ])('may not ask for %s of a client without it', async (lacked, capabilities, asked) => {
    const scene = once({ fine: ASK, asked });
    await scene.greet(capabilities);
    const error = await failure(scene.ask('tools/call', { name: 'x' }));
    expect(error).toBeInstanceOf(BridgeError);
    expect(error.message).toContain(`asks this app for ${lacked},`);
    expect(scene.heard).toEqual([]);
  });
});

describe('a question that is not answered', () => {
  test('ends the call with what the client said, and takes back the others', async () => {
    const scene = once({ one: ASK, two: ASK });
    await scene.greet(ALL);
    const call = scene.ask('tools/call', { name: 'x' });
    await until(() => scene.heard.length === 2);
    const [one, two] = scene.heard;
    await scene.reply({ jsonrpc: '2.0', id: one?.id, error: { code: -1, message: 'no', data: { n: 1 } } });
    expect((await call).error).toEqual({
      code: -1,
      message: 'The app did not answer the question of the workspace (elicitation/create): no',
      data: { n: 1 },
    });
    expect(scene.heard[2]).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: two?.id },
    });
    expect(scene.up.of('tools/call')).toHaveLength(1);
  });

  test('is taken back after ten minutes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const scene = once({ one: ASK });
    await scene.greet(ALL);
    const call = scene.ask('tools/call', { name: 'x' }).catch((error: unknown) => error);
    await until(() => scene.heard.length === 1);
    vi.advanceTimersByTime(10 * 60_000);
    expect(await call).toMatchObject({ code: 'timeout' });
    expect(scene.heard[1]).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: scene.heard[0]?.id },
    });
  });

  test('goes away with its call, in any round', async () => {
    const scene = new Scene((asked) => needs(asked, { q: ASK }, 's'));
    let questions = 0;
    scene.onQuestion = () => {
      questions += 1;
      return questions === 1 ? YES : undefined;
    };
    await scene.greet(ALL);
    const withdraw = new AbortController();
    const call = scene.ask('tools/call', { name: 'x' }, withdraw.signal);
    await until(() => questions === 2);
    withdraw.abort(new Error('withdrawn'));
    await expect(call).rejects.toThrow('withdrawn');
    await scene.reply({ jsonrpc: '2.0', id: scene.heard[1]?.id, ...YES });
    await turns(5);
    expect(scene.up.of('tools/call')).toHaveLength(2);
  });

  test('does not hold up another call', async () => {
    const scene = new Scene((asked) => {
      if (asked.params.name === 'asks') needs(asked, { q: ASK });
      else asked.answer({ content: [] });
    });
    await scene.greet(ALL);
    void scene.ask('tools/call', { name: 'asks' }).catch(() => undefined);
    await until(() => scene.heard.length === 1);
    expect((await scene.ask('tools/call', { name: 'quick' })).result).toEqual({ content: [] });
    await scene.channel[Symbol.asyncDispose]();
  });
});
