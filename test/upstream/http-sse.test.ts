import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SessionLost, type UpMessage } from '#bridge/upstream/channel.ts';
import { connect } from '#bridge/upstream/connect.ts';
import type { Waits } from '#bridge/upstream/http.ts';
import { BridgeError } from '#contract/errors.ts';
import { answerOf, ask, quickHttp, troubleOf, workspaceAt } from './asking.ts';
import { type Heard, type Hostile, startHostile } from './hostile.ts';
import { event, head, json, response, result, streamHead } from './raw-http.ts';

let hostile: Hostile;
let elsewhere: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
  elsewhere = await startHostile({ label: 'another origin' });
});
afterAll(async () => {
  expect(elsewhere.connections).toBe(0);
  await Promise.all([hostile[Symbol.asyncDispose](), elsewhere[Symbol.asyncDispose]()]);
});

const noSignal = (): AbortSignal => new AbortController().signal;
const notice = (text: string, token = 'null'): string =>
  `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"message":"${text}"}}`;
const noticesIn = (heard: readonly UpMessage[]): unknown[] =>
  heard.flatMap(({ message }) => (message?.kind === 'notification' ? [message.params.message] : []));

interface Served {
  /** Writes the endpoint event, or something else, on a fresh stream. */
  open?(stream: Socket, heard: Heard): void;
  /** Serves a POST; `stream` is the last stream that was opened. */
  post?(heard: Heard, stream: Socket, socket: Socket): void;
}

/** A channel for HTTP+SSE at a path of its own; the endpoint is the same path with `/post`. */
function seatAt(path: string, { open, post }: Served = {}, waits: Partial<Waits> = {}) {
  let stream: Socket | undefined;
  const url = hostile.on(path, (heard, socket) => {
    stream = socket;
    if (open) open(socket, heard);
    else socket.write(streamHead() + event(`${path}/post`, { event: 'endpoint' }));
  });
  hostile.on(`${path}/post`, (heard, socket) => {
    if (!stream) throw new Error('no stream');
    if (post) post(heard, stream, socket);
    else {
      socket.write(response(202));
      stream.write(event(result(heard.id)));
    }
  });
  const http = quickHttp(waits);
  const workspace = workspaceAt({ kind: 'sse', url });
  const channel = connect(workspace, http);
  return {
    channel,
    workspace,
    pauses: http.pauses,
    async [Symbol.asyncDispose]() {
      await channel[Symbol.asyncDispose]();
      await http[Symbol.asyncDispose]();
    },
  };
}

