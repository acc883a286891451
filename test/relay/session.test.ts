import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { shakesHands, startScripted } from './scripted.ts';
import { accountFor, type Heard, Room, type Seat } from './seat.ts';

let workspace: PlainWorkspace;
let room: Room;
let seat: Seat;

beforeEach(async () => {
  workspace = await startPlain({ name: 'w', resumable: true, retryMs: 500 });
  room = new Room([accountFor(workspace.url, 'account')]);
  seat = room.seat();
});

afterEach(async () => {
  await room[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const call = (id: string, name = 'echo', given = '{"text":"x"}'): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}","arguments":${given}}}`;

describe('ids', () => {
  test.each([
    '9007199254740993',
    '1.0',
    '1e2',
    '-0',
    '"1"',
    '"\\u0061"',
    '0',
    '123456789012345678901234567890',
  ])('JR-10 JR-11 the answer to id %s carries exactly that text', async (id) => {
    await seat.greet();
    const answer = await seat.send(call(id));
    expect(answer).toMatch(/"w: x"/);
    const written = /"id":((?:"(?:[^"\\]|\\.)*")|[^,}]+)/.exec(answer ?? '')?.[1];
    expect(written).toBe(id);
  });

  test('JR-13 "1" and 1 are two requests', async () => {
    await seat.greet();
    const [text, number] = await Promise.all([seat.send(call('"1"')), seat.send(call('1'))]);
    expect(text).toContain('"id":"1"');
    expect(number).toContain('"id":1');
  });

  test('JR-14 JR-15 an id in use is refused, and free again afterwards', async () => {
    await seat.greet();
    const first = seat.send(call('7', 'slow', '{"gate":"g"}'));
    await workspace.gates.reached('g');
    expect(JSON.parse((await seat.send(call('7'))) ?? '')).toMatchObject({ id: 7, error: { code: -32600 } });
    workspace.gates.release('g');
    expect(await first).toContain('done waiting');
    expect(await seat.send(call('7'))).toContain('w: x');
  });
});

describe('what the client sends arrives as it was', () => {
  test('JR-35 JR-30 JR-32 numbers, escapes and unknown members keep their bytes', async () => {
    await seat.greet();
    const message = `{"jsonrpc":"2.0","id":5,"x-unknown":[1],"method":"tools/call","params":{"name":"echo","arguments":{"text":"\\ud800 \u2028 é","n":1E999,"big":123456789012345678901234567890}}}`;
    await seat.send(message);
    expect(workspace.requests.calls('echo').at(-1)?.text).toBe(message);
  });

  test('JR-41 an unknown method is forwarded, and its answer comes back', async () => {
    await seat.greet();
    expect((await seat.ask('foo/bar', { a: 1 })).error?.code).toBe(-32601);
    expect(workspace.requests.withMethod('foo/bar')).toHaveLength(1);
  });

  test('an error of the workspace keeps its code and data', async () => {
    await seat.greet();
    const answer = await seat.ask('tools/call', { name: 'fail', arguments: { how: 'error' } });
    expect(answer.error).toEqual({
      code: -32050,
      message: 'w: no',
      data: { reason: 'asked-to', workspace: 'w' },
    });
  });

  test('JR-44 a cancelled call is cancelled in the workspace and gets no answer', async () => {
    await seat.greet();
    const running = seat.send(call('9', 'slow', '{"gate":"g"}'));
    await workspace.gates.reached('g');
    await seat.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } });
    await workspace.gates.cancelled('g');
    expect(await running).toBeUndefined();
    expect(room.activity.at(-1)?.outcome).toBe('cancelled');
  });

  test('JR-43 cancelling an unknown, a finished or another client’s request changes nothing', async () => {
    const other = room.seat();
    for (const client of [seat, other]) await client.greet();
    const running = other.send(call('9', 'slow', '{"gate":"g"}'));
    await workspace.gates.reached('g');
    await seat.send(call('7'));
    for (const requestId of ['nobody', 7, 9, null, {}, undefined]) {
      await seat.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });
    }
    expect(workspace.requests.withMethod('notifications/cancelled')).toHaveLength(0);
    workspace.gates.release('g');
    expect(await running).toContain('done waiting');
    expect(await seat.call('echo', { text: 'fine' })).toBe('w: fine');
  });
});

