import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canary } from '../../canary/canary.ts';
import { type ModernWorkspace, startModern } from '../../workspaces/modern.ts';
import { accountFor, type Heard, Room } from '../seat.ts';
import { ModernClient, textOf } from './client.ts';

let workspace: ModernWorkspace;
let room: Room;
let client: ModernClient;

beforeEach(async () => {
  workspace = await startModern({ name: 'w' });
  room = new Room([accountFor(workspace.url, 'account')]);
  client = new ModernClient(room);
});

afterEach(async () => {
  await room[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const forwarded = () => workspace.requests.all.filter(({ rpc }) => rpc?.method !== 'server/discover');

describe('a request', () => {
  test('arrives byte for byte, with headers made from its body', async () => {
    const envelope =
      '{ "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"x":1e2}}';
    const text = `{"jsonrpc":"2.0", "id":5,"method":"tools/call","params":{"x-unknown":[1.0],"name":"echo","arguments":{"text":"\\u00e9 é","big":123456789012345678901234567890},"_meta":${envelope}}}`;
    const stdio = new ModernClient(room, { door: 'stdio' });
    expect(textOf(await stdio.send(text))).toBe('w: é é');
    const seen = workspace.requests.calls('echo').at(-1);
    expect(seen?.text).toBe(text);
    expect(seen?.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
    });
  });

  test.each(['9007199254740993', '1.0', '-0', '"1"', '"\\u0061"', '0', '123456789012345678901234567890'])(
    'with the id %s is answered with exactly that text',
    async (id) => {
      const stdio = new ModernClient(room, { door: 'stdio' });
      const text = stdio.write('tools/call', { name: 'echo', arguments: { text: 'x' } }, { id: 'ID' });
      const answer = await stdio.send(text.replace('"ID"', id));
      expect(textOf(answer)).toBe('w: x');
      const written = /"id":((?:"(?:[^"\\]|\\.)*")|[^,}]+)/.exec(answer.text)?.[1];
      expect(written).toBe(id);
    },
  );

  test('over stdio may not use an id that is in use; over HTTP several processes may', async () => {
    const stdio = new ModernClient(room, { door: 'stdio' });
    for (const [one, expected] of [
      [stdio, 'error -32600: This id is already in use.'],
      [client, 'w: x'],
    ] as const) {
      const slow = one.ask('tools/call', { name: 'slow', arguments: { gate: 'g' } }, { id: 7 });
      await workspace.gates.reached('g');
      const second = await one.ask('tools/call', { name: 'echo', arguments: { text: 'x' } }, { id: 7 });
      expect(textOf(second)).toBe(expected);
      workspace.gates.release('g');
      expect(textOf(await slow)).toBe('w: done waiting');
    }
  });

  test('without its envelope is refused, and nothing is sent', async () => {
    for (const meta of [
      { 'io.modelcontextprotocol/protocolVersion': undefined },
      { 'io.modelcontextprotocol/protocolVersion': 5 },
      { 'io.modelcontextprotocol/clientCapabilities': undefined },
      { 'io.modelcontextprotocol/clientCapabilities': [] },
    ]) {
      const answer = await client.ask('tools/list', {}, { meta });
      expect(answer).toMatchObject({ status: 400, error: { code: -32602 } });
    }
    expect(workspace.requests.all).toHaveLength(0);
  });

  test('whose headers say something else than its body is refused, and nothing is sent', async () => {
    const answer = await client.ask('tools/list', {}, { headers: { 'mcp-method': 'prompts/list' } });
    expect(answer).toMatchObject({ id: 1, status: 400, error: { code: -32020 } });
    expect(workspace.requests.all).toHaveLength(0);
  });

  test('hears progress and log before its answer, in order', async () => {
    const given = { name: 'progress', arguments: { steps: 3 } };
    const answer = await client.ask('tools/call', given, { meta: { progressToken: 'mine' } });
    expect(textOf(answer)).toBe('w: 3 steps');
    expect(answer.streamed).toBe(true);
    expect(answer.before.map(({ params }) => [params?.progressToken, params?.progress])).toEqual([
      ['mine', 1],
      ['mine', 2],
      ['mine', 3],
    ]);
  });

  test('of an unknown method is forwarded; the error comes back with its status', async () => {
    expect(await client.ask('foo/bar', { a: 1 })).toMatchObject({ status: 404, error: { code: -32601 } });
    expect(workspace.requests.withMethod('foo/bar')).toHaveLength(1);
  });

  test('that the workspace refuses keeps code and data', async () => {
    const answer = await client.call('fail', { how: 'error' });
    expect(answer.error).toEqual({
      code: -32050,
      message: 'w: no',
      data: { reason: 'asked-to', workspace: 'w' },
    });
  });

  test('is one row of the log', async () => {
    await client.call('echo', { text: 'x' });
    await client.call('fail', { how: 'error' });
    await client.call('fail', {});
    await client.ask('tools/list');
    expect(room.activity.map(({ method, target, outcome, code }) => [method, target, outcome, code])).toEqual(
      [
        ['tools/call', 'echo', 'ok', null],
        ['tools/call', 'fail', 'error', -32050],
        ['tools/call', 'fail', 'tool-error', null],
        ['tools/list', null, 'ok', null],
      ],
    );
  });

  test('tells who asks', async () => {
    const meta = { 'io.modelcontextprotocol/clientInfo': { name: 'other', version: '9' } };
    const slow = client.call('slow', { gate: 'g' });
    await workspace.gates.reached('g');
    await client.ask('tools/list', {}, { meta });
    workspace.gates.release('g');
    await slow;
    expect(room.activity.map((row) => row.client)).toEqual(['other 9', 'seat 2']);
    expect(room.sessions.list()).toMatchObject([
      { program: 'other 9', protocolVersion: '2026-07-28', calls: 2, door: 'http' },
    ]);
  });
});

describe('what is no request', () => {
  const send = (text: string) => client.send(text, new Map([['mcp-protocol-version', ['2026-07-28']]]));

  test('an answer, or several messages at once, is refused', async () => {
    const answer = '{"jsonrpc":"2.0","id":1,"result":{}}';
    expect(await send(answer)).toMatchObject({ status: 400, error: { code: -32600 } });
    expect(await send(`[${client.write('tools/list')}]`)).toMatchObject({
      status: 400,
      error: { code: -32600 },
    });
    expect(await send('{"jsonrpc":"1.0"}')).toMatchObject({ status: 400, error: { code: -32600 } });
  });

  test('a notification is taken and goes nowhere', async () => {
    expect((await send('{"jsonrpc":"2.0","method":"notifications/whatever"}')).text).toBe('');
    expect((await send('{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo"}}')).text).toBe('');
    expect(workspace.requests.all).toHaveLength(0);
  });
});

describe('what a client may keep', () => {
  test.each([
    ['tools/list', {}],
    ['prompts/list', {}],
    ['resources/list', {}],
    ['resources/templates/list', {}],
    ['resources/read', { uri: 'note://w/first' }],
    ['server/discover', {}],
  ])('is nothing of %s, though the workspace says for a minute and for all', async (method, params) => {
    const answer = await client.ask(method, params);
    expect(answer.result).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
  });
});

describe('a probe', () => {
  test('is answered by a workspace of the newer era, with all that the next account may have', async () => {
    await using bare = await startModern({ name: 'bare' });
    room.use(undefined);
    const account = accountFor(bare.url, 'bare');
    const body = ({ rpc }: { rpc?: { id?: unknown } | undefined }) =>
      `{"jsonrpc":"2.0","id":${JSON.stringify(rpc?.id)},"result":{"resultType":"complete","supportedVersions":["2026-07-28", "2027-01-01"],"capabilities":{"tools":{"x":1},"new":{}},"ttlMs":5,"cacheScope":"public","more":1.50}}`;
    bare.answerNext({ status: 200, headers: { 'content-type': 'application/json' }, body, times: 2 });
    room.list = { ...room.list, accounts: [...room.list.accounts, account] };
    room.use(account);
    const answer = await client.ask('server/discover', {}, { id: 1 });
    expect(answer.text).toBe(
      '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28", "2027-01-01"],"capabilities":{"tools":{"x":1,"listChanged":true},"new":{},"prompts":{"listChanged":true},"resources":{"listChanged":true}},"ttlMs":0,"cacheScope":"private","more":1.50}}',
    );
  });

  test('without an account is steered to the handshake, and a client that has none gets a welcome', async () => {
    room.use(undefined);
    expect(await client.ask('server/discover')).toMatchObject({ status: 400, error: { code: -32601 } });
    expect(room.activity).toHaveLength(0);
  });

  test('of an account that cannot be reached is steered too', async () => {
    await workspace[Symbol.asyncDispose]();
    expect(await client.ask('server/discover')).toMatchObject({ status: 400, error: { code: -32601 } });
  });
});

describe('without an account', () => {
  test('lists are empty and calls say what is missing', async () => {
    room.use(undefined);
    const list = await client.ask('tools/list');
    expect(list.result).toEqual({ resultType: 'complete', tools: [], ttlMs: 0, cacheScope: 'private' });
    expect((await client.call('echo', { text: 'x' })).error?.code).toBe(-31008);
    expect(workspace.requests.all).toHaveLength(0);
  });
});

describe('a list that the workspace does not have', () => {
  const absent = ({ rpc }: { rpc?: { id?: unknown } | undefined }) =>
    JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, error: { code: -32601, message: 'no prompts' } });
  const answerAbsent = (): void =>
    workspace.answerNext({
      status: 404,
      headers: { 'content-type': 'application/json' },
      body: absent,
      when: ({ rpc }) => rpc?.method === 'prompts/list',
    });

  test('is empty for a client that follows switches, which was told of all lists', async () => {
    answerAbsent();
    const answer = await client.ask('prompts/list');
    expect(answer.result).toEqual({ resultType: 'complete', prompts: [], ttlMs: 0, cacheScope: 'private' });
  });

  test('is unknown to a client of one account only', async () => {
    answerAbsent();
    const pinned = new ModernClient(room, { address: 'account' });
    expect(await pinned.ask('prompts/list')).toMatchObject({ status: 404, error: { code: -32601 } });
  });
});