describe('HTTP+SSE', () => {
  test('a 401 whose credential cannot be renewed right now is let go of', async () => {
    const closed = Promise.withResolvers<void>();
    const url = hostile.on('/s/401-body', (_, socket) => {
      socket.on('close', () => closed.resolve());
      socket.write(head(401, { 'content-length': '1000' }));
    });
    const renewed = (): Promise<boolean> => Promise.reject(new BridgeError('unreachable', 'Not now.'));
    await using http = quickHttp();
    await using channel = connect({ ...workspaceAt({ kind: 'sse', url }), renewed }, http);
    expect((await ask(channel)).error).toMatchObject({ code: 'unreachable', message: 'Not now.' });
    await closed.promise;
  });

  test('answers come on the stream, in any order, each to its request, types of ids kept', async () => {
    const held: Heard[] = [];
    await using seat = seatAt('/s/order', {
      post: (heard, stream, socket) => {
        socket.write(response(202));
        if (held.push(heard) < 3) return;
        for (const one of held.reverse()) stream.write(event(result(one.id, JSON.stringify(one.id))));
      },
    });
    const ids = ['1', '"1"', '2'];
    const outcomes = await Promise.all(ids.map((id) => ask(seat.channel, 'tools/call', { id })));
    expect(outcomes.map((outcome) => answerOf(outcome).result)).toEqual(ids);
    expect(hostile.requests('/s/order')).toHaveLength(1);
    expect(seat.workspace.observed).toEqual([[200], [202], [202], [202]]);
  });

  test('UB-06 SS-08 second answers and answers to nobody are dropped', async () => {
    await using seat = seatAt('/s/twice', {
      post: ({ id }, stream, socket) => {
        socket.write(response(202));
        stream.write(event(result('"nobody"')) + event(result(id)) + event(result(id, '"second"')));
      },
    });
    for (const id of ['7', '"7"', '8']) {
      expect(answerOf(await ask(seat.channel, 'tools/call', { id })).result).toEqual({ ok: true });
    }
  });

  test('an answer that overtakes the response to its POST counts, whatever that response says', async () => {
    await using seat = seatAt('/s/overtaken', {
      post: ({ id }, stream, socket) => {
        stream.write(event(result(id)), () => socket.resetAndDestroy());
      },
    });
    answerOf(await ask(seat.channel));
    expect(hostile.requests('/s/overtaken/post')).toHaveLength(1);
  });

  test('progress goes to its request, everything else to the listener, unreadable events to nobody', async () => {
    await using seat = seatAt('/s/progress', {
      post: ({ id }, stream, socket) => {
        socket.write(response(202));
        stream.write(
          event('{bad') +
            event(notice('mine', '"p"')) +
            event(notice('else', '"q"')) +
            event(notice('none')) +
            event(result(id)),
        );
      },
    });
    const pushed: UpMessage[] = [];
    const ending = new AbortController();
    const outcome = await ask(seat.channel, 'tools/call', { params: '{"_meta":{"progressToken":"p"}}' });
    expect(noticesIn(outcome.heard)).toEqual(['mine']);
    const listening = seat.channel.listen((message) => {
      if (pushed.push(message) === 2) ending.abort();
    }, ending.signal);
    await listening;
    expect(noticesIn(pushed)).toEqual(['else', 'none']);
  });

  test('a receiver that fails ends its own request and nothing else', async () => {
    await using seat = seatAt('/s/receiver');
    const failing = seat.channel.request({
      bytes: Buffer.from('{"jsonrpc":"2.0","id":1,"method":"a"}'),
      id: '1',
      method: 'a',
      repeatable: true,
      signal: noSignal(),
      onMessage: () => Promise.reject(new Error('client gone')),
    });
    await expect(failing).rejects.toThrow('client gone');
    answerOf(await ask(seat.channel));
  });

  test('SS-02 when the stream ends, running requests have an unknown outcome and the session is lost', async () => {
    await using seat = seatAt('/s/ends', {
      post: (_, stream, socket) => socket.write(response(202), () => stream.end()),
    });
    troubleOf(await ask(seat.channel), 'outcome-unknown', true);
    expect((await ask(seat.channel)).error).toBeInstanceOf(SessionLost);
    await expect(seat.channel.send(Buffer.from('{}'), noSignal())).rejects.toThrow(SessionLost);
    await expect(seat.channel.resume('e', undefined, () => undefined, noSignal())).rejects.toThrow(
      SessionLost,
    );
    await seat.channel.listen(() => undefined, noSignal());
    expect(hostile.requests('/s/ends/post')).toHaveLength(1);
  });

  test('a request that is given up leaves the others alone', async () => {
    await using seat = seatAt('/s/abort', {
      post: ({ id }, stream, socket) => {
        socket.write(response(202));
        if (id !== '"held"') stream.write(event(result(id)));
      },
    });
    const controller = new AbortController();
    const held = ask(seat.channel, 'tools/call', { id: '"held"', signal: controller.signal });
    await hostile.until(({ path, id }) => path === '/s/abort/post' && id === '"held"');
    controller.abort(new Error('gone'));
    expect((await held).error).toMatchObject({ message: 'gone' });
    answerOf(await ask(seat.channel));
  });
});

