import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '#bridge/upstream/connect.ts';
import { answerOf, ask, quickHttp, troubleOf, workspaceAt } from './asking.ts';
import { type Hostile, type Scenario, startHostile } from './hostile.ts';
import { json, response, result } from './raw-http.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

/** Asks once; says what came of it, what was waited for, and how often the workspace was asked. */
async function asked(
  path: string,
  scenario: Scenario,
  how: Parameters<typeof ask>[2] & { method?: string } = {},
) {
  const url = hostile.on(path, scenario);
  await using http = quickHttp();
  const workspace = workspaceAt(url);
  const outcome = await ask(connect(workspace, http), how.method ?? 'tools/call', how);
  return { outcome, pauses: http.pauses, tries: hostile.requests(path), observed: workspace.observed };
}

const failing =
  (times: number, status: number, fields: [string, string][] = []): Scenario =>
  ({ id, nth }, socket) => {
    socket.write(nth <= times ? response(status, '', fields) : json(result(id)));
  };

describe('429 means refused, so even a call is sent again', () => {
  test('UP-429a after the two seconds that were asked for', async () => {
    const { outcome, pauses, tries } = await asked('/m/up-429a', failing(1, 429, [['retry-after', '2']]));
    answerOf(outcome);
    expect(pauses).toEqual([2000]);
    expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
  });

  test('UP-429a twice at most, and never longer than ten seconds in all', async () => {
    const { outcome, pauses, observed } = await asked(
      '/m/up-429a-five',
      failing(9, 429, [['retry-after', '5']]),
    );
    expect(troubleOf(outcome, 'wait', false).details.retryAfterSeconds).toBe(5);
    expect(pauses).toEqual([5000, 5000]);
    expect(observed).toEqual([[429], [429], [429, 5]]);
  });

  test('UP-429b ten minutes are not sat out', async () => {
    const { outcome, pauses, observed } = await asked(
      '/m/up-429b',
      failing(1, 429, [['retry-after', '600']]),
    );
    expect(troubleOf(outcome, 'wait').message).toContain('asks to wait 600 s');
    expect(pauses).toEqual([]);
    expect(observed).toEqual([[429, 600]]);
  });

  test.each([
    ['-1', [5000]],
    ['abc', [5000]],
    ['1e9', [5000]],
    ['Thu, 01 Jan 1970 00:00:00 GMT', [5000]],
    ['', [5000]],
    ['0', [5000]],
  ])('UP-429c nonsense and the past count as five seconds: %j', async (value, expected) => {
    const path = `/m/up-429c-${value.replaceAll(/\W+/g, '-')}`;
    const { outcome, pauses } = await asked(path, failing(1, 429, [['retry-after', value]]));
    answerOf(outcome);
    expect(pauses).toEqual(expected);
  });

  test.each([['Fri, 31 Dec 9999 23:59:59 GMT'], ['99999999999'], ['9'.repeat(400)]])(
    'UP-429c no wait is longer than an hour: %s',
    async (value) => {
      const { outcome } = await asked(
        `/m/up-429c-${value.length}`,
        failing(1, 429, [['retry-after', value]]),
      );
      expect(troubleOf(outcome, 'wait').details.retryAfterSeconds).toBe(3600);
    },
  );

  test('UP-429c of two values the first counts', async () => {
    const fields: [string, string][] = [
      ['retry-after', '1'],
      ['retry-after', '600'],
    ];
    const { outcome, pauses } = await asked('/m/up-429c-two', failing(1, 429, fields));
    answerOf(outcome);
    expect(pauses).toEqual([1000]);
  });

  test('UP-429d without a time: one second, two seconds, then it is told', async () => {
    const { outcome, pauses } = await asked('/m/up-429d', failing(9, 429));
    expect(troubleOf(outcome, 'wait').details.retryAfterSeconds).toBe(5);
    expect(pauses).toEqual([1000, 2000]);
  });

  test('a client that goes away while waiting is not waited for', async () => {
    const url = hostile.on('/m/up-429-gone', failing(9, 429, [['retry-after', '5']]));
    const controller = new AbortController();
    await using http = quickHttp();
    const real = Object.assign(http, {
      pause: (_: number, signal: AbortSignal) =>
        new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          controller.abort(new Error('gone'));
        }),
    });
    const outcome = await ask(connect(workspaceAt(url), real), 'tools/call', { signal: controller.signal });
    expect(outcome.error).toMatchObject({ message: 'gone' });
    expect(hostile.requests('/m/up-429-gone')).toHaveLength(1);
  });
});

