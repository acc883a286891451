import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import {
  type Answer,
  ask,
  bytesOf,
  type HttpWorld,
  modern,
  openSession,
  Raw,
  type RawRequest,
  rpc,
  startDoor,
} from './raw-http.ts';

const VERSION = { 'MCP-Protocol-Version': '2026-07-28' };
const KEEP = { Connection: undefined };
const LISTEN = modern('l', 'subscriptions/listen', { notifications: { toolsListChanged: true } });

/** Opens a listen and waits until it is acknowledged, or refused. */
async function listen(world: Pick<HttpWorld, 'port' | 'token'>): Promise<Raw> {
  const raw = new Raw(world.port).write(bytesOf(world, { headers: { ...KEEP, ...VERSION }, body: LISTEN }));
  await raw.sees('"');
  return raw;
}

test.each<[string, RawRequest]>([
  ['server/discover', { body: rpc('d', 'server/discover') }],
  ['a version in _meta', { body: modern('d', 'echo') }],
  ['the header', { headers: VERSION, body: rpc('d', 'echo') }],
  [
    'a newer revision in the header',
    { headers: { 'MCP-Protocol-Version': '2027-01-31' }, body: rpc('d', 'x') },
  ],
  [
    'two headers, one of them of this era',
    { headers: { 'MCP-Protocol-Version': ['2025-11-25', '2026-07-28'] }, body: rpc('d', 'x') },
  ],
  [
    'an older header but a newer body',
    { headers: { 'MCP-Protocol-Version': '2025-11-25' }, body: modern('d', 'x') },
  ],
])('%s needs no session, opens none and is told of none', async (_, raw) => {
  const world = await startDoor();
  const answer = await ask(world, raw);
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
  expect(JSON.parse(answer.body)).toMatchObject({ id: 'd', result: {} });
  expect(answer.headers['mcp-session-id']).toBeUndefined();
  expect(world.sessions.opened).toEqual([]);
  expect(world.sessions.standings).toHaveLength(1);
});

test('the session id that such a request carries is not looked at, whatever it is', async () => {
  const world = await startDoor();
  const id = await openSession(world);
  for (const stated of [id, 'unknown', 'x'.repeat(10_000), 'a b', ['one', 'two']]) {
    const headers = { ...VERSION, 'Mcp-Session-Id': stated };
    const answer = await ask(world, { headers, body: modern(1, 'echo') });
    expect(answer.status, String(stated).slice(0, 20)).toBe(200);
    expect(answer.headers['mcp-session-id']).toBeUndefined();
  }
  expect(world.sessions.only.methods).toEqual(['initialize']);
  expect(world.sessions.standings[0]?.methods).toHaveLength(5);
});

test('its headers go along, so that the relay can hold them against the body', async () => {
  const world = await startDoor();
  const headers = { ...VERSION, 'Mcp-Method': 'echo', 'Mcp-Param-Region': ['a', 'b'] };
  await ask(world, { headers, body: modern(1, 'echo') });
  const given = world.sessions.standings[0]?.headers[0];
  expect(given?.get('mcp-method')).toEqual(['echo']);
  expect(given?.get('mcp-param-region')).toEqual(['a', 'b']);
});

test('a stream carries no event ids and no reconnection time, because nothing can be resumed', async () => {
  const world = await startDoor();
  const answer = await ask(world, { headers: VERSION, body: modern(1, 'stream') });
  expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  expect(answer.body).toBe(
    [
      'event: message\ndata: {"jsonrpc":"2.0","method":"progress"}\n\n',
      'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":"streamed"}\n\n',
    ].join(''),
  );
});

test('a notification is accepted without an answer', async () => {
  const world = await startDoor();
  const body = '{"jsonrpc":"2.0","method":"notifications/progress","params":{}}';
  expect(await ask(world, { headers: VERSION, body })).toMatchObject({ status: 202, body: '' });
  expect(world.sessions.standings[0]?.methods).toEqual(['notifications/progress']);
});

