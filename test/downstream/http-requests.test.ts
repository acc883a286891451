import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type Answer, ask, bytesOf, openSession, Raw, rpc, startDoor, unchunk } from './raw-http.ts';

const KEEP = { Connection: undefined };

test('initialize opens a session and names it', async () => {
  const world = await startDoor();
  const answer = await ask(world);
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
  expect(JSON.parse(answer.body)).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } });
  const session = world.sessions.only;
  expect(answer.headers['mcp-session-id']).toBe(session.id);
  expect(session.caller).toEqual({ id: 'one', label: 'One', door: 'http' });
});

test('a refused initialize leaves no session behind', async () => {
  const world = await startDoor();
  world.sessions.refusing = true;
  const answer = await ask(world);
  expect(JSON.parse(answer.body)).toMatchObject({ id: 0, error: { code: -32602 } });
  expect(answer.headers['mcp-session-id']).toBeUndefined();
  await world.sessions.only.closed;
});

test('an address that names nothing is answered in words, not with a status', async () => {
  const world = await startDoor();
  world.sessions.unknown.add('current');
  const answer = await ask(world);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({
    id: 0,
    error: { code: -31008, data: { source: 'bridge' } },
  });
});

test('requests, notifications and answers go to the session', async () => {
  const world = await startDoor();
  const headers = { 'Mcp-Session-Id': await openSession(world), 'MCP-Protocol-Version': '2025-06-18' };
  const request = await ask(world, {
    headers,
    body: '{"jsonrpc":"2.0","id":9007199254740993,"method":"echo"}',
  });
  expect(request).toMatchObject({ status: 200, body: '{"jsonrpc":"2.0","id":9007199254740993,"result":{}}' });
  const notification = await ask(world, {
    headers,
    body: '{"jsonrpc":"2.0","method":"notifications/initialized"}',
  });
  expect(notification).toMatchObject({ status: 202, body: '' });
  const response = await ask(world, { headers, body: '{"jsonrpc":"2.0","id":1,"result":{}}' });
  expect(response).toMatchObject({ status: 202, body: '' });
  expect(world.sessions.only.methods).toEqual([
    'initialize',
    'echo',
    'notifications/initialized',
    'response',
  ]);
});

test('what a workspace streams is streamed, with its ids', async () => {
  const world = await startDoor();
  const headers = { 'Mcp-Session-Id': await openSession(world) };
  const answer = await ask(world, { headers, body: rpc(1, 'stream') });
  expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  expect(answer.headers['content-encoding']).toBeUndefined();
  expect(answer.body).toBe(
    [
      'id: prime-1\nretry: 250\ndata: \n\n',
      'event: message\nid: e-1\ndata: {"jsonrpc":"2.0","method":"progress"}\n\n',
      'event: message\nid: e-2\ndata: {"jsonrpc":"2.0","id":1,"result":"streamed"}\n\n',
    ].join(''),
  );
});

test('a request that ends without an answer ends as an empty stream', async () => {
  const world = await startDoor();
  const headers = { 'Mcp-Session-Id': await openSession(world) };
  const answer = await ask(world, { headers, body: rpc(1, 'give-up') });
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' }, body: '' });
});

test('a large stream waits for a slow client and arrives whole', async () => {
  const world = await startDoor();
  const headers = { 'Mcp-Session-Id': await openSession(world) };
  const raw = new Raw(world.port);
  await once(raw.socket, 'connect');
  raw.socket.pause();
  raw.write(bytesOf(world, { headers, body: rpc(1, 'flood', { count: 60, bytes: 1024 * 1024 }) }));
  const session = world.sessions.only;
  await session.hears(2);
  let before = -1;
  await expect
    .poll(
      () => {
        const stands = before === session.flooded && before > 0;
        before = session.flooded;
        return stands;
      },
      { interval: 300, timeout: 20_000 },
    )
    .toBe(true);
  expect(session.flooded).toBeLessThan(32);
  raw.socket.resume();
  const [body] = unchunk((await raw.all()).split('\r\n\r\n').slice(1).join('\r\n\r\n'));
  const numbers = [...body.matchAll(/"number":(\d+)/g)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: 60 }, (_, index) => index));
  expect(body).toContain('"flooded"');
});

