import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SessionLost, type UpMessage } from '#bridge/upstream/channel.ts';
import { connect } from '#bridge/upstream/connect.ts';
import { answerOf, ask, askAt, quickHttp, troubleOf, workspaceAt } from './asking.ts';
import { type Heard, type Hostile, startHostile } from './hostile.ts';
import { chunk, event, response, result, streamHead } from './raw-http.ts';
import { noSignal, notice, noticesIn, withSession } from './with-session.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

describe('one response stream', () => {
  const good: readonly [row: string, lines: (heard: Heard) => string, notices: unknown[]][] = [
    ['SS-01 comments first', ({ id }) => `: keep-alive\n\n: keep-alive\n\n${event(result(id))}`, []],
    [
      'SS-05 an unreadable event first',
      ({ id }) => `data: {bad json\n\n${event(notice('n'))}${event(result(id))}`,
      ['n'],
    ],
    ['SS-07 CR', ({ id }) => `data: ${notice('n')}\r\rdata: ${result(id)}\r\r`, ['n']],
    ['SS-07 CR LF', ({ id }) => `data: ${notice('n')}\r\n\r\ndata: ${result(id)}\r\n\r\n`, ['n']],
    ['SS-07 a byte order mark', ({ id }) => `\ufeffdata: ${result(id)}\n\n`, []],
    [
      'SS-07 data of many lines',
      ({ id }) => `data: {"jsonrpc":"2.0",\ndata:  "id":${id},\ndata: "result":{}}\n\n`,
      [],
    ],
    [
      'SS-07 fields without a colon, unknown fields',
      ({ id }) => `data\nodd\nodd: x\n\n${event(result(id))}`,
      [],
    ],
    [
      'SS-07 another kind of event',
      ({ id }) => event(notice('no'), { event: 'foo' }) + event(result(id), { event: 'message' }),
      [],
    ],
    ['SS-07 an id with NUL', ({ id }) => event(result(id), { id: 'a\0b' }), []],
    [
      'SS-08 somebody else’s answer first',
      ({ id }) => event(result('"other"', '"foreign"')) + event(result(id)),
      [],
    ],
    ['SS-15 called latin1', ({ id }) => event(notice('é')) + event(result(id)), ['é']],
    ['UB-04 in an array', ({ id }) => event(`[${notice('n')},${result('"other"')},${result(id)}]`), ['n']],
  ];

  test.each(good)('%s', async (row, lines, notices) => {
    const path = `/m/${row.replaceAll(/\W+/g, '-')}`;
    const type = row.startsWith('SS-15') ? 'text/event-stream;charset=latin1' : 'Text/Event-Stream';
    const url = hostile.on(path, (heard, socket) => {
      socket.end(streamHead({ 'content-type': type }) + lines(heard));
    });
    const outcome = await askAt(url);
    expect(answerOf(outcome).result).not.toBe('foreign');
    expect(noticesIn(outcome.heard)).toEqual(notices);
    expect(outcome.end).toEqual({ kind: 'complete' });
  });

  test('events come one byte at a time as well', async () => {
    const url = hostile.on('/m/ss-drip', async ({ id }, socket) => {
      socket.write(streamHead());
      for (const byte of Buffer.from(event(notice('é👩‍🚀')) + event(result(id)))) {
        await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => resolve()));
      }
    });
    const outcome = await askAt(url);
    answerOf(outcome);
    expect(noticesIn(outcome.heard)).toEqual(['é👩‍🚀']);
  });

  test.each([
    ['SS-02 that ends without an answer', ''],
    ['SS-02 that ends after a notice', event(notice('n'))],
    ['SS-16 that ends within an event', `${event(notice('n'))}data: {"jsonrpc"`],
    ['SS-02 with an id, but without a session to continue in', event('', { id: 'e1' })],
  ])('%s: the outcome is unknown at once', async (row, lines) => {
    const path = `/m/${row.replaceAll(/\W+/g, '-')}`;
    const url = hostile.on(path, (_, socket) => void socket.end(streamHead() + lines));
    troubleOf(await askAt(url), 'outcome-unknown', true);
    expect(hostile.requests(path)).toHaveLength(1);
  });

  test('SS-16 a reset counts like an end', async () => {
    const url = hostile.on('/m/ss-16-reset', (_, socket) => {
      socket.write(`${streamHead()}${event(notice('n'))}data: {`, () =>
        setImmediate(() => socket.resetAndDestroy()),
      );
    });
    troubleOf(await askAt(url), 'outcome-unknown', true);
  });

  test.each([
    ['of one line', 'data: ', 'x'.repeat(1 << 20)],
    ['of a field nobody knows', '', 'x'.repeat(1 << 20)],
    ['of many lines, with comments between', '', `data: ${'x'.repeat(1 << 20)}\n: c\n`],
  ])('SS-06 an event %s is cut at 16 MB', async (row, start, megabyte) => {
    let written = 0;
    const url = hostile.on(`/m/ss-06-${row.replaceAll(/\W+/g, '-')}`, async (_, socket) => {
      socket.write(streamHead() + start);
      for (; written < 200 && !socket.destroyed; written += 1) {
        await new Promise<void>((resolve) => socket.write(megabyte, () => resolve()));
      }
    });
    expect(troubleOf(await askAt(url), 'too-large', true).message).toContain('larger than 16 MB');
    expect(written).toBeLessThan(40);
  });

  test('SS-09 a receiver that cannot keep up slows the workspace down', async () => {
    const flood = event(notice('x'.repeat(10_000))).repeat(100);
    let sent = 0;
    const url = hostile.on('/m/ss-09', async ({ id }, socket) => {
      socket.write(streamHead());
      for (; sent < 60; sent += 1) {
        await new Promise<void>((resolve) => socket.write(flood, () => resolve()));
      }
      socket.write(event(result(id)));
    });
    await using http = quickHttp();
    let count = 0;
    let sentMeanwhile = 0;
    let answered = false;
    const hold = new Promise<void>((resolve) => setTimeout(resolve, 150));
    await connect(workspaceAt(url), http).request({
      bytes: Buffer.from('{"jsonrpc":"2.0","id":7,"method":"tools/call"}'),
      id: '7',
      method: 'tools/call',
      repeatable: false,
      signal: noSignal(),
      onMessage: async ({ message }) => {
        if (message?.kind === 'response') {
          answered = true;
          return;
        }
        count += 1;
        if (count > 1) return;
        await hold;
        sentMeanwhile = sent;
      },
    });
    expect({ count, answered }).toEqual({ count: 6000, answered: true });
    expect(sentMeanwhile).toBeLessThan(30);
  });

  test('SS-10 a stream may be silent for ever: no timer of the HTTP client runs', async () => {
    const timers: unknown[] = [];
    const onCreate = (published: unknown): void => {
      const { request } = published as {
        request: { method: string; bodyTimeout: unknown; headersTimeout: unknown };
      };
      timers.push([request.method, request.bodyTimeout, request.headersTimeout]);
    };
    subscribe('undici:request:create', onCreate);
    try {
      await using seat = await withSession(
        hostile,
        '/m/ss-10',
        (_, socket) => void socket.write(response(405)),
      );
      await seat.channel.listen(() => undefined, noSignal());
      expect(timers).toEqual([
        ...[
          ['POST', 0, 60_000],
          ['GET', 0, 0],
        ],
      ]);
    } finally {
      unsubscribe('undici:request:create', onCreate);
    }
  });

  test('a stream that is given up by the client is closed', async () => {
    const closed = Promise.withResolvers<void>();
    const url = hostile.on('/m/ss-gone', (_, socket) => {
      socket.on('close', () => closed.resolve());
      socket.write(streamHead() + event(notice('n')));
    });
    const controller = new AbortController();
    await using http = quickHttp();
    const asked = ask(connect(workspaceAt(url), http), 'tools/call', { signal: controller.signal });
    await hostile.until(({ path }) => path === '/m/ss-gone');
    controller.abort(new Error('gone'));
    expect((await asked).error).toMatchObject({ message: 'gone' });
    await closed.promise;
  });

  test('what had come before a client gave the stream up is not handed over afterwards', async () => {
    const url = hostile.on('/m/ss-given-up', (_, socket) => {
      const events = [notice('one'), notice('two')].map((data) => chunk(event(data)));
      socket.write(streamHead({ 'transfer-encoding': 'chunked' }) + events.join(''));
    });
    const controller = new AbortController();
    const heard: UpMessage[] = [];
    await using http = quickHttp();
    const asked = connect(workspaceAt(url), http).request({
      bytes: Buffer.from('{"jsonrpc":"2.0","id":8,"method":"tools/call"}'),
      id: '8',
      method: 'tools/call',
      repeatable: false,
      signal: controller.signal,
      onMessage: (message) => {
        heard.push(message);
        controller.abort(new Error('gone'));
      },
    });
    await expect(asked).rejects.toThrow('gone');
    expect(noticesIn(heard)).toEqual(['one']);
  });
});

