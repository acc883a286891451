import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SessionLost, type UpMessage } from '#bridge/upstream/channel.ts';
import { connect } from '#bridge/upstream/connect.ts';
import { BridgeError } from '#contract/errors.ts';
import { answerOf, ask, quickHttp, workspaceAt } from './asking.ts';
import { type Hostile, type Scenario, startHostile } from './hostile.ts';
import { event, head, response, result, streamHead } from './raw-http.ts';
import { noSignal, notice, noticesIn, withSession } from './with-session.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

describe('the standing stream', () => {
  test('SS-14 SS-17 is opened again where it ended, ever more slowly while nothing comes', async () => {
    const controller = new AbortController();
    await using seat = await withSession(hostile, '/m/ss-17', ({ nth }, socket) => {
      if (nth === 10) controller.abort();
      const lines = nth === 4 ? event(notice('n'), { id: 'e7' }) : '';
      socket.end(streamHead() + lines);
    });
    const heard: UpMessage[] = [];
    await seat.channel.listen((message) => void heard.push(message), controller.signal);
    expect(noticesIn(heard)).toEqual(['n']);
    const seconds = [2, 4, 1, 2, 4, 8, 16, 30];
    expect(seat.pauses.map((ms, index) => Math.abs(ms / 1000 / (seconds[index] ?? 0) - 1) <= 0.21)).toEqual(
      seconds.map(() => true),
    );
    const ids = hostile
      .requests('/m/ss-17')
      .slice(1)
      .map(({ headers }) => headers['last-event-id']);
    expect(ids).toEqual([...Array(3).fill(undefined), ...Array(6).fill('e7')]);
  });

  test.runIf(process.platform === 'linux')(
    'SS-10 is asked by the system itself whether it still lives while it is silent',
    async () => {
      const opened = Promise.withResolvers<readonly (number | undefined)[]>();
      await using seat = await withSession(hostile, '/m/ss-10-alive', (_, socket) => {
        socket.write(streamHead());
        opened.resolve([socket.remotePort, socket.localPort]);
      });
      const controller = new AbortController();
      const listening = seat.channel.listen(() => undefined, controller.signal);
      const ports = await opened.promise;
      // The kernel's timer of a connection is 02 for keep-alive probes (Linux, proc_net_tcp).
      const ends = ports.map((port = 0) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`);
      const timerOf = (): string | undefined =>
        readFileSync('/proc/net/tcp', 'utf8')
          .split('\n')
          .map((line) => line.trim().split(/\s+/))
          .find(([, ...addresses]) => ends.every((end, index) => addresses[index]?.endsWith(end)))?.[5];
      while (!timerOf()?.startsWith('02')) await turn();
      controller.abort();
      await listening;
    },
  );

  test('is there before the first call, whose question may come on it; one that never opens holds up nothing', async () => {
    const order: string[] = [];
    for (const path of ['/m/standing-first', '/m/standing-never']) {
      const controller = new AbortController();
      const seat = await withSession(hostile, path, ({ rpc, id }, socket) => {
        if (rpc === 'tools/call') {
          order.push('call');
          return void socket.write(response(200, result(id), { 'content-type': 'application/json' }));
        }
        if (path === '/m/standing-never') return;
        setTimeout(() => {
          order.push('stream');
          socket.write(streamHead());
        }, 50);
      });
      void seat.channel.listen(() => undefined, controller.signal).catch(() => undefined);
      answerOf(await ask(seat.channel, 'tools/call'));
      controller.abort();
      await seat[Symbol.asyncDispose]();
    }
    expect(order).toEqual(['stream', 'call', 'call']);
  });

  test.each([
    ['is asked for once more by who came too early for it', 1, ['n']],
    ['is given up where it is refused again', 2, []],
  ])('%s', async (_, refusals, expected) => {
    const controller = new AbortController();
    let asked = 0;
    await using seat = await withSession(hostile, `/m/standing-400-${refusals}`, (_heard, socket) => {
      asked += 1;
      if (asked <= refusals) return void socket.write(response(400, 'Not initialized'));
      socket.write(streamHead() + event(notice('n')));
    });
    const heard: UpMessage[] = [];
    const listening = seat.channel.listen((message) => {
      heard.push(message);
      controller.abort();
    }, controller.signal);
    await listening.catch(() => undefined);
    expect(noticesIn(heard)).toEqual(expected);
    expect(asked).toBe(2);
  });

  test('is not given up for refusals that lie apart', async () => {
    const answers = ['', 'one', '', 'two', '', 'three', '', ''];
    let asked = 0;
    await using seat = await withSession(hostile, '/m/standing-400-apart', (_heard, socket) => {
      const said = answers[asked] ?? '';
      asked += 1;
      if (said === '') socket.write(response(400, 'Not now'));
      else socket.end(streamHead() + event(notice(said)));
    });
    const heard: UpMessage[] = [];
    await seat.channel.listen((message) => void heard.push(message), noSignal());
    expect(noticesIn(heard)).toEqual(['one', 'two', 'three']);
    expect(asked).toBe(answers.length);
  });

  test('is opened again after it outgrew its cap or was reset', async () => {
    const controller = new AbortController();
    await using seat = await withSession(hostile, '/m/standing-large', ({ nth }, socket) => {
      if (nth === 2) socket.write(`${streamHead()}data: ${'x'.repeat(17 << 20)}`);
      else if (nth === 3) socket.write(streamHead(), () => setImmediate(() => socket.resetAndDestroy()));
      else socket.write(streamHead() + event(notice('n')));
    });
    const heard: UpMessage[] = [];
    await seat.channel
      .listen((message) => {
        heard.push(message);
        controller.abort();
      }, controller.signal)
      .catch(() => undefined);
    expect(noticesIn(heard)).toEqual(['n']);
  });

  test('comes back after 401s that cannot be renewed right now, asked for ever more slowly', async () => {
    const controller = new AbortController();
    const scenario: Scenario = ({ nth }, socket) => {
      if (nth < 9) return void socket.write(response(401));
      socket.end(streamHead() + event(notice('back')));
    };
    let asked = 0;
    const renewed = async (): Promise<boolean> => {
      asked += 1;
      if (asked % 3 === 0) throw new BridgeError('unreachable', 'Not now.');
      return asked % 3 === 1;
    };
    await using seat = await withSession(hostile, '/m/standing-401', scenario, {
      renewed,
      headers: otherEachTime(),
    });
    const heard: UpMessage[] = [];
    await seat.channel
      .listen((message) => {
        heard.push(message);
        controller.abort();
      }, controller.signal)
      .catch(() => undefined);
    expect(noticesIn(heard)).toEqual(['back']);
    expect(asked).toBe(7);
    const seconds = [2, 4, 8, 16, 30, 30, 30];
    expect(seat.pauses.map((ms, index) => Math.abs(ms / 1000 / (seconds[index] ?? 0) - 1) <= 0.21)).toEqual(
      seconds.map(() => true),
    );
  });

  test('that is refused to headers which are good for messages says nothing of the sign-in', async () => {
    const controller = new AbortController();
    const scenario: Scenario = ({ nth }, socket) => {
      if (nth < 4) return void socket.write(response(401));
      socket.end(streamHead() + event(notice('back')));
    };
    const renewed = (): Promise<boolean> => expect.unreachable();
    const headers = async () => ({ authorization: 'Bearer same' });
    await using seat = await withSession(hostile, '/m/standing-401-alone', scenario, { renewed, headers });
    await seat.channel.listen(() => controller.abort(), controller.signal).catch(() => undefined);
    expect(seat.pauses).toHaveLength(2);
  });

  test('of an account whose credential cannot be renewed ends with a 401', async () => {
    await using seat = await withSession(hostile, '/m/standing-401-key', (_, socket) => {
      socket.write(response(401));
    });
    await seat.channel.listen(() => undefined, noSignal());
    expect(hostile.requests('/m/standing-401-key')).toHaveLength(2);
  });

  test('a 401 is let go of even when it cannot be renewed', async () => {
    const closed = Promise.withResolvers<void>();
    const controller = new AbortController();
    const unfinished: Scenario = (_, socket) => {
      socket.on('close', () => closed.resolve());
      socket.write(head(401, { 'content-length': '1000' }));
    };
    const renewed = async (): Promise<boolean> => {
      controller.abort();
      throw new BridgeError('unreachable', 'Not now.');
    };
    await using seat = await withSession(hostile, '/m/standing-401-body', unfinished, {
      renewed,
      headers: otherEachTime(),
    });
    await seat.channel.listen(() => undefined, controller.signal);
    await closed.promise;
  });

  test('ends with its session, and where there is none', async () => {
    await using seat = await withSession(
      hostile,
      '/m/standing-404',
      (_, socket) => void socket.write(response(404)),
    );
    await expect(seat.channel.listen(() => undefined, noSignal())).rejects.toThrow(SessionLost);
    const url = hostile.on('/m/standing-none', (_, socket) => void socket.write(response(404)));
    await using http = quickHttp();
    await connect(workspaceAt(url), http).listen(() => undefined, noSignal());
    expect(hostile.requests('/m/standing-none')).toHaveLength(1);
  });
});

/** Headers as those of an account whose token was renewed in between. */
function otherEachTime(): () => Promise<Readonly<Record<string, string>>> {
  let nth = 0;
  return async () => {
    nth += 1;
    return { authorization: `Bearer ${nth}` };
  };
}
