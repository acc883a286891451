import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { OnUpMessage } from '#bridge/upstream/channel.ts';
import { Listening } from '#bridge/upstream/legacy-over-modern/listening.ts';
import { requestFrom } from '#bridge/upstream/legacy-over-modern/rounds.ts';
import { BridgeError } from '#contract/errors.ts';
import { turns, until } from '../../relay/scripted.ts';
import type { Heard } from '../../relay/seat.ts';
import { type Asked, OFFERED, Scene, ScriptedChannel, SUBSCRIPTION, workspace } from './scripted-channel.ts';

const LISTEN = 'subscriptions/listen';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const tagged = ({ id }: Asked, params: object = {}): object => ({ ...params, _meta: { [SUBSCRIPTION]: id } });

/** Honours everything it is asked. */
const acknowledge = (asked: Asked): Promise<void> =>
  asked.tell(ACKNOWLEDGED, tagged(asked, { notifications: asked.params.notifications }));

/** A session that listens. */
async function listening(
  script: (asked: Asked) => void,
  offered: object = OFFERED,
): Promise<{ scene: Scene; heard: Heard[]; ended: Promise<void>; stop: AbortController }> {
  const scene = new Scene(script, offered);
  await scene.greet();
  const heard: Heard[] = [];
  const onMessage: OnUpMessage = ({ message }) => {
    if (message?.kind === 'notification') heard.push(JSON.parse(message.text) as Heard);
  };
  const stop = new AbortController();
  return { scene, heard, ended: scene.channel.listen(onMessage, stop.signal), stop };
}