test.each([
  ['JR-01', '{not json', -32700],
  ['JR-02', '', -32700],
  ['JR-02', ' \r\n', -32700],
  ['JR-03', 'null', -32600],
  ['JR-04', '[]', -32600],
  ['JR-09', '{"jsonrpc":"2.0","id":null,"method":"x"}', -32600],
  ['JR-33', '\ufeff{}', -32700],
])('%s the body %j gets 400 and %i', async (_, body, code) => {
  const world = await startDoor();
  const answer = await ask(world, { body });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({ id: null, error: { code } });
});

test.each(['1999-01-01', '2025-11-2', 'x'])('the protocol version %s gets 400', async (version) => {
  const world = await startDoor();
  const headers = { 'Mcp-Session-Id': await openSession(world), 'MCP-Protocol-Version': version };
  const post = await ask(world, { headers, body: rpc(7, 'echo') });
  expect(post.status).toBe(400);
  expect(JSON.parse(post.body)).toMatchObject({ id: 7, error: { code: -32000 } });
  expect((await ask(world, { line: 'GET /mcp HTTP/1.1', headers })).status).toBe(400);
  expect((await ask(world, { line: 'DELETE /mcp HTTP/1.1', headers })).status).toBe(400);
  expect(world.sessions.only.methods).toEqual(['initialize']);
});

test('LH-24 LH-25 a session answers to its own client only', async () => {
  const world = await startDoor();
  const id = await openSession(world);
  const stranger = { port: world.port, token: world.mint({ id: 'two', label: 'Two', address: 'current' }) };
  const status = async (
    who: { port: number; token: string },
    session: string | undefined,
    line = 'POST /mcp HTTP/1.1',
  ): Promise<number> => {
    const body = rpc(1, 'echo');
    return (await ask(who, { line, headers: { 'Mcp-Session-Id': session }, body })).status;
  };
  const random = '5f0c1e9a-0000-4000-8000-000000000000';
  expect(await status(stranger, id)).toBe(404);
  expect(await status(world, random)).toBe(404);
  expect(await status(world, 'x'.repeat(10_000))).toBe(400);
  expect(await status(world, 'a\u0001b')).toBe(400);
  expect(await status(world, 'a b')).toBe(400);
  expect(await status(world, undefined)).toBe(400);
  for (const line of ['DELETE /mcp HTTP/1.1', 'GET /mcp HTTP/1.1']) {
    expect(await status(stranger, id, line)).toBe(404);
    expect(await status(world, undefined, line)).toBe(400);
  }
  expect(world.sessions.only.methods).toEqual(['initialize']);
  expect(await status(world, id)).toBe(200);
  expect(await status(world, id, 'DELETE /mcp HTTP/1.1')).toBe(200);
  await world.sessions.only.closed;
  expect(await status(world, id)).toBe(404);
});

test('LH-24b nothing is guessed when there is only one client and one session', async () => {
  const world = await startDoor();
  await openSession(world);
  const answer = await ask(world, { body: rpc(1, 'tools/list') });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({ id: 1 });
  expect(world.sessions.only.methods).toEqual(['initialize']);
});

test('initialize with the id of a session begins that one anew; with any other it gets 404', async () => {
  const world = await startDoor();
  const id = await openSession(world);
  expect((await ask(world, { headers: { 'Mcp-Session-Id': id } })).status).toBe(200);
  expect((await ask(world, { headers: { 'Mcp-Session-Id': 'unknown' } })).status).toBe(404);
  expect(world.sessions.only.methods).toEqual(['initialize', 'initialize']);
});

