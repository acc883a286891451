import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PlainWorkspace, startPlain } from '../../workspaces/plain.ts';
import { ModernClient, said } from './modern-client.ts';

let workspace: PlainWorkspace;
let client: ModernClient;

beforeEach(async () => {
  workspace = await startPlain({ name: 'w', instructions: 'Be kind.' });
  client = new ModernClient(workspace.url);
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

describe('the envelope', () => {
  test.each([
    ['io.modelcontextprotocol/protocolVersion', undefined],
    ['io.modelcontextprotocol/clientCapabilities', undefined],
    ['io.modelcontextprotocol/clientCapabilities', 'all'],
    ['io.modelcontextprotocol/logLevel', 'loud'],
  ])('a request whose %s is %s is refused, and nothing is forwarded', async (key, value) => {
    const { answer, status } = await client.call('echo', { text: 'x' }, { meta: { [key]: value } });
    expect(answer.error?.code).toBe(-32602);
    expect(status).toBe(400);
    expect(workspace.requests.all).toEqual([]);
  });

  test('a version that is not spoken is refused with those that are', async () => {
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' };
    const { answer, status } = await client.ask('server/discover', {}, { meta });
    expect(answer.error).toMatchObject({
      code: -32022,
      data: { supported: ['2026-07-28'], requested: '2027-01-01' },
    });
    expect(status).toBe(400);
  });

  test('stays here: the workspace gets the request bare, with what belongs to the request itself', async () => {
    const meta = { traceparent: '00-1-2-01', 'com.example/x': [1e21, '1'] };
    await client.call('echo', { text: 'é\u2028' }, { meta, id: '"mine"' });
    const [seen] = workspace.requests.calls('echo');
    expect(seen?.text).not.toContain('io.modelcontextprotocol');
    expect(JSON.parse(seen?.text ?? '')).toMatchObject({
      params: { name: 'echo', arguments: { text: 'é\u2028' }, _meta: meta },
    });
  });

  test('an envelope that held nothing else leaves no empty _meta behind', async () => {
    await client.call('echo', { text: 'x' });
    expect(JSON.parse(workspace.requests.calls('echo')[0]?.text ?? '').params).toEqual({
      name: 'echo',
      arguments: { text: 'x' },
    });
  });
});

describe('server/discover', () => {
  test('says what the handshake said', async () => {
    const { answer } = await client.ask('server/discover');
    expect(answer.result).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      instructions: 'Be kind.',
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'w', version: '1.0.0' } },
    });
  });

  test('one session serves equal capabilities, another one others', async () => {
    await client.ask('server/discover', {}, { capabilities: { roots: {}, sampling: { tools: {} } } });
    await client.call('echo', { text: 'x' }, { capabilities: { sampling: { tools: {} }, roots: {} } });
    expect([workspace.openedSessions, client.connected]).toEqual([1, 0]);
    await client.call('echo', { text: 'x' }, { capabilities: {} });
    expect([workspace.openedSessions, client.connected]).toEqual([2, 1]);
  });

  test('the oldest idle session makes room for a ninth', async () => {
    for (let nth = 0; nth < 9; nth += 1) {
      await client.call('echo', { text: 'x' }, { capabilities: { experimental: { nth: { is: nth } } } });
    }
    await workspace.requests.until(({ method }) => method === 'DELETE');
    expect(workspace.openedSessions).toBe(9);
    expect(workspace.openSessions).toBe(8);
  });

  test('a session whose client wants tasks does not promise them', async () => {
    const extensions = { 'io.modelcontextprotocol/tasks': {}, 'com.example/y': {} };
    await client.ask('server/discover', {}, { capabilities: { extensions, tasks: { list: {} } } });
    const [seen] = workspace.requests.withMethod('initialize');
    expect(JSON.parse(seen?.text ?? '').params.capabilities).toEqual({ extensions: { 'com.example/y': {} } });
  });
});

describe('answers', () => {
  test('are complete, name the workspace, and carry the id of their request', async () => {
    const { answer, text } = await client.call('echo', { text: 'x' }, { id: '9007199254740993' });
    expect(text).toContain('"id":9007199254740993');
    expect(answer.result).toMatchObject({
      resultType: 'complete',
      content: [{ text: 'w: x' }],
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'w' } },
    });
    expect(answer.result).not.toHaveProperty('ttlMs');
  });

  test.each([
    ['tools/list', {}],
    ['prompts/list', {}],
    ['resources/list', {}],
    ['resources/templates/list', {}],
    ['resources/read', { uri: 'note://w/first' }],
  ])('%s must not be kept by the client', async (method, params) => {
    const { answer } = await client.ask(method, params);
    expect(answer.result).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
  });

  test('two requests of one id get their own answers', async () => {
    const first = client.call('slow', { gate: 'g' }, { id: '7' });
    await workspace.gates.reached('g');
    expect(said(await client.call('echo', { text: 'x' }, { id: '7' }))).toBe('w: x');
    workspace.gates.release('g');
    expect(said(await first)).toBe('w: done waiting');
  });

  test.each(['ping', 'initialize', 'logging/setLevel', 'resources/subscribe', 'tasks/list'])(
    '%s is no longer known, and not forwarded',
    async (method) => {
      const { answer, status } = await client.ask(method, { uri: 'note://w/first' });
      expect([answer.error?.code, status]).toEqual([-32601, 404]);
      expect(workspace.requests.all).toEqual([]);
    },
  );

  test('a method that the workspace does not know is not found over HTTP either', async () => {
    const { answer, status } = await client.ask('foo/bar', { a: 1 });
    expect([answer.error?.code, status]).toEqual([-32601, 404]);
    expect(workspace.requests.withMethod('foo/bar')).toHaveLength(1);
  });

  test('a missing resource has the code of the newer era', async () => {
    const { answer, status } = await client.ask('resources/read', { uri: 'note://w/third' });
    expect([answer.error?.code, status]).toEqual([-32602, undefined]);
    expect(answer.error?.data).toEqual({ uri: 'note://w/third' });
  });

  test('an error of the workspace keeps its code and data', async () => {
    const { answer } = await client.call('fail', { how: 'error' });
    expect(answer.error).toMatchObject({ code: -32050, data: { reason: 'asked-to' } });
  });

  test('a large answer arrives whole', async () => {
    expect(said(await client.call('big', { sizeBytes: 2 << 20 }))).toHaveLength(2 << 20);
  });
});

