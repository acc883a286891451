import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ModernWorkspace, startModern } from '../workspaces/modern.ts';
import { misprint } from '../workspaces/modern-tools.ts';
import { bare } from './bare.ts';
import { knock } from './pinned.ts';
import { doors, type Mode, pinned, startWorld, text, type World } from './world.ts';

/** One value for each way in which a header can be written. */
const given = { region: 'Lübeck', crew: 7, urgent: false, place: { city: ' Graz ', street: 'Ring' } };
const written = {
  'mcp-param-region': '=?base64?TMO8YmVjaw==?=',
  'mcp-param-crew': '7',
  'mcp-param-urgent': 'false',
  'mcp-param-city': '=?base64?IEdyYXog?=',
};

const clients: readonly { readonly kind: string; readonly mode: Mode | 'SDK 1.x' }[] = [
  { kind: 'SDK 1.x', mode: 'SDK 1.x' },
  { kind: 'SDK 2.x, handshake', mode: 'legacy' },
  { kind: 'SDK 2.x, either era', mode: 'auto' },
  { kind: 'SDK 2.x, newer era only', mode: pinned },
];

let world: World;
let newer: ModernWorkspace;
let older: ModernWorkspace;
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  newer = opened.use(await startModern({ name: 'newer', tools: [misprint] }));
  older = opened.use(await startModern({ name: 'older', speaks: 'legacy', tools: [misprint] }));
  world = opened.use(await startWorld());
  for (const { name, url } of [newer, older]) {
    await world.add({ connector: 'custom', label: name, url, signIn: 'none' });
  }
});

afterAll(() => opened.disposeAsync());

const connect = (door: (typeof doors)[number], mode: Mode | 'SDK 1.x') =>
  mode === 'SDK 1.x' ? world.connectOld(door, 'newer') : world.connect(door, 'newer', undefined, mode);

describe.each(doors)('by %s', (door) => {
  test.each(clients)(
    'what a client of $kind gives to a tool reaches a workspace of the newer era in headers too',
    async ({ mode }) => {
      vi.spyOn(console, 'warn').mockImplementation(() => undefined);
      const client = await connect(door, mode);
      await client.listTools();
      newer.requests.clear();
      expect(JSON.parse(await text(client, 'dispatch', given))).toEqual({
        workspace: 'newer',
        given,
        headers: written,
      });
      const [seen, ...more] = newer.requests.calls();
      expect(more).toEqual([]);
      expect(seen?.headers).toMatchObject({
        ...written,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'dispatch',
      });
      // What is not given has no header.
      expect(JSON.parse(await text(client, 'dispatch', { region: 'eu' }))).toMatchObject({
        headers: { 'mcp-param-region': 'eu' },
      });
      expect(newer.requests.calls().at(-1)?.headers).not.toHaveProperty('mcp-param-crew');
      await client.close();
    },
  );

  test.each(clients)(
    'a tool whose header cannot exist is not offered to a client of $kind, where Gangway or its SDK sends the headers',
    async ({ mode }) => {
      vi.spyOn(console, 'warn').mockImplementation(() => undefined);
      const client = await connect(door, mode);
      const names = (await client.listTools()).tools.map(({ name }) => name);
      expect(names).toContain('dispatch');
      expect(names).not.toContain('misprint');
      await client.close();
    },
  );
});

test('a program by stdio is not shown such a tool, one over HTTP decides by itself', async () => {
  for (const [door, isShown] of [
    ['stdio', false],
    ['http', true],
  ] as const) {
    await using client = await bare(world, door, 'newer');
    const { text: list } = await client.ask('tools/list');
    expect(list.includes('"dispatch"')).toBe(true);
    expect(list.includes('"misprint"')).toBe(isShown);
  }
});

test('a program by stdio that never listed the tools calls one: they are listed for it when the workspace insists', async () => {
  await using fresh = await startModern({ name: 'fresh' });
  await world.add({ connector: 'custom', label: 'fresh', url: fresh.url, signIn: 'none', check: false });
  fresh.answerNext({
    status: 400,
    headers: { 'content-type': 'application/json' },
    when: ({ rpc, headers }) => rpc?.target === 'dispatch' && headers['mcp-param-region'] === undefined,
    body: ({ rpc }) =>
      JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, error: { code: -32020, message: 'Header mismatch' } }),
  });
  await using client = await bare(world, 'stdio', 'fresh');
  const { result } = await client.call('dispatch', given);
  expect(result?.structuredContent).toEqual({ workspace: 'fresh', given, headers: written });
  expect(fresh.requests.all.map(({ rpc }) => rpc?.target ?? rpc?.method)).toEqual([
    'server/discover',
    'dispatch',
    'tools/list',
    'dispatch',
  ]);
});

describe.each(doors)('a workspace of the older era by %s', (door) => {
  test('gets none of these headers, and its tools are all shown to a client that shook hands', async () => {
    const client = await world.connect(door, 'older');
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toContain('misprint');
    await text(client, 'dispatch', given);
    await client.close();
    noneArrived();
  });

  test('gets none of them from a client of the newer era either', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { entry } = await knock(world, door, 'older');
    const client = await world.connect(door, 'older', undefined, pinned, entry);
    await client.listTools();
    older.requests.clear();
    expect(JSON.parse(await text(client, 'dispatch', given))).toMatchObject({ given, headers: {} });
    await client.close();
    noneArrived();
  });
});

function noneArrived(): void {
  const seen = older.requests.calls('dispatch').at(-1);
  expect(seen?.headers['mcp-protocol-version']).toBe('2025-11-25');
  for (const name of ['mcp-method', 'mcp-name', ...Object.keys(written)]) {
    expect(seen?.headers).not.toHaveProperty(name);
  }
}