test.each([
  ['GET', VERSION, 405],
  ['DELETE', VERSION, 405],
  ['GET', { 'MCP-Protocol-Version': '2027-01-31' }, 405],
  ['GET', {}, 400],
  ['DELETE', { 'MCP-Protocol-Version': '2025-11-25' }, 400],
] as const)('%s with the headers %j gets %i', async (method, headers, status) => {
  const world = await startDoor();
  const answer = await ask(world, { line: `${method} /mcp HTTP/1.1`, headers });
  expect(answer.status).toBe(status);
  expect(answer.headers.allow).toBe(status === 405 ? 'POST' : undefined);
});

test('GET and DELETE of this era do nothing to a session of the other', async () => {
  const world = await startDoor();
  const headers = { ...VERSION, 'Mcp-Session-Id': await openSession(world) };
  for (const method of ['GET', 'DELETE']) {
    expect((await ask(world, { line: `${method} /mcp HTTP/1.1`, headers })).status).toBe(405);
  }
  expect(world.sessions.only.hasOutlet).toBe(false);
  const legacy = { 'Mcp-Session-Id': world.sessions.only.id };
  expect((await ask(world, { headers: legacy, body: rpc(1, 'echo') })).status).toBe(200);
});

test.each<[string, RawRequest, number]>([
  ['an unknown token', { headers: { Authorization: 'Bearer unknown-unknown-unknown' } }, 401],
  ['no token', { headers: { Authorization: undefined } }, 401],
  ['another path than that of the token', { line: 'POST /mcp/acme HTTP/1.1' }, 404],
  ['a name for the host', { headers: { Host: 'localhost' } }, 403],
  ['an origin', { headers: { Origin: 'https://evil.example' } }, 403],
  ['Accept for only one of both answers', { headers: { Accept: 'application/json' } }, 406],
  ['another content type', { headers: { 'Content-Type': 'text/plain' } }, 415],
  ['a compressed body', { headers: { 'Content-Encoding': 'gzip' } }, 415],
  ['a body that is too long', { headers: { 'Content-Length': String(limits.messageBytes + 1) } }, 413],
])('%s is refused before anything else', async (_, raw, status) => {
  const world = await startDoor();
  const headers = { ...VERSION, ...raw.headers };
  expect((await ask(world, { body: modern(1, 'echo'), ...raw, headers })).status).toBe(status);
  expect(world.sessions.standings).toEqual([]);
});

test.each([
  ['{not json', -32700],
  ['[]', -32600],
  ['{"jsonrpc":"2.0","id":null,"method":"server/discover"}', -32600],
])('the body %j is refused as before, with the id null', async (body, code) => {
  const world = await startDoor();
  const answer = await ask(world, { headers: VERSION, body });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({ id: null, error: { code } });
});

test('an address that names nothing is answered in words, for listens too', async () => {
  const world = await startDoor();
  world.sessions.unknown.add('current');
  for (const body of [modern('l', 'echo'), LISTEN]) {
    const answer = await ask(world, { body });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ id: 'l', error: { code: -31008 } });
  }
});

test('every client has its own conversation, beside its sessions of the other era', async () => {
  const world = await startDoor();
  const two = { port: world.port, token: world.mint({ id: 'two', label: 'Two', address: 'current' }) };
  const three = { port: world.port, token: world.mint({ id: 'three', label: 'Three', address: 'acme' }) };
  const session = await openSession(world);
  const [first, second] = [modern(1, 'echo'), rpc(1, 'echo')];
  await Promise.all([
    ask(world, { headers: VERSION, body: first }),
    ask(world, { headers: { 'Mcp-Session-Id': session }, body: second }),
    ask(world, { headers: VERSION, body: first }),
    ask(two, { headers: VERSION, body: first }),
    ask(three, { line: 'POST /mcp/acme HTTP/1.1', headers: VERSION, body: first }),
  ]);
  const standings = world.sessions.standings.map(({ caller, address, methods }) => [
    caller.id,
    address.text,
    methods.length,
  ]);
  expect(standings.sort()).toEqual([
    ['one', 'current', 2],
    ['three', 'acme', 1],
    ['two', 'current', 1],
  ]);
  expect(world.sessions.only.methods).toEqual(['initialize', 'echo']);
});

