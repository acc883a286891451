import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RequestMessage } from '#bridge/jsonrpc/message.ts';
import type { UpMessage } from '#bridge/upstream/channel.ts';
import { Eras } from '#bridge/upstream/eras.ts';
import type { Waits } from '#bridge/upstream/http.ts';
import { EraChanged, type ModernChannel } from '#bridge/upstream/modern/channel.ts';
import { meta } from '#bridge/upstream/modern/envelope.ts';
import { answerOf, ask, quickHttp, troubleOf, workspaceAt } from '../asking.ts';
import { call, noticesOf, openAt, requestFrom, requestWith, saidIn, tell } from './asking.ts';

const SDK = join(import.meta.dirname, '../../workspaces/modern-command.ts');
const ODD = join(import.meta.dirname, 'odd-modern-command.ts');
const HELLO = '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}';

async function seatAt(
  file: string,
  args: readonly string[] = [],
  given: { eras?: Eras; waits?: Partial<Waits> } = {},
) {
  const upstream = { kind: 'command' as const, command: process.execPath, args: [file, ...args] };
  const workspace = workspaceAt(upstream, { signIn: { kind: 'none' } });
  const eras = given.eras ?? new Eras();
  const http = quickHttp({ shutdownMs: 1000, ...given.waits });
  const opened = await openAt(upstream, { eras, http, workspace }).catch(async (error: unknown) => {
    await http[Symbol.asyncDispose]();
    throw error;
  });
  return {
    opened,
    eras,
    workspace,
    get modern(): ModernChannel {
      if (opened.era !== 'modern') throw new Error('not modern');
      return opened.channel;
    },
    get legacy() {
      if (opened.era !== 'legacy') throw new Error('not legacy');
      return opened.channel;
    },
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await http[Symbol.asyncDispose]();
    },
  };
}

const resultOf = (answer: Record<string, unknown>) => answer.result as Record<string, unknown>;

describe('the era of a local command', () => {
  test.each(['both', 'modern'])('of the official SDK that speaks %s is modern', async (speaks) => {
    await using seat = await seatAt(SDK, [`--speaks=${speaks}`]);
    const answer = answerOf(await tell(seat.modern, call('echo', { text: 'hi' })));
    expect(saidIn(answer)).toBe('local: hi');
    expect(seat.eras.speaks(seat.workspace.account, 'modern')).toBe(true);
  });

  test('of the official SDK that speaks legacy is legacy, on the very pipe that was asked', async () => {
    await using seat = await seatAt(SDK, ['--speaks=legacy']);
    expect(answerOf(await ask(seat.legacy, 'initialize', { params: HELLO }))).toMatchObject({
      result: { protocolVersion: '2025-11-25' },
    });
    expect(seat.eras.speaks(seat.workspace.account, 'modern')).toBe(false);
  });

  test('is legacy when the probe is an error to it', async () => {
    await using seat = await seatAt(ODD, ['--probe=error']);
    answerOf(await ask(seat.legacy, 'initialize', { params: HELLO }));
  });

  test('is legacy after silence', async () => {
    await using seat = await seatAt(ODD, ['--probe=never'], { waits: { commandSilenceMs: 100 } });
    expect(seat.opened.era).toBe('legacy');
    expect(seat.eras.speaks(seat.workspace.account, 'modern')).toBe(false);
  });

  test('is known from a late answer, which nobody takes for another', async () => {
    await using seat = await seatAt(ODD, ['--probe=late'], { waits: { commandSilenceMs: 100 } });
    const outcome = await ask(seat.legacy, 'initialize', { params: HELLO, id: '7' });
    expect(answerOf(outcome)).toMatchObject({ id: 7, result: { protocolVersion: '2025-11-25' } });
    expect(outcome.heard).toHaveLength(1);
    expect(seat.eras.speaks(seat.workspace.account, 'modern')).toBe(true);
  });

  test('stays unknown when it ends instead', async () => {
    const eras = new Eras();
    const error = await seatAt(ODD, ['--probe=end'], { eras }).catch((failure: unknown) => failure);
    expect(troubleOf({ heard: [], error }, 'refused', false).message).toContain('I end when asked that');
  });

  test('is asked again when it was another one than was believed', async () => {
    const eras = new Eras();
    const upstream = { kind: 'command' as const, command: process.execPath, args: [ODD, '--probe=error'] };
    const { account } = workspaceAt(upstream, { signIn: { kind: 'none' } });
    eras.learn(account, 'modern', true);
    await using seat = await seatAt(ODD, ['--probe=error'], { eras });
    const outcome = await tell(seat.modern, call('pid'));
    expect(troubleOf(outcome, 'bad-answer', false)).toBeInstanceOf(EraChanged);
    expect(eras.speaks(account, 'modern')).toBeUndefined();
  });

  test.each([
    ['says nothing to the probe', 'never', 'bad-answer'],
    ['ends on the probe', 'end', 'refused'],
  ] as const)('is no longer believed when a command started anew %s', async (_, probe, code) => {
    const eras = new Eras();
    const args = [`--probe=${probe}`];
    const upstream = { kind: 'command' as const, command: process.execPath, args: [ODD, ...args] };
    const { account } = workspaceAt(upstream, { signIn: { kind: 'none' } });
    eras.learn(account, 'modern', true);
    const waits = probe === 'never' ? { commandStartMs: 300 } : {};
    await using seat = await seatAt(ODD, args, { eras, waits });
    const outcome = await tell(seat.modern, call('pid'));
    expect(troubleOf(outcome, code, false) instanceof EraChanged).toBe(probe === 'never');
    expect(eras.speaks(account, 'modern')).toBeUndefined();
  });
});