describe('a stream that broke after an event id', () => {
  test('SS-03 is continued with Last-Event-ID, and the answer comes once', async () => {
    await using seat = await withSession(hostile, '/m/ss-03', ({ method, id }, socket) => {
      if (method === 'POST')
        socket.end(streamHead() + event('', { id: 'é1', retry: '500' }) + event(notice('one'), { id: 'é2' }));
      else
        socket.end(
          streamHead() +
            event(notice('two'), { id: 'é3' }) +
            event(result('"r"')) +
            event(result('"r"', '"again"')) +
            id,
        );
    });
    const outcome = await ask(seat.channel, 'tools/call', { id: '"r"' });
    expect(outcome.end).toEqual({ kind: 'resumable', lastEventId: 'é2', retryMs: 500 });
    const heard = [...outcome.heard];
    const end = await seat.channel.resume('é2', '"r"', (message) => void heard.push(message), noSignal());
    expect(end).toEqual({ kind: 'complete' });
    expect(answerOf({ heard }).result).toEqual({ ok: true });
    expect(noticesIn(heard)).toEqual(['one', 'two']);
    expect(heard.map(({ eventId, retryMs }) => [eventId, retryMs]).slice(0, 2)).toEqual([
      ['é1', 500],
      ['é2', undefined],
    ]);
    const [, , get] = hostile.requests('/m/ss-03');
    expect(Buffer.from(get?.headers['last-event-id'] ?? '', 'latin1').toString()).toBe('é2');
    expect(get?.headers['mcp-session-id']).toBe('session-1');
  });

  test.each([
    ['0', 500],
    ['-5', 1000],
    ['abc', 1000],
    ['1000000000000', 30_000],
    ['1e12', 1000],
    ['700', 700],
  ])('SS-04 retry: %s is %i ms', async (retry, retryMs) => {
    await using seat = await withSession(hostile, `/m/ss-04-${retry}`, (_, socket) => {
      socket.end(`${streamHead()}retry: ${retry}\nid: e1\ndata:\n\n`);
    });
    expect((await ask(seat.channel)).end).toEqual({ kind: 'resumable', lastEventId: 'e1', retryMs });
  });

  test('an event with an id and no data counts', async () => {
    await using seat = await withSession(hostile, '/m/ss-id-only', (_, socket) => {
      socket.end(`${streamHead()}id: e1\n\nid: e2\n\nretry: 600\n\n`);
    });
    const outcome = await ask(seat.channel);
    expect(outcome.end).toEqual({ kind: 'resumable', lastEventId: 'e2', retryMs: 600 });
    expect(outcome.heard.map(({ eventId }) => eventId)).toEqual(['e1', 'e2']);
  });

  test('SS-16 is asked for again while the workspace has a fault, then its rest is lost', async () => {
    await using seat = await withSession(hostile, '/m/ss-16-fault', ({ nth }, socket) => {
      if (nth === 2) socket.resetAndDestroy();
      else socket.write(response(nth === 3 ? 429 : 503));
    });
    await expect(seat.channel.resume('e1', '1', () => undefined, noSignal())).rejects.toMatchObject({
      code: 'outcome-unknown',
      details: { mayHaveRun: true },
    });
    expect(seat.pauses).toEqual([1000, 2000, 4000, 8000]);
  });

  test.each([
    ['ended with its session', 404, SessionLost],
    ['cannot be continued there', 405, expect.objectContaining({ code: 'outcome-unknown' })],
    ['is unknown there', 400, expect.objectContaining({ code: 'outcome-unknown' })],
  ])('%s is not asked for again', async (row, status, error) => {
    const path = `/m/resume-${status}`;
    await using seat = await withSession(hostile, path, (_, socket) => void socket.write(response(status)));
    const resumed = seat.channel.resume('e1', '1', () => undefined, noSignal());
    if (error === SessionLost) await expect(resumed).rejects.toThrow(SessionLost);
    else await expect(resumed, row).rejects.toEqual(error);
    expect(hostile.requests(path)).toHaveLength(2);
  });
});