describe('progress', () => {
  test('comes on the stream of its request, with the token that the client chose', async () => {
    const [one, two] = await Promise.all([
      client.call('progress', { steps: 2 }, { token: 'a' }),
      client.call('progress', { steps: 1 }, { token: 'a' }),
    ]);
    expect(one.events.map(({ params }) => [params?.progressToken, params?.progress])).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
    expect(two.events).toHaveLength(1);
    const tokens = workspace.requests
      .calls('progress')
      .map(({ text }) => JSON.parse(text).params._meta.progressToken);
    expect(new Set(tokens).size).toBe(2);
  });
});

describe('a client that goes', () => {
  test('cancels its call in the workspace', async () => {
    const leaving = new AbortController();
    const call = client.call('slow', { gate: 'g' }, { signal: leaving.signal });
    await workspace.gates.reached('g');
    leaving.abort(new Error('left'));
    await expect(call).rejects.toThrow('left');
    await workspace.gates.cancelled('g');
    const cancelled = await workspace.requests.until(({ rpc }) => rpc?.method === 'notifications/cancelled');
    const [sent] = workspace.requests.calls('slow');
    expect(JSON.parse(cancelled.text).params.requestId).toBe(JSON.parse(sent?.text ?? '').id);
  });

  test('does not stop the handshake that others wait for', async () => {
    const leaving = new AbortController();
    const first = client.ask('server/discover', {}, { signal: leaving.signal });
    const second = client.ask('server/discover');
    leaving.abort(new Error('left'));
    await expect(first).rejects.toThrow('left');
    expect((await second).answer.result).toHaveProperty('supportedVersions');
    expect(workspace.openedSessions).toBe(1);
  });
});

describe('headers that repeat arguments', () => {
  const inputSchema = {
    type: 'object',
    properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, deep: { type: 'object' } },
  };
  const region = (paramHeaders: Readonly<Record<string, string>>, given: object = { region: 'ü' }) =>
    client.call('echo', { text: 'x', ...given }, { paramHeaders });

  beforeEach(async () => {
    workspace.answerNext({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: ({ rpc }) =>
        JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, result: { tools: [{ name: 'echo', inputSchema }] } }),
      when: ({ rpc }) => rpc?.method === 'tools/list',
    });
    await client.ask('tools/list');
  });

  test.each([
    ['is missing', {}],
    ['says something else', { 'mcp-param-region': 'u' }],
    ['cannot be read', { 'mcp-param-region': '=?base64?!?=' }],
  ])('a call whose header %s is refused, and not forwarded', async (_, paramHeaders) => {
    const { answer, status } = await region(paramHeaders);
    expect([answer.error?.code, status]).toEqual([-32020, 400]);
    expect(workspace.requests.calls('echo')).toEqual([]);
  });

  test('a call with the right header is forwarded, and so is one of a client without headers', async () => {
    expect(said(await region({ 'mcp-param-region': '=?base64?w7w=?=', 'mcp-param-other': 'x' }))).toBe(
      'w: x',
    );
    expect(said(await client.call('echo', { text: 'x', region: 'ü' }))).toBe('w: x');
  });

  test('an argument that is not there has no header', async () => {
    expect((await region({ 'mcp-param-region': 'x' }, {})).answer.error?.code).toBe(-32020);
    expect(said(await region({}, {}))).toBe('w: x');
  });
});

test('a tool that runs only as a task is not shown', async () => {
  const tools = [
    { name: 'a', x: 1e21 },
    { name: 'b', execution: { taskSupport: 'required' } },
    { name: 'c', execution: { taskSupport: 'optional' } },
  ];
  workspace.answerNext({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: ({ rpc }) => JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, result: { tools } }),
    when: ({ rpc }) => rpc?.method === 'tools/list',
  });
  const { answer } = await client.ask('tools/list');
  expect(answer.result?.tools).toEqual([tools[0], tools[2]]);
});

test('a workspace that refuses the handshake says why', async () => {
  workspace.answerNext({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: ({ rpc }) =>
      JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, error: { code: -32050, message: 'no' } }),
    when: ({ rpc }) => rpc?.method === 'initialize',
  });
  expect((await client.ask('server/discover', {}, { id: '"x"' })).answer).toMatchObject({
    id: 'x',
    error: { code: -32050 },
  });
  expect((await client.ask('server/discover')).answer.result).toHaveProperty('supportedVersions');
});

test('a lost session is opened again, and the client notices nothing', async () => {
  await client.call('echo', { text: 'x' });
  await workspace.forgetSessions();
  expect(said(await client.call('echo', { text: 'y' }))).toBe('w: y');
  expect(workspace.openedSessions).toBe(2);
});

test('the sessions end with the channel', async () => {
  await client.call('echo', { text: 'x' });
  await client.channel[Symbol.asyncDispose]();
  expect(workspace.openSessions).toBe(0);
  await expect(client.call('echo', { text: 'x' })).rejects.toMatchObject({ code: 'stopping' });
});
