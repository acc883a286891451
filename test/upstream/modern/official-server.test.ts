import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Eras } from '#bridge/upstream/eras.ts';
import { EraChanged, type ModernChannel } from '#bridge/upstream/modern/channel.ts';
import { meta } from '#bridge/upstream/modern/envelope.ts';
import { type ModernWorkspace, startModern } from '../../workspaces/modern.ts';
import { misprint } from '../../workspaces/modern-tools.ts';
import { answerOf, quickHttp, troubleOf, workspaceAt } from '../asking.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy.ts';
import { call, modernAt, noticesOf, openAt, requestWith, saidIn, tell } from './asking.ts';

let north: ModernWorkspace;
beforeAll(async () => {
  north = await startModern({ name: 'north', tools: [misprint], pageSize: 4 });
});
afterAll(() => north[Symbol.asyncDispose]());

const said = async (channel: ModernChannel, name: string, args: object = {}) =>
  saidIn(answerOf(await tell(channel, call(name, args))));

describe('a workspace of the official SDK', () => {
  test('answers, reports progress and logs on the stream of the call', async () => {
    await using seat = modernAt(north.url);
    expect(await said(seat.channel, 'echo', { text: 'hi' })).toBe('north: hi');
    const steps = await tell(seat.channel, call('progress', { steps: 3 }, { _meta: { progressToken: 'p' } }));
    expect(saidIn(answerOf(steps))).toBe('north: 3 steps');
    expect(noticesOf(steps)).toEqual(Array(3).fill('notifications/progress'));
    const logged = await tell(
      seat.channel,
      call('log', { text: 'a' }, { _meta: { [meta.logLevel]: 'info' } }),
    );
    expect(noticesOf(logged)).toEqual(['notifications/message']);
  });

  test('gets the headers that its tools ask for, and is not offered where it asks for impossible ones', async () => {
    await using seat = modernAt(north.url);
    const names: unknown[] = [];
    let cursor: unknown;
    do {
      const answer = answerOf(
        await tell(seat.channel, requestWith('tools/list', { ...(cursor ? { cursor } : {}) })),
      );
      const page = answer.result as { tools: { name: string }[]; nextCursor?: string };
      names.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor);
    expect(names).toContain('dispatch');
    expect(names).not.toContain('misprint');
    const args = { region: 'Zürich', crew: 3, urgent: false, place: { city: 'a b' } };
    expect(JSON.parse(String(await said(seat.channel, 'dispatch', args)))).toMatchObject({
      headers: {
        'mcp-param-region': '=?base64?WsO8cmljaA==?=',
        'mcp-param-crew': '3',
        'mcp-param-urgent': 'false',
        'mcp-param-city': 'a b',
      },
    });
  });

  test('sees that a call was withdrawn', async () => {
    await using seat = modernAt(north.url);
    const stop = new AbortController();
    const reason = new Error('enough');
    const running = tell(seat.channel, call('slow', { gate: 'a' }), { signal: stop.signal });
    await north.gates.reached('a');
    stop.abort(reason);
    expect((await running).error).toBe(reason);
    await north.gates.cancelled('a');
  });

  test('serves two listens of one id, and lets each go by itself', async () => {
    await using seat = modernAt(north.url);
    const stops = [new AbortController(), new AbortController()];
    const changed = stops.map(() => Promise.withResolvers<void>());
    const running = stops.map(({ signal }, index) => {
      const message = requestWith(
        'subscriptions/listen',
        { notifications: { toolsListChanged: true } },
        { id: '1' },
      );
      return tell(seat.channel, message, {
        signal,
        onMessage: ({ message: heard }) => {
          if (heard?.kind === 'notification' && heard.method.endsWith('list_changed'))
            changed[index]?.resolve();
        },
      });
    });
    await north.listens.atLeast(2);
    await north.changeTools();
    await Promise.all(changed.map(({ promise }) => promise));
    stops[0]?.abort(new Error('enough'));
    await north.listens.atMost(1);
    stops[1]?.abort(new Error('enough'));
    await north.listens.atMost(0);
    for (const outcome of await Promise.all(running)) {
      expect(noticesOf(outcome)).toEqual([
        'notifications/subscriptions/acknowledged',
        'notifications/tools/list_changed',
      ]);
    }
  });

  test('refuses a method that it does not know, with its status', async () => {
    await using seat = modernAt(north.url);
    const { heard } = await tell(seat.channel, requestWith('vendor/unknown'));
    expect(heard).toMatchObject([{ status: 404, message: { error: { code: -32601 } } }]);
  });
});

test('a workspace that was downgraded is found out, and opened as what it is', async () => {
  const eras = new Eras();
  await using http = quickHttp();
  const before = await startModern({ name: 'south' });
  const workspace = workspaceAt(before.url);
  await using opened = await openAt(before.url, { eras, http, workspace });
  if (opened.era !== 'modern') throw new Error('not modern');
  expect(await said(opened.channel, 'echo', { text: 'hi' })).toBe('south: hi');
  await before[Symbol.asyncDispose]();
  await using _after = await startModern({
    name: 'south',
    speaks: 'legacy',
    port: Number(new URL(before.url).port),
  });
  http.renew();
  const outcome = await tell(opened.channel, call('echo', { text: 'hi' }));
  expect(troubleOf(outcome, 'bad-answer', false)).toBeInstanceOf(EraChanged);
  await using again = await openAt(before.url, { eras, http, workspace });
  expect(again.era).toBe('legacy');
});

describe('on a bad line', () => {
  let proxy: FaultProxy;
  beforeAll(async () => {
    proxy = await startFaultProxy(Number(new URL(north.url).port));
  });
  afterAll(() => proxy[Symbol.asyncDispose]());
  const read = (channel: ModernChannel) => tell(channel, requestWith('prompts/list'));

  test('every byte alone still makes an answer', async () => {
    proxy.faults = () => ({ up: { drip: true }, down: { drip: true } });
    await using seat = modernAt(`${proxy.origin}/mcp`);
    answerOf(await read(seat.channel));
  });

  test.each(['reset', 'end'] as const)(
    'a %s before the answer has a read sent once more, a call not',
    async (by) => {
      const first = proxy.connections + 1;
      proxy.faults = (connection) => (connection === first ? { down: { after: { bytes: 0, by } } } : {});
      await using seat = modernAt(`${proxy.origin}/mcp`);
      answerOf(await read(seat.channel));
      proxy.faults = () => ({ down: { after: { bytes: 0, by } } });
      await using other = modernAt(`${proxy.origin}/mcp`);
      troubleOf(await tell(other.channel, call('echo', { text: 'hi' })), 'outcome-unknown', true);
    },
  );

  test.each(['reset', 'end'] as const)('an answer that is cut off by a %s is none', async (by) => {
    proxy.faults = () => ({ down: { after: { bytes: 250, by } } });
    await using seat = modernAt(`${proxy.origin}/mcp`);
    troubleOf(await read(seat.channel), 'outcome-unknown', true);
  });

  test('silence ends when the caller no longer waits', async () => {
    proxy.faults = () => ({ down: { after: { bytes: 0, by: 'stall' } } });
    await using seat = modernAt(`${proxy.origin}/mcp`);
    const stop = new AbortController();
    const running = tell(seat.channel, call('slow', { gate: 'b' }), { signal: stop.signal });
    await north.gates.reached('b');
    stop.abort(new Error('enough'));
    expect((await running).error).toBe(stop.signal.reason);
  });
});