describe('the rules of the person', () => {
  test('hide tools, and refuse their calls before anything is sent', async () => {
    const [account] = room.list.accounts;
    const strict = accountFor(workspace.url, 'account', { rules: { readOnly: true, deny: ['echo'] } });
    expect(account?.id).toBe(strict.id);
    room.list = { ...room.list, accounts: [strict] };
    const list = await client.ask('tools/list');
    const names = ((list.result?.tools ?? []) as { name: string }[]).map(({ name }) => name);
    expect(names).toContain('slow');
    expect(names).not.toContain('echo');
    expect(names).not.toContain('fail');
    expect((await client.call('echo', { text: 'x' })).error?.code).toBe(-31014);
    expect((await client.call('fail')).error?.code).toBe(-31014);
    expect(workspace.requests.calls()).toHaveLength(0);
    expect(room.activity.at(-1)?.outcome).toBe('blocked');
  });

  test('pause everything at once, but not a probe', async () => {
    room.paused = true;
    expect((await client.call('echo', { text: 'x' })).error?.code).toBe(-31013);
    const listening = await client.listen({ toolsListChanged: true });
    expect(listening.all).toHaveLength(1);
    expect(workspace.requests.all).toHaveLength(0);
    expect((await client.ask('server/discover')).result?.resultType).toBe('complete');
    expect(forwarded()).toHaveLength(0);
  });
});