describe('faults of the workspace', () => {
  test.each([
    ['UP-500', 500],
    ['UP-501', 501],
    ['UP-502', 502],
    ['UP-503b', 503],
    ['UP-504', 504],
    ['UP-505', 505],
    ['UP-507', 507],
    ['UP-508', 508],
  ])('%s: a read is sent once more after a second', async (_, status) => {
    for (const method of ['tools/list', 'ping', 'resources/read']) {
      const path = `/m/again-${status}-${method}`;
      const { outcome, pauses } = await asked(path, failing(1, status), { method });
      answerOf(outcome);
      expect(pauses).toEqual([1000]);
    }
  });

  test('UP-503a a read waits as it is told, a call does not', async () => {
    const fields: [string, string][] = [['retry-after', '3']];
    const read = await asked('/m/up-503a', failing(1, 503, fields), { method: 'tools/list' });
    answerOf(read.outcome);
    expect(read.pauses).toEqual([3000]);
    const call = await asked('/m/up-503a-call', failing(1, 503, fields));
    troubleOf(call.outcome, 'outcome-unknown', true);
    expect(call.tries).toHaveLength(1);
    const long = await asked('/m/up-503a-long', failing(1, 503, [['retry-after', '90']]), { method: 'ping' });
    expect(troubleOf(long.outcome, 'wait').details.retryAfterSeconds).toBe(90);
  });

  test('a call that carries an idempotency key is sent again like a read', async () => {
    const { outcome, tries } = await asked('/m/again-key', failing(1, 502), { repeatable: true });
    answerOf(outcome);
    expect(tries).toHaveLength(2);
  });

  test('UP-421 once more at once, on a connection of its own', async () => {
    const sockets: Socket[] = [];
    const scenario: Scenario = ({ id }, socket) => {
      sockets.push(socket);
      socket.write(sockets.length % 2 === 1 ? response(421) : json(result(id)));
    };
    const url = hostile.on('/m/again-421', scenario);
    await using http = quickHttp();
    const channel = connect(workspaceAt(url), http);
    answerOf(await ask(channel));
    answerOf(await ask(channel, 'tools/list'));
    expect(http.pauses).toEqual([0, 0]);
    const [first, second, third, fourth] = sockets;
    expect([first === second, first === third, third === fourth]).toEqual([false, true, false]);
  });

  test('UP-408 UP-425 once more at once, where nothing was carried out', async () => {
    answerOf((await asked('/m/again-425', failing(1, 425))).outcome);
    const read = await asked('/m/again-408', failing(1, 408), { method: 'tools/list' });
    answerOf(read.outcome);
    expect(read.pauses).toEqual([0]);
    const call = await asked('/m/again-408-call', failing(1, 408));
    troubleOf(call.outcome, 'outcome-unknown', true);
    expect(call.tries).toHaveLength(1);
  });

  test('a notification is sent again like a read, and its trouble is told', async () => {
    const url = hostile.on('/m/again-send', ({ nth }, socket) => {
      socket.write(response(nth === 1 ? 503 : nth === 2 ? 202 : 403));
    });
    await using http = quickHttp();
    const channel = connect(workspaceAt(url), http);
    const { signal } = new AbortController();
    const bytes = Buffer.from('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    await channel.send(bytes, signal);
    expect(hostile.requests('/m/again-send')).toHaveLength(2);
    await expect(channel.send(bytes, signal)).rejects.toMatchObject({ code: 'refused' });
  });

  test('the body that answers a notification may be anything', async () => {
    const url = hostile.on('/m/send-html', (_, socket) => {
      socket.write(response(200, '<html>', { 'content-type': 'text/html' }));
    });
    await using http = quickHttp();
    const channel = connect(workspaceAt(url), http);
    for (let count = 0; count < 3; count += 1) {
      await channel.send(Buffer.from('{"jsonrpc":"2.0","method":"a"}'), new AbortController().signal);
    }
    expect(hostile.requests('/m/send-html')).toHaveLength(3);
  });
});

test('a hundred calls at once, each refused once with 429, are all answered', async () => {
  const seen = new Set<string>();
  const url = hostile.on('/m/many', ({ id }, socket) => {
    const isFirst = !seen.has(id);
    seen.add(id);
    socket.write(isFirst ? response(429) : json(result(id)));
  });
  await using http = quickHttp();
  const channel = connect(workspaceAt(url), http);
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => ask(channel)));
  for (const outcome of outcomes) answerOf(outcome);
  expect(hostile.requests('/m/many')).toHaveLength(200);
});
