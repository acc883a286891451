import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import type { Caller } from '#bridge/relay/channel.ts';
import {
  type Answer,
  ask,
  bytesOf,
  type HttpWorld,
  initialize,
  modern,
  modernHeads,
  Raw,
  rpc,
  startDoor,
} from '../downstream/raw-http.ts';
import { accountFor, Room } from '../relay/seat.ts';
import { type ModernWorkspace, startModern } from '../workspaces/modern.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';

type Client = Pick<HttpWorld, 'port' | 'token'> & { readonly line?: string };

const CALLER: Caller = { id: 'one', label: 'One', door: 'http' };

let a: ModernWorkspace;
let b: ModernWorkspace;
let old: PlainWorkspace;
let room: Room;
let world: HttpWorld;

beforeEach(async () => {
  a = await startModern({ name: 'a' });
  b = await startModern({ name: 'b' });
  old = await startPlain({ name: 'old' });
  room = new Room([
    accountFor(a.url, 'account-a'),
    accountFor(b.url, 'account-b'),
    accountFor(old.url, 'account-old'),
  ]);
  world = await startDoor({ sessions: room.sessions });
});

afterEach(async () => {
  vi.useRealTimers();
  await room[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
  await old[Symbol.asyncDispose]();
});

async function request(client: Client, method: string, params: object = {}): Promise<Answer> {
  const headers = modernHeads(method, 'name' in params ? String(params.name) : undefined);
  const { line = 'POST /mcp HTTP/1.1' } = client;
  return ask(client, { line, headers, body: modern(1, method, params) });
}

const echo = (client: Client): Promise<Answer> =>
  request(client, 'tools/call', { name: 'echo', arguments: { text: 'x' } });

async function listen(client: Client): Promise<Raw> {
  const headers = { ...modernHeads('subscriptions/listen'), Connection: undefined };
  const body = modern('l', 'subscriptions/listen', { notifications: { toolsListChanged: true } });
  const raw = new Raw(client.port).write(bytesOf(client, { headers, body }));
  expect(await raw.sees('acknowledged')).toContain('acknowledged');
  return raw;
}

function another(id: string, address = 'current'): Client {
  const line = address === 'current' ? undefined : `POST /mcp/${address} HTTP/1.1`;
  const token = world.mint({ id, label: id, address });
  return { port: world.port, token, ...(line === undefined ? {} : { line }) };
}

describe('the conversation of a client without a handshake', () => {
  test('is found again by its token, and shown like any other', async () => {
    expect((await echo(world)).body).toContain('a: x');
    await request(world, 'tools/list');
    const [view, ...more] = room.sessions.list();
    expect(more).toEqual([]);
    expect(view).toMatchObject({
      client: 'One',
      program: 'raw 1',
      door: 'http',
      address: 'current',
      account: room.list.current,
      protocolVersion: '2026-07-28',
      calls: 2,
    });
    expect(room.sessions.countOn(room.list.accounts[0]!)).toBe(1);
  });

  test('is nobody else’s, and not that of another address', async () => {
    await echo(world);
    await echo(another('two'));
    const pinned = await echo(another('three', 'account-b'));
    expect(pinned.body).toContain('b: x');
    const views = room.sessions.list().map(({ client, address, calls }) => [client, address, calls]);
    expect(views).toEqual([
      ['One', 'current', 1],
      ['two', 'current', 1],
      ['three', 'account-b', 1],
    ]);
  });

  test('cannot be reached by its id', async () => {
    await echo(world);
    const id = room.sessions.list()[0]?.id ?? '';
    expect(room.sessions.find(id, CALLER, { text: 'current' })).toBeUndefined();
    expect((await ask(world, { headers: { 'Mcp-Session-Id': id }, body: rpc(1, 'tools/list') })).status).toBe(
      404,
    );
  });

  test('is not shown while the client only asked for the era, and shook hands then', async () => {
    room.use(room.list.accounts[2]);
    const probe = await request(world, 'server/discover');
    expect(probe.status).toBe(400);
    expect(JSON.parse(probe.body)).toMatchObject({ id: 1, error: { code: -32601 } });
    expect(room.sessions.list()).toEqual([]);
    const session = (await ask(world, { body: initialize })).headers['mcp-session-id'];
    expect(session).toBeDefined();
    expect(room.sessions.list()).toMatchObject([{ protocolVersion: '2025-11-25' }]);
    const warmed = await room.sessions.warm({ ...room.list, current: room.list.accounts[0]!.id });
    expect(warmed.following).toHaveLength(1);
  });

  test('serves a client that speaks both eras with one token at the same time', async () => {
    const session = (await ask(world, { body: initialize })).headers['mcp-session-id'];
    const headers = { 'Mcp-Session-Id': session, 'MCP-Protocol-Version': '2025-11-25' };
    await ask(world, { headers, body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' });
    const call = rpc(7, 'tools/call', { name: 'echo', arguments: { text: 'legacy' } });
    const [legacy, newer] = await Promise.all([ask(world, { headers, body: call }), echo(world)]);
    expect(legacy.body).toContain('a: legacy');
    expect(newer.body).toContain('a: x');
    expect(room.sessions.list().map(({ protocolVersion }) => protocolVersion)).toEqual([
      '2025-11-25',
      '2026-07-28',
    ]);
  });
});

describe('its end', () => {
  const later = (ms: number): void => room.sessions.tend(performance.now() + ms);

  test('comes after a day of silence; the next request begins another one', async () => {
    await echo(world);
    const before = room.sessions.list()[0]?.id;
    later(limits.sessionQuietMs);
    expect(room.sessions.list()).toHaveLength(1);
    expect((await echo(world)).body).toContain('a: x');
    expect(room.sessions.list()[0]?.id).toBe(before);
    later(limits.sessionEndMs);
    expect(room.sessions.list()).toEqual([]);
    expect((await echo(world)).body).toContain('a: x');
    expect(room.sessions.list()[0]?.id).not.toBe(before);
  });

  test('does not come while a listen is open, and its silence counts from the end of that', async () => {
    await echo(world);
    const raw = await listen(world);
    later(2 * limits.sessionEndMs);
    expect(room.sessions.list()).toHaveLength(1);
    await a.changeTools();
    expect(await raw.sees('tools/list_changed')).toContain('tools/list_changed');
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(2 * limits.sessionEndMs);
    const ended = new Promise<void>((resolve) => room.sessions.changed.on(resolve));
    raw.socket.destroy();
    await ended;
    later(1_000);
    expect(room.sessions.list()).toHaveLength(1);
    later(limits.sessionEndMs);
    expect(room.sessions.list()).toEqual([]);
  });

  test('does not come because the client leaves many sessions of the other era behind', async () => {
    await echo(world);
    const before = room.sessions.list()[0]?.id;
    for (let number = 0; number <= limits.sessionsPerClient; number += 1) {
      room.sessions.open(CALLER, { text: 'current' });
    }
    expect(room.sessions.list()).toHaveLength(limits.sessionsPerClient + 1);
    expect(room.sessions.list()[0]?.id).toBe(before);
  });

  test('comes when the token is revoked, and its listens end', async () => {
    const raw = await listen(world);
    await echo(world);
    room.sessions.dismiss('one');
    expect(await raw.sees('"resultType":"complete"')).toContain('"id":"l"');
    expect(room.sessions.list()).toEqual([]);
  });
});

describe('who cannot be told of a switch', () => {
  const named = async (): Promise<readonly string[]> => {
    const next = { ...room.list, current: room.list.accounts[1]!.id };
    const { following, mayNeedReload } = await room.sessions.warm(next);
    expect(following).not.toEqual([]);
    room.sessions.rebind();
    return mayNeedReload;
  };

  test('is a client in use without a listen', async () => {
    await echo(world);
    expect(await named()).toEqual(['raw 1 (current)']);
  });

  test('is no client with a listen', async () => {
    await echo(world);
    await listen(world);
    expect(await named()).toEqual([]);
  });

  test('is a client with a handshake that asked for something over HTTP and opened no stream', async () => {
    const seat = room.seat('current', 'http');
    await seat.greet();
    expect(await named()).toEqual([]);
    await seat.call('echo', { text: 'x' });
    expect(await named()).toEqual(['seat 1 (current)']);
    seat.listen();
    expect(await named()).toEqual([]);
  });

  test('is no client with a handshake over stdio, and none that is pinned', async () => {
    for (const seat of [room.seat(), room.seat('account-a', 'http')]) {
      await seat.greet();
      await seat.call('echo', { text: 'x' });
    }
    expect(await named()).toEqual([]);
  });

  test('is named once, however many of its windows were not told', async () => {
    for (const seat of [room.seat('current', 'http'), room.seat('current', 'http')]) {
      await seat.greet();
      await seat.call('echo', { text: 'x' });
    }
    expect(await named()).toEqual(['seat 1 (current)']);
  });
});