describe('the endpoint', () => {
  test.each([
    ['another origin', () => `${elsewhere.origin}/post`],
    ['another scheme', () => hostile.origin.replace('http:', 'https:')],
    ['a script', () => 'javascript:alert(1)'],
    ['no address', () => 'http://'],
    ['another host, without a scheme', () => `//127.0.0.1:${elsewhere.port}/post`],
  ])('is not followed to %s', async (row, target) => {
    await using seat = seatAt(`/s/endpoint-${row.replaceAll(/\W+/g, '-')}`, {
      open: (stream) => void stream.write(streamHead() + event(target(), { event: 'endpoint' })),
    });
    expect(troubleOf(await ask(seat.channel), 'bad-answer', false).message).toContain(
      'Nothing was sent there',
    );
  });

  test.each<[row: string, open: Served['open'], code: 'bad-answer' | 'unreachable', says: RegExp]>([
    [
      'is a page',
      (stream) => void stream.write(response(200, '<html>', { 'content-type': 'text/html' })),
      'bad-answer',
      /does not speak HTTP\+SSE/,
    ],
    ['is nowhere', (stream) => void stream.write(response(404)), 'bad-answer', /Check the address/],
    [
      'moved',
      (stream) => void stream.write(response(307, '', { location: elsewhere.origin })),
      'bad-answer',
      /has moved to/,
    ],
    ['is JSON', (stream) => void stream.write(json('{}')), 'bad-answer', /does not speak HTTP\+SSE/],
    [
      'never comes',
      (stream) => void stream.write(`${streamHead()}: hello\n\n`),
      'bad-answer',
      /does not speak HTTP\+SSE on it/,
    ],
    [
      'does not come before the end',
      (stream) => void stream.end(streamHead()),
      'unreachable',
      /before anything was sent/,
    ],
  ])('that %s is told in words', async (row, open, code, says) => {
    await using seat = seatAt(
      `/s/no-endpoint-${row.replaceAll(/\W+/g, '-')}`,
      { ...(open && { open }) },
      { responseHeadMs: 200 },
    );
    expect(troubleOf(await ask(seat.channel), code).message).toMatch(says);
  });

  test('is asked for again after the workspace could not be reached', async () => {
    let refusals = 0;
    await using seat = seatAt('/s/again', {
      open: (stream, { nth }) => {
        if (nth <= 4) {
          refusals += 1;
          stream.resetAndDestroy();
        } else stream.write(streamHead() + event('/s/again/post', { event: 'endpoint' }));
      },
    });
    troubleOf(await ask(seat.channel), 'unreachable', false);
    troubleOf(await ask(seat.channel), 'unreachable', false);
    answerOf(await ask(seat.channel));
    expect(refusals).toBe(4);
  });
});

describe('a POST that is refused', () => {
  test.each([
    [401, 'sign-in-needed', 1],
    [403, 'refused', 1],
    [500, 'outcome-unknown', 1],
    [429, 'wait', 3],
    [307, 'bad-answer', 1],
  ] as const)('with %i is %s', async (status, code, tries) => {
    const path = `/s/refused-${status}`;
    await using seat = seatAt(path, { post: (_, _stream, socket) => void socket.write(response(status)) });
    troubleOf(await ask(seat.channel), code);
    expect(hostile.requests(`${path}/post`)).toHaveLength(tries);
  });

  test('UP-404a with 404 means that the session is gone', async () => {
    await using seat = seatAt('/s/refused-404', {
      post: (_, _stream, socket) => void socket.write(response(404)),
    });
    expect((await ask(seat.channel)).error).toBeInstanceOf(SessionLost);
  });

  test('UP-503b with 503 lets a read be sent again, and a lost connection too', async () => {
    await using seat = seatAt('/s/again-read', {
      post: ({ id, nth }, stream, socket) => {
        if (nth === 1) socket.resetAndDestroy();
        else if (nth === 2) socket.write(response(503));
        else socket.write(response(202), () => stream.write(event(result(id))));
      },
    });
    answerOf(await ask(seat.channel, 'tools/list'));
    expect(seat.pauses).toEqual([1000]);
  });

  test('NW-04 a call whose POST was cut off is not sent again', async () => {
    await using seat = seatAt('/s/cut', { post: (_, _stream, socket) => void socket.resetAndDestroy() });
    troubleOf(await ask(seat.channel), 'outcome-unknown', true);
    expect(hostile.requests('/s/cut/post')).toHaveLength(1);
  });

  test('an error page that never ends does not hold the call', async () => {
    await using seat = seatAt(
      '/s/endless',
      {
        post: (_, _stream, socket) => void socket.write(head(403, { 'content-length': '100000' })),
      },
      { bodyIdleMs: 100 },
    );
    troubleOf(await ask(seat.channel), 'refused');
  });
});