describe('the handshake', () => {
  test('JR-45 a request before initialize is refused', async () => {
    expect((await seat.ask('tools/list')).error?.code).toBe(-32600);
    expect(workspace.requests.all).toHaveLength(0);
  });

  test('JR-46 initialize again starts a fresh workspace session and ends the old one', async () => {
    await seat.greet();
    await seat.greet();
    expect(await seat.call('echo', { text: 'second' })).toBe('w: second');
    await workspace.requests.until(({ method }) => method === 'DELETE');
    expect(workspace.openSessions).toBe(1);
  });

  test('JR-47 a version that is no text, or missing, is refused; an ancient one is negotiated', async () => {
    for (const given of [{ protocolVersion: 5 }, { protocolVersion: null }, {}]) {
      const { error } = await seat.ask('initialize', { ...given, capabilities: {} });
      expect(error).toMatchObject({ code: -32602, data: { supported: ['2025-11-25'] } });
    }
    expect((await seat.greet({}, '1900-01-01')).result?.protocolVersion).toBe('2025-11-25');
  });

  test('a client of both eras is told to shake hands, and its probe starts no session', async () => {
    const probe = await seat.ask('server/discover', {
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    });
    expect(probe.error?.code).toBe(-32601);
    expect(workspace.requests.all.map(({ rpc }) => rpc?.method)).toEqual(['server/discover']);
    expect((await seat.greet()).result?.protocolVersion).toBe('2025-11-25');
  });

  test('a workspace that cannot be reached does not cost the client its connection', async () => {
    const port = Number(new URL(workspace.url).port);
    await workspace[Symbol.asyncDispose]();
    const welcome = await seat.greet();
    expect(welcome.result?.protocolVersion).toBe('2025-11-25');
    expect((await seat.ask('tools/call', { name: 'echo' })).error?.code).toBe(-31002);
    await using back = await startPlain({ name: 'back', port });
    expect(await seat.call('echo', { text: 'hello' })).toBe('back: hello');
    expect(back.openSessions).toBe(1);
  });

  test('ping is answered here, also while the workspace is away', async () => {
    await seat.greet();
    expect((await seat.ask('ping')).result).toEqual({});
    expect(workspace.requests.withMethod('ping')).toHaveLength(0);
  });

  test('JR-05 a batch is answered as one array in 2025-03-26 and refused in other versions', async () => {
    const batch = '[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]';
    await seat.greet();
    expect(JSON.parse((await seat.send(batch)) ?? '')).toMatchObject({ error: { code: -32600 } });
    const old = room.seat();
    await old.greet({}, '2025-03-26');
    const answers = JSON.parse((await old.send(batch)) ?? '[]') as Heard[];
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2]);
  });
});

describe('what the workspace asks', () => {
  test.each(['call', 'standing'])(
    'SS-12 a question on the %s stream is renumbered and answered',
    async (stream) => {
      seat.onQuestion = () => ({ action: 'accept', content: { answer: 'yes' } });
      await seat.greet({ elicitation: {} });
      await workspace.streams.atLeast(1);
      expect(await seat.call('ask', { question: 'ok?', stream })).toContain('yes');
    },
  );

  test('SS-12 a question the client cannot answer is refused here', async () => {
    await seat.greet({});
    const answer = await seat.call('sample', { text: 'complete me' });
    expect(answer).not.toContain('done');
    expect(seat.pushed.filter(({ method }) => method === 'sampling/createMessage')).toEqual([]);
  });
});

describe('streams that break', () => {
  test('SS-03 the bridge itself resumes for a client on stdio, and the answer comes once', async () => {
    await seat.greet();
    const running = seat.call('slow', { gate: 'g', hangUp: true });
    await workspace.gates.reached('g');
    workspace.gates.release('g');
    expect(await running).toBe('w: done waiting');
    expect(seat.answers.filter((answer) => answer.includes('done waiting'))).toHaveLength(1);
  });
});