test('a call does not leave when everything is paused while its workspace is found', async () => {
  const running = client.call('echo', { text: 'x' });
  await workspace.requests.until(({ rpc }) => rpc?.method === 'server/discover');
  room.paused = true;
  expect((await running).error?.code).toBe(-31013);
  expect(forwarded()).toHaveLength(0);
});

test('a secret in the refusal of a listen does not reach the client', async () => {
  const secret = canary('generic');
  room.withoutSecrets = (text) => text.replaceAll(secret, '[removed]');
  workspace.answerNext({
    status: 400,
    headers: { 'content-type': 'application/json' },
    when: ({ rpc }) => rpc?.method === 'subscriptions/listen',
    body: ({ rpc }) =>
      JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, error: { code: -32602, message: secret } }),
  });
  const listening = await client.listen({ resourceSubscriptions: ['note://w/first'] });
  expect(await listening.ended).toMatchObject({
    status: 400,
    error: { code: -32602, message: '[removed]' },
  });
});

test('a secret that the workspace echoes does not reach the client', async () => {
  const secret = canary('generic');
  room.withoutSecrets = (text) => text.replaceAll(secret, '[removed]');
  const answer = await client.call('echo', { text: secret });
  expect(textOf(answer)).toBe('w: [removed]');
});

describe('a client that', () => {
  const gone = async (door: 'stdio' | 'http', how: (c: ModernClient) => Promise<void>) => {
    const one = new ModernClient(room, { door, as: `leaver ${door}` });
    const running = one.ask('tools/call', { name: 'slow', arguments: { gate: 'g' } }, { id: 9 });
    await workspace.gates.reached('g');
    await how(one);
    await workspace.gates.cancelled('g');
    expect((await running).text).toBe('');
    expect(room.activity.at(-1)?.outcome).toBe('cancelled');
  };

  test('hangs up cancels its call in the workspace', async () => {
    await gone('http', async (one) => one.leave());
  });

  test('withdraws its call over stdio cancels it in the workspace', async () => {
    await gone('stdio', async (one) => {
      const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } };
      await one.send(JSON.stringify(cancelled));
    });
  });

  test('withdraws something unknown changes nothing', async () => {
    const stdio = new ModernClient(room, { door: 'stdio' });
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'nobody' } };
    await stdio.send(JSON.stringify(cancelled));
    expect(textOf(await stdio.call('echo', { text: 'fine' }))).toBe('w: fine');
  });

  test('asks while Gangway stops is answered, and its listens get their result', async () => {
    const listening = await client.listen({ toolsListChanged: true });
    const running = client.call('slow', { gate: 'g' });
    await workspace.gates.reached('g');
    await room.sessions[Symbol.asyncDispose]();
    expect((await running).error).toMatchObject({ code: -31010, data: { mayHaveRun: true } });
    const ended = await listening.ended;
    expect(ended.result?.resultType).toBe('complete');
    expect((ended.result?._meta as Heard['params'])?.['io.modelcontextprotocol/subscriptionId']).toBe(
      ended.id,
    );
  });
});

test('a client listens to a bounded number of things at once', async () => {
  const listens = await Promise.all(
    Array.from({ length: 64 }, () => client.listen({ toolsListChanged: true })),
  );
  const refused = await client.listen({ toolsListChanged: true });
  expect((await refused.ended).error?.code).toBe(-31005);
  listens[0]?.closing.abort();
  await listens[0]?.ended;
  const next = await client.listen({ toolsListChanged: true });
  expect(next.all[0]?.method).toBe('notifications/subscriptions/acknowledged');
});