function openStream(
  world: Awaited<ReturnType<typeof startDoor>>,
  id: string,
  more: Record<string, string> = {},
): Raw {
  const headers = { ...KEEP, Accept: 'text/event-stream', 'Mcp-Session-Id': id, ...more };
  return new Raw(world.port).write(bytesOf(world, { line: 'GET /mcp HTTP/1.1', headers }));
}

test('LH-26 a second stream of a session ends the first and lives', async () => {
  const world = await startDoor();
  const id = await openSession(world);
  const first = openStream(world, id);
  expect(await first.sees('\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  const second = openStream(world, id);
  await second.sees('\r\n\r\n');
  expect(await first.sees('0\r\n\r\n')).toMatch(/\r\n0\r\n\r\n$/);
  await world.sessions.only.push('{"jsonrpc":"2.0","method":"news"}');
  expect(await second.sees('news')).toContain('event: message\ndata: {"jsonrpc":"2.0","method":"news"}\n\n');
  expect(first.text).not.toContain('news');
  second.socket.destroy();
  await expect.poll(() => world.sessions.only.hasOutlet).toBe(false);
});

test('LH-26 a stream needs to be accepted', async () => {
  const world = await startDoor();
  const headers = { 'Mcp-Session-Id': await openSession(world), Accept: 'application/json' };
  expect((await ask(world, { line: 'GET /mcp HTTP/1.1', headers })).status).toBe(406);
});

test('LH-27 a broken stream is continued by its own id only', async () => {
  const world = await startDoor();
  const id = await openSession(world);
  const resumed = openStream(world, id, { 'Last-Event-ID': 'e-1' });
  expect(await resumed.sees('resumed')).toContain('id: e-2\ndata: {"jsonrpc":"2.0","method":"resumed"}');
  const forged: Answer = await ask(world, {
    line: 'GET /mcp HTTP/1.1',
    headers: { 'Mcp-Session-Id': id, 'Last-Event-ID': 'someone-else-9' },
  });
  expect(forged.status).toBe(400);
  expect(forged.headers['content-type']).toBe('application/json');
});

test('LH-28 a client that hangs up is known to its session at once', async () => {
  const world = await startDoor();
  const headers = { ...KEEP, 'Mcp-Session-Id': await openSession(world) };
  const raw = new Raw(world.port).write(bytesOf(world, { headers, body: rpc(1, 'hold') }));
  await world.sessions.only.hears(2);
  const { reply, release } = world.sessions.only.held[0]!;
  const gone = once(reply.gone, 'abort');
  raw.socket.destroy();
  await gone;
  release();
});

test('an answer that was delivered does not count as hung up', async () => {
  const world = await startDoor();
  const headers = { ...KEEP, 'Mcp-Session-Id': await openSession(world) };
  const raw = new Raw(world.port).write(bytesOf(world, { headers, body: rpc(1, 'hold') }));
  await world.sessions.only.hears(2);
  const { reply, release } = world.sessions.only.held[0]!;
  release();
  await raw.sees('released');
  raw.write(bytesOf(world, { headers: { ...headers, Connection: 'close' }, body: rpc(2, 'echo') }));
  await raw.closed;
  expect(reply.gone.aborted).toBe(false);
});

test('many requests run on one connection after another, and many connections at once', async () => {
  const world = await startDoor();
  const headers = { ...KEEP, 'Mcp-Session-Id': await openSession(world) };
  const raw = new Raw(world.port);
  for (let id = 1; id <= 50; id += 1) {
    raw.write(bytesOf(world, { headers, body: rpc(id, 'echo') }));
    await raw.sees(`"id":${id},"result"`);
  }
  const held = Array.from({ length: 40 }, (_, id) =>
    new Raw(world.port).write(bytesOf(world, { headers, body: rpc(`h${id}`, 'hold') })),
  );
  await world.sessions.only.hears(1 + 50 + 40);
  for (const { release } of world.sessions.only.held) release();
  const texts = await Promise.all(held.map((one) => one.sees('released')));
  for (const [id, text] of texts.entries()) expect(text).toContain(`"id":"h${id}"`);
});