describe('a session listens', () => {
  test('for what the workspace offers, and hears it without the mark', async () => {
    const { scene, heard } = await listening((asked) => void acknowledge(asked));
    const listen = await scene.up.nth(LISTEN, 1);
    expect(listen.params.notifications).toEqual({ toolsListChanged: true, resourcesListChanged: true });
    await listen.tell('notifications/tools/list_changed', tagged(listen));
    expect(heard).toEqual([{ jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: {} }]);
  });

  test('until it is told to stop', async () => {
    const { scene, ended, stop } = await listening((asked) => void acknowledge(asked));
    const listen = await scene.up.nth(LISTEN, 1);
    stop.abort();
    await ended;
    expect(listen.signal.aborted).toBe(true);
  });

  test('not at all where nothing is offered', async () => {
    const { scene, ended } = await listening(() => undefined, { tools: {} });
    await ended;
    expect(scene.up.of(LISTEN)).toEqual([]);
  });

  test.each([
    ['knows no listen', (asked: Asked) => asked.fail(-32601, 'Method not found')],
    ['refuses the credential', (asked: Asked) => asked.breakOff(new BridgeError('sign-in-needed', 'x'))],
    ['answers nonsense', (asked: Asked) => asked.breakOff(new BridgeError('bad-answer', 'x'))],
  ])('no longer when the workspace %s', async (_, script) => {
    const { scene, ended } = await listening(script);
    await ended;
    expect(scene.up.of(LISTEN)).toHaveLength(1);
    expect(scene.pauses).toEqual([]);
    expect(await scene.ask('resources/subscribe', { uri: 'note://a' })).toMatchObject({
      error: { code: -32602 },
    });
  });

  test('again when the listen ends or breaks, and then takes everything for changed', async () => {
    let count = 0;
    const { scene, heard } = await listening((asked) => {
      if (asked.method !== LISTEN) return asked.answer({});
      count += 1;
      if (count === 2) asked.breakOff(new BridgeError('unreachable', 'gone'));
      else void acknowledge(asked);
    });
    const first = await scene.up.nth(LISTEN, 1);
    first.answer({ resultType: 'complete', _meta: { [SUBSCRIPTION]: first.id } });
    await scene.up.nth(LISTEN, 3);
    await until(() => heard.length === 2);
    expect(heard.map(({ method }) => method)).toEqual([
      'notifications/tools/list_changed',
      'notifications/resources/list_changed',
    ]);
    expect(scene.pauses).toEqual([1000, 2000]);
  });

  test('ever more rarely when listens end at once', async () => {
    let count = 0;
    const { scene, stop, ended } = await listening((asked) => {
      count += 1;
      if (count > 7) stop.abort();
      void acknowledge(asked).then(() => asked.answer({}));
    });
    await ended;
    expect(scene.pauses.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });
});

describe('a resource is subscribed to', () => {
  const uri = 'note://a';

  test('while a broken listen waits to be opened again, and nothing that was missed stays unknown', async () => {
    const { scene, heard } = await listening((asked) => void acknowledge(asked));
    const first = await scene.up.nth(LISTEN, 1);
    await turns(3);
    const waiting = Promise.withResolvers<void>();
    scene.onPause = () => waiting.promise;
    first.breakOff(new BridgeError('unreachable', 'gone'));
    await until(() => scene.pauses.length === 1);
    await scene.ask('resources/subscribe', { uri });
    expect(heard.map(({ method }) => method)).toEqual([
      'notifications/tools/list_changed',
      'notifications/resources/list_changed',
      'notifications/resources/updated',
    ]);
    waiting.resolve();
    await turns(5);
    expect(heard).toHaveLength(3);
    expect(scene.up.of(LISTEN)).toHaveLength(2);
  });

  test('and unsubscribed from, without a trace of how often', async () => {
    const up = new ScriptedChannel((asked) => void acknowledge(asked));
    const listening = new Listening({
      workspace,
      channel: up,
      request: (wanted) =>
        requestFrom(
          `{"jsonrpc":"2.0","id":1,"method":"${LISTEN}","params":{"notifications":${JSON.stringify(wanted)}}}`,
          workspace,
        ),
      pause: async () => undefined,
    });
    listening.offered({ resources: { subscribe: true } });
    const stop = new AbortController();
    const ended = listening.run(() => undefined, stop.signal);
    for (let count = 0; count < 5; count += 1) {
      expect(await listening.subscribe(uri, stop.signal)).toBe(true);
      await turns(3);
      await listening.unsubscribe(uri, stop.signal);
      await turns(3);
    }
    expect(up.of(LISTEN)).toHaveLength(5);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    stop.abort();
    await ended;
  });

  test('no more although the workspace knows no listen by now', async () => {
    let count = 0;
    const { scene } = await listening((asked) => {
      count += 1;
      if (count > 3) asked.fail(-32601, 'Method not found');
      else void acknowledge(asked);
    });
    await scene.ask('resources/subscribe', { uri });
    await scene.ask('resources/subscribe', { uri: 'note://b' });
    expect((await scene.ask('resources/unsubscribe', { uri })).result).toEqual({});
  });

  test('with a listen that is acknowledged before the one before is closed', async () => {
    let isHeld = false;
    const { scene, heard } = await listening((asked) => {
      if (!isHeld) void acknowledge(asked);
    });
    const first = await scene.up.nth(LISTEN, 1);
    await turns(3);
    isHeld = true;
    const subscribing = scene.ask('resources/subscribe', { uri });
    const second = await scene.up.nth(LISTEN, 2);
    expect(second.params.notifications).toMatchObject({
      toolsListChanged: true,
      resourceSubscriptions: [uri],
    });
    await turns(3);
    expect(first.signal.aborted).toBe(false);
    await acknowledge(second);
    expect((await subscribing).result).toEqual({});
    expect(first.signal.aborted).toBe(true);
    await second.tell('notifications/resources/updated', tagged(second, { uri }));
    expect(heard).toEqual([{ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } }]);
  });

  test('and told of again after a break', async () => {
    const { scene, heard } = await listening((asked) => void acknowledge(asked), {
      resources: { subscribe: true },
    });
    expect(scene.up.of(LISTEN)).toEqual([]);
    await scene.ask('resources/subscribe', { uri });
    (await scene.up.nth(LISTEN, 1)).breakOff(new BridgeError('unreachable', 'gone'));
    await scene.up.nth(LISTEN, 2);
    await until(() => heard.length === 1);
    expect(heard[0]).toMatchObject({ method: 'notifications/resources/updated', params: { uri } });
  });

  test('in vain when the workspace does not honour it, without harm to the others', async () => {
    const { scene } = await listening((asked) => {
      void asked.tell(ACKNOWLEDGED, { notifications: { resourceSubscriptions: [uri] } });
    });
    expect((await scene.ask('resources/subscribe', { uri })).result).toEqual({});
    const other = { uri: 'note://b' };
    expect((await scene.ask('resources/subscribe', other)).error).toMatchObject({
      code: -32602,
      data: other,
    });
    await scene.ask('resources/subscribe', { uri: 'note://c' });
    expect((await scene.up.nth(LISTEN, 4)).params.notifications).toMatchObject({
      resourceSubscriptions: [uri, 'note://c'],
    });
  });

  test('no more after it was unsubscribed from', async () => {
    const { scene } = await listening((asked) => void acknowledge(asked), { resources: { subscribe: true } });
    await scene.ask('resources/subscribe', { uri });
    await scene.ask('resources/subscribe', { uri: 'note://b' });
    expect((await scene.ask('resources/unsubscribe', { uri })).result).toEqual({});
    const third = await scene.up.nth(LISTEN, 3);
    expect(third.params.notifications).toEqual({ resourceSubscriptions: ['note://b'] });
    await scene.ask('resources/unsubscribe', { uri: 'note://b' });
    expect(third.signal.aborted).toBe(true);
    await scene.ask('resources/subscribe', { uri });
    expect((await scene.up.nth(LISTEN, 4)).params.notifications).toEqual({ resourceSubscriptions: [uri] });
  });

  test('once, however often it is asked for', async () => {
    const { scene } = await listening((asked) => void acknowledge(asked));
    await Promise.all([1, 2, 3].map(() => scene.ask('resources/subscribe', { uri })));
    expect(scene.up.of(LISTEN)).toHaveLength(2);
  });

  test('before the session listens, and then asked for with the first listen', async () => {
    const scene = new Scene((asked) => void acknowledge(asked));
    await scene.greet();
    expect((await scene.ask('resources/subscribe', { uri })).result).toEqual({});
    expect(scene.up.of(LISTEN)).toEqual([]);
    const stop = new AbortController();
    const ended = scene.channel.listen(() => undefined, stop.signal);
    const { params } = await scene.up.nth(LISTEN, 1);
    expect(params.notifications).toMatchObject({ resourceSubscriptions: [uri] });
    stop.abort();
    await ended;
  });

  test('not without a name, nor where no subscriptions are offered', async () => {
    const { scene } = await listening((asked) => void acknowledge(asked), {
      resources: { listChanged: true },
    });
    expect((await scene.ask('resources/subscribe', { uri })).error?.code).toBe(-32602);
    expect((await scene.ask('resources/subscribe', {})).error?.code).toBe(-32602);
    expect(scene.up.of(LISTEN)).toHaveLength(1);
  });
});