describe('what goes over the pipe', () => {
  test('keeps every byte but the id and the progress token, both ways', async () => {
    await using seat = await seatAt(ODD);
    const text = `{"extra":[1.0], "jsonrpc":"2.0","method":"tools/call","id":"a\\u0062","params":{"_meta":{"progressToken":"t\\u0031","n":12345678901234567890},"name":"line"}}`;
    const { heard } = await tell(seat.modern, requestFrom(text));
    const [one] = heard;
    const answer = one?.message?.kind === 'response' ? one.message.text : '';
    const line = text.replace('"a\\u0062"', '1').replace('"t\\u0031"', '1');
    const result = `{"resultType":"x-odd", "line":${JSON.stringify(line)},"n":12345678901234567890}`;
    expect(answer).toBe(`{"jsonrpc":"2.0","id":"a\\u0062","result":${result}}`);
  });

  test('two clients may use one id and one progress token at once', async () => {
    await using seat = await seatAt(SDK);
    const calls = ['a', 'b'].map((gate) => {
      const message = call('progress', { steps: 2, gate }, { id: '1', _meta: { progressToken: 'p' } });
      return tell(seat.modern, message);
    });
    for (const gate of ['b', 'a'])
      answerOf(await tell(seat.modern, call('open-gate', { gate }, { id: '1' })));
    for (const outcome of await Promise.all(calls)) {
      expect(answerOf(outcome)).toMatchObject({ id: 1 });
      const tokens = outcome.heard.flatMap(({ message }) =>
        message?.kind === 'notification' ? [message.params.progressToken] : [],
      );
      expect(tokens).toEqual(['p', 'p']);
    }
  });

  test('a withdrawn call is cancelled in the command, and only that one', async () => {
    await using seat = await seatAt(SDK);
    const stop = new AbortController();
    const reason = new Error('enough');
    const slow = (gate: string) => call('slow', { gate }, { id: '5' });
    const withdrawn = tell(seat.modern, slow('a'), { signal: stop.signal });
    const other = tell(seat.modern, slow('b'));
    answerOf(await tell(seat.modern, call('watch-gate', { gate: 'a', until: 'reached' })));
    stop.abort(reason);
    expect((await withdrawn).error).toBe(reason);
    answerOf(await tell(seat.modern, call('watch-gate', { gate: 'a', until: 'cancelled' })));
    answerOf(await tell(seat.modern, call('open-gate', { gate: 'b' })));
    answerOf(await other);
  });

  test('several listens take turns, each with its own events', async () => {
    await using seat = await seatAt(SDK);
    const stops = [new AbortController(), new AbortController()];
    const heard: UpMessage[][] = [[], []];
    const ready = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const changed = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const listen = (notifications: object): RequestMessage =>
      requestWith('subscriptions/listen', { notifications }, { id: '"mine"' });
    const listens = [{ toolsListChanged: true }, { promptsListChanged: true, toolsListChanged: true }].map(
      (notifications, index) =>
        tell(seat.modern, listen(notifications), {
          signal: stops[index]?.signal ?? AbortSignal.abort(),
          onMessage: (one) => {
            heard[index]?.push(one);
            if (one.message?.kind !== 'notification') return;
            if (one.message.method === 'notifications/subscriptions/acknowledged') ready[index]?.resolve();
            if (one.message.method === 'notifications/tools/list_changed') changed[index]?.resolve();
          },
        }),
    );
    await Promise.all(ready.map(({ promise }) => promise));
    answerOf(await tell(seat.modern, call('change', { list: 'prompts' })));
    answerOf(await tell(seat.modern, call('change', {})));
    await Promise.all(changed.map(({ promise }) => promise));
    for (const stop of stops) stop.abort(new Error('enough'));
    const [first, second] = (await Promise.all(listens)).map((outcome) => noticesOf(outcome));
    expect(first).toEqual(['notifications/subscriptions/acknowledged', 'notifications/tools/list_changed']);
    expect(second).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/prompts/list_changed',
      'notifications/tools/list_changed',
    ]);
    for (const { message } of heard.flat()) {
      const params = message?.kind === 'notification' ? message.params : {};
      expect(params._meta).toMatchObject({ [meta.subscriptionId]: 'mine' });
    }
  });

  test('the log goes to a request that asked for it', async () => {
    await using seat = await seatAt(SDK);
    const logged = await tell(
      seat.modern,
      call('log', { text: 'a' }, { _meta: { [meta.logLevel]: 'info' } }),
    );
    answerOf(logged);
    expect(noticesOf(logged)).toEqual(['notifications/message']);
  });
});

describe('a command that ends', () => {
  test('leaves the outcome of what runs unknown, and is started again by the next request', async () => {
    await using seat = await seatAt(ODD);
    const pidOf = async () => resultOf(answerOf(await tell(seat.modern, call('pid')))).pid;
    const before = await pidOf();
    expect(await pidOf()).toBe(before);
    const running = tell(seat.modern, call('quiet'));
    troubleOf(await tell(seat.modern, call('exit')), 'outcome-unknown', true);
    troubleOf(await running, 'outcome-unknown', true);
    const [one, other] = await Promise.all([pidOf(), pidOf()]);
    expect(one).toBe(other);
    expect(one).not.toBe(before);
  });

  test('is not started any more once the channel is closed', async () => {
    const seat = await seatAt(ODD);
    const { modern } = seat;
    const running = tell(modern, call('quiet'));
    await seat[Symbol.asyncDispose]();
    troubleOf(await running, 'outcome-unknown', true);
    troubleOf(await tell(modern, call('pid')), 'stopping', false);
  });
});
