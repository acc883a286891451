import { describe, expect, test } from 'vitest';
import { SessionLost } from '#bridge/upstream/channel.ts';
import { EraChanged } from '#bridge/upstream/modern/channel.ts';
import { BridgeError } from '#contract/errors.ts';
import { failure } from '../../flows/world.ts';
import { CAPABILITIES, discovered, LEVEL, Scene, VERSION, workspace } from './scripted-channel.ts';

const open = (): AbortSignal => new AbortController().signal;

/** A workspace that answers everything at once. */
const willing = (): Scene => new Scene((asked) => asked.answer({ resultType: 'complete', content: [] }));

describe('the handshake', () => {
  test('asks the workspace what it is, as the client', async () => {
    const scene = willing();
    const welcome = await scene.greet({ roots: { listChanged: true }, tasks: {} });
    expect(welcome.result).toMatchObject({
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'scripted', version: '1' },
    });
    expect(scene.up.asked.map(({ method }) => method)).toEqual(['server/discover']);
    expect(scene.up.asked[0]?.meta).toMatchObject({ [VERSION]: '2026-07-28', [CAPABILITIES]: { roots: {} } });
    expect(scene.channel.spokenVersion).toBe('2026-07-28');
  });

  test('passes an error of the workspace', async () => {
    const scene = new Scene(() => undefined);
    scene.onDiscover = (asked) => asked.fail(-32603, 'not today', { n: 1 });
    expect((await scene.greet()).error).toEqual({ code: -32603, message: 'not today', data: { n: 1 } });
  });

  test('fails with a workspace that speaks only revisions nobody here knows', async () => {
    const scene = new Scene(() => undefined);
    const odd = { ...discovered({}), supportedVersions: ['2031-01-01'] };
    scene.onDiscover = (asked) => asked.answer(odd);
    expect(await failure(scene.greet())).toMatchObject({ code: 'bad-answer' });
  });
});

describe('what the workspace does not know', () => {
  test('is answered or swallowed here', async () => {
    const scene = willing();
    await scene.greet();
    expect(await scene.ask('ping')).toMatchObject({ result: {} });
    expect(await scene.ask('subscriptions/listen')).toMatchObject({ error: { code: -32601 } });
    for (const method of ['initialized', 'roots/list_changed', 'progress', 'cancelled']) {
      await scene.reply({ jsonrpc: '2.0', method: `notifications/${method}`, params: { requestId: 1 } });
    }
    await scene.reply({ jsonrpc: '2.0', id: 'nobody-asked', result: {} });
    expect(scene.up.asked.map(({ method }) => method)).toEqual(['server/discover']);
  });

  test('the log level goes up with every later request', async () => {
    const scene = willing();
    await scene.greet();
    await scene.ask('tools/list');
    expect(await scene.ask('logging/setLevel', { level: 'warning' })).toMatchObject({ result: {} });
    expect(await scene.ask('logging/setLevel', { level: 'loud' })).toMatchObject({ error: { code: -32602 } });
    await scene.ask('tools/list');
    expect(scene.up.of('tools/list').map(({ meta }) => meta[LEVEL])).toEqual([undefined, 'warning']);
  });
});