test('a conversation of this era has no id by which a session could be reached', async () => {
  const world = await startDoor();
  await ask(world, { headers: VERSION, body: modern(1, 'echo') });
  const headers = { 'Mcp-Session-Id': world.sessions.standings[0]?.id };
  expect((await ask(world, { headers, body: rpc(1, 'echo') })).status).toBe(404);
});

test('closing the stream of a request tells its conversation at once', async () => {
  const world = await startDoor();
  const raw = new Raw(world.port).write(
    bytesOf(world, { headers: { ...KEEP, ...VERSION }, body: modern(1, 'hold') }),
  );
  await expect.poll(() => world.sessions.standings[0]?.held.length).toBe(1);
  const { reply, release } = world.sessions.standings[0]!.held[0]!;
  expect(reply.resumable).toBe(false);
  const gone = once(reply.gone, 'abort');
  raw.socket.destroy();
  await gone;
  release();
});

test('a listen that stands open does not hold up the door, and ends with its result', async () => {
  const world = await startDoor({ giveUp: () => world.sessions.close() });
  const raw = await listen(world);
  expect(raw.text).toContain('notifications/subscriptions/acknowledged');
  // Whoever waits for the listen waits for ever.
  const patience = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal);
  await world.door[Symbol.asyncDispose]();
  patience.mockRestore();
  expect(await raw.all()).toContain('data: {"jsonrpc":"2.0","id":"l","result":"over"}');
});

test('a stopping door still waits for what runs beside a listen', async () => {
  const world = await startDoor({ giveUp: () => world.sessions.close() });
  const listening = await listen(world);
  const raw = new Raw(world.port).write(
    bytesOf(world, { headers: { ...KEEP, ...VERSION }, body: modern(2, 'hold') }),
  );
  await expect.poll(() => world.sessions.standings[0]?.held.length).toBe(1);
  const stopped = world.door[Symbol.asyncDispose]();
  world.sessions.standings[0]?.held[0]?.release();
  expect(await raw.sees('released')).toContain('"released"');
  await stopped;
  expect(await listening.all()).toContain('"over"');
});

test('a client whose token was revoked loses its listens at once', async () => {
  const world = await startDoor();
  const raw = await listen(world);
  world.door.dismiss('one');
  await raw.closed;
  await expect.poll(() => world.sessions.standings[0]?.listens).toBe(0);
});

test('a client that opens one listen after the other is told so, and others are still served', async () => {
  const world = await startDoor();
  const open: Raw[] = [];
  for (let number = 0; number < limits.httpStreamsPerClient; number += 1) open.push(await listen(world));
  const refused = await ask(world, { headers: VERSION, body: LISTEN });
  expect(refused.status).toBe(200);
  expect(JSON.parse(refused.body)).toMatchObject({ id: 'l', error: { code: -31005 } });
  expect((await ask(world, { headers: VERSION, body: modern(1, 'echo') })).status).toBe(200);
  const session = await openSession(world);
  const stream: Answer = await ask(world, {
    line: 'GET /mcp HTTP/1.1',
    headers: { 'Mcp-Session-Id': session },
  });
  expect(stream).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });

  const two = { port: world.port, token: world.mint({ id: 'two', label: 'Two', address: 'current' }) };
  expect((await listen(two)).text).toContain('acknowledged');

  open[0]?.socket.destroy();
  await expect.poll(() => world.sessions.standings[0]?.listens).toBe(limits.httpStreamsPerClient - 1);
  expect((await listen(world)).text).toContain('acknowledged');
});

test('however many clients listen, connections are left for calls', async () => {
  const world = await startDoor();
  const clients = Array.from({ length: 5 }, (_, number) => ({
    port: world.port,
    token: world.mint({ id: `c${number}`, label: 'C', address: 'current' }),
  }));
  const answers = await Promise.all(
    clients.flatMap((client) => Array.from({ length: 24 }, async () => (await listen(client)).text)),
  );
  expect(answers.filter((text) => text.includes('acknowledged'))).toHaveLength(limits.httpStreams);
  expect(limits.httpStreams).toBeLessThan(limits.httpConnections);
  expect((await ask(world, { headers: VERSION, body: modern(1, 'echo') })).status).toBe(200);
});