describe('rules', () => {
  test('TP-01 a denied tool never reaches the workspace and is in the log', async () => {
    const account = accountFor(workspace.url, 'ruled', { rules: { readOnly: false, deny: ['echo'] } });
    await using strict = new Room([account]);
    const client = strict.seat();
    await client.greet();
    const answer = await client.ask('tools/call', { name: 'echo', arguments: { text: 'x' } });
    expect(answer.error).toMatchObject({ code: -31014, data: { source: 'bridge', mayHaveRun: false } });
    expect(workspace.requests.calls('echo')).toHaveLength(0);
    expect(strict.activity.at(-1)).toMatchObject({ outcome: 'blocked', target: 'echo', account: account.id });
    const list = await client.ask('tools/list');
    expect(JSON.stringify(list.result)).not.toContain('"echo"');
    expect(JSON.stringify(list.result)).toContain('"whoami"');
  });

  test('a read-only account lets reading tools through and nothing else', async () => {
    const account = accountFor(workspace.url, 'reader', { rules: { readOnly: true, deny: [] } });
    await using strict = new Room([account]);
    const client = strict.seat();
    await client.greet();
    expect((await client.ask('tools/call', { name: 'echo', arguments: { text: 'x' } })).error?.code).toBe(
      -31014,
    );
    await client.ask('tools/list');
    expect(await client.call('echo', { text: 'x' })).toBe('w: x');
    expect(await client.call('fail', {})).toContain('error -31014');
    expect(workspace.requests.calls('fail')).toHaveLength(0);
  });

  test.each(['tools/call', 'Tools/Call', 'vendor/delete'])(
    'a %s without an id, which no rule looks at, stays here whatever the rules are',
    async (method) => {
      await seat.greet();
      const params = { name: 'echo', arguments: { text: 'x' } };
      expect(await seat.send({ jsonrpc: '2.0', method, params })).toBeUndefined();
      await seat.send({ jsonrpc: '2.0', method: 'notifications/of-the-vendor' });
      const told = workspace.requests.all.map(({ rpc }) => rpc?.method);
      expect(told).not.toContain(method);
      expect(told).toContain('notifications/of-the-vendor');
    },
  );

  test('pause stops everything but the connection', async () => {
    await seat.greet();
    room.paused = true;
    expect((await seat.ask('tools/list')).error?.code).toBe(-31013);
    expect(await seat.call('echo', { text: 'x' })).toContain('error -31013');
    expect((await seat.ask('ping')).result).toEqual({});
    room.paused = false;
    expect(await seat.call('echo', { text: 'x' })).toBe('w: x');
  });
});

describe('a call that has not left yet when the person', () => {
  const rules = { readOnly: true, deny: [] };
  test.each<[string, number, (room: Room) => void]>([
    ['pauses everything', -31013, (room) => Object.assign(room, { paused: true })],
    ['makes everything read-only', -31014, (room) => Object.assign(room, { readOnly: true })],
    [
      'makes its account read-only',
      -31014,
      (room) => {
        room.list = { ...room.list, accounts: room.list.accounts.map((one) => ({ ...one, rules })) };
      },
    ],
  ])('%s stays here', async (_, code, change) => {
    const shaking = Promise.withResolvers<void>();
    const shaken = Promise.withResolvers<void>();
    await using slow = await startScripted((arrival, response) => {
      const answer = (): void => {
        if (!shakesHands(arrival, response)) response.writeHead(500).end();
      };
      if (arrival.rpc?.method !== 'initialize') return answer();
      shaking.resolve();
      void shaken.promise.then(answer);
    });
    const [here, there] = [accountFor(workspace.url, 'here'), accountFor(slow.url, 'there')];
    await using people = new Room([here, there]);
    const client = people.seat();
    await client.greet();
    people.use(there);
    const called = client.call('write');
    await shaking.promise;
    change(people);
    shaken.resolve();
    expect(await called).toContain(`error ${code}`);
    expect(slow.requests.calls()).toEqual([]);
    expect(people.activity.at(-1)).toMatchObject({ target: 'write', account: there.id });
  });
});

describe('refusals of the workspace are put in words', () => {
  test.each([
    [401, -31001],
    [403, -31004],
    [500, -31012],
    [302, -31006],
  ])('%i on a call is error %i, with the account and the host', async (status, code) => {
    await seat.greet();
    workspace.answerNext({ status, when: ({ text }) => text.includes('tools/call') });
    const answer = await seat.ask('tools/call', { name: 'echo', arguments: { text: 'x' } });
    expect(answer.error?.code).toBe(code);
    expect(answer.error?.message.length).toBeLessThanOrEqual(300);
    expect(answer.error?.data).toMatchObject({
      source: 'bridge',
      account: 'account',
      host: new URL(workspace.url).host,
    });
  });

  test('UP-401f a refused credential rests, so that it does not drain the budget of good accounts', async () => {
    await seat.greet();
    workspace.answerNext({ status: 401, when: ({ text }) => text.includes('tools/call'), times: 100 });
    for (let round = 0; round < 10; round += 1) {
      expect(await seat.call('echo', { text: 'x' })).toContain('error -31001');
    }
    expect(workspace.requests.calls('echo')).toHaveLength(1);
  });

  test('UP-429b a long wait is told, and nothing more is sent until it is over', async () => {
    await seat.greet();
    workspace.answerNext({
      status: 429,
      headers: { 'retry-after': '600' },
      when: ({ text }) => text.includes('tools/call'),
    });
    const first = await seat.ask('tools/call', { name: 'echo', arguments: { text: 'x' } });
    expect(first.error).toMatchObject({ code: -31005, data: { retryAfterSeconds: 600 } });
    expect((await seat.ask('tools/call', { name: 'echo', arguments: { text: 'x' } })).error?.code).toBe(
      -31005,
    );
    expect(workspace.requests.calls('echo')).toHaveLength(1);
  });
});