describe('a request', () => {
  test('keeps its id, its method and its own bytes', async () => {
    const scene = willing();
    await scene.greet({ elicitation: {} });
    await scene.raw('x/unknown', '{"n":9007199254740993,"_meta":{"progressToken":"t"}}');
    const [asked] = scene.up.of('x/unknown');
    expect(asked?.id).toBe(2);
    expect(asked?.text).toContain('"n":9007199254740993');
    expect(asked?.meta).toMatchObject({
      progressToken: 't',
      [VERSION]: '2026-07-28',
      [CAPABILITIES]: { elicitation: {} },
    });
  });

  test('hears what comes on its stream, but no request of the workspace', async () => {
    const scene = new Scene((asked) => {
      void (async () => {
        await asked.tell('notifications/progress', { progressToken: 1, progress: 1 });
        await asked.demand('elicitation/create');
        await asked.tell('notifications/message', { level: 'info', data: 'x' });
        asked.answer({});
      })();
    });
    await scene.greet();
    await scene.ask('tools/call', { name: 'x' });
    expect(scene.heard.map(({ method }) => method)).toEqual([
      'notifications/progress',
      'notifications/message',
    ]);
  });

  test.each([
    [-32601, 'Method not found', undefined],
    [-32602, 'Resource not found', { uri: 'x' }],
    [-32002, 'Resource not found', { uri: 'x' }],
    [-31000, 'Mine', { n: 1 }],
  ])('that fails with %i fails with it', async (code, message, data) => {
    const scene = new Scene((asked) => asked.fail(code, message, data));
    await scene.greet();
    expect((await scene.ask('resources/read', { uri: 'x' })).error).toEqual({ code, message, data });
  });

  test.each([['task'], [7], ['input_required']])(
    'UB-20 answered with the unknown kind %j fails',
    async (resultType) => {
      const scene = new Scene((asked) => asked.answer({ resultType, requestState: 's' }));
      await scene.greet();
      const error = await failure(scene.ask('tools/list'));
      expect(error).toBeInstanceOf(BridgeError);
      expect(error).toMatchObject({ code: 'bad-answer', details: { mayHaveRun: true } });
      expect(scene.up.of('tools/list')).toHaveLength(1);
    },
  );

  test('UB-20 answered with a result of no kind, as an older server does, is complete', async () => {
    const scene = new Scene((asked) => asked.answer({ tools: [], resultType: undefined }));
    await scene.greet();
    expect((await scene.ask('tools/list')).result).toEqual({ tools: [] });
  });

  test('is withdrawn by its signal', async () => {
    const scene = new Scene(() => undefined);
    await scene.greet();
    const withdraw = new AbortController();
    const call = scene.ask('tools/call', { name: 'x' }, withdraw.signal);
    const asked = await scene.up.nth('tools/call', 1);
    withdraw.abort(new Error('withdrawn'));
    await expect(call).rejects.toThrow('withdrawn');
    expect(asked.signal.aborted).toBe(true);
  });

  test('fails with the trouble of the way', async () => {
    const scene = new Scene((asked) => asked.breakOff(new BridgeError('unreachable', 'gone')));
    await scene.greet();
    await expect(scene.ask('tools/call', { name: 'x' })).rejects.toThrow('gone');
  });

  test('finds the session lost when the workspace has changed its era', async () => {
    const scene = new Scene((asked) => asked.breakOff(new EraChanged(workspace)));
    scene.isStillModern = false;
    await scene.greet();
    await expect(scene.ask('tools/call', { name: 'x' })).rejects.toBeInstanceOf(SessionLost);
  });

  test('fails with the refusal itself when it only looks as if the era had changed', async () => {
    const refusal = new BridgeError('bad-answer', 'could not read the request (400)');
    const scene = new Scene((asked) => asked.breakOff(new EraChanged(workspace, 400, refusal)));
    await scene.greet();
    await expect(scene.ask('tools/call', { name: 'x' })).rejects.toBe(refusal);
  });
});

describe('the end', () => {
  test('withdraws what runs and lets the way go', async () => {
    const scene = new Scene(() => undefined);
    await scene.greet();
    const call = scene.ask('tools/call', { name: 'x' }).catch((error: unknown) => error);
    const listening = scene.channel.listen(() => undefined, open());
    await scene.up.nth('tools/call', 1);
    await scene.channel[Symbol.asyncDispose]();
    expect(await call).toMatchObject({ code: 'stopping' });
    await listening;
    expect(scene.up.isDisposed).toBe(true);
    await expect(scene.ask('ping')).rejects.toMatchObject({ code: 'stopping' });
  });

  test('there is nothing to come back for', async () => {
    await expect(willing().channel.resume()).rejects.toBeInstanceOf(SessionLost);
  });
});
