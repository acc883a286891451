import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { silentLog } from '#bridge/base/log.ts';
import { openHttpDoor } from '#bridge/downstream/http.ts';
import { TokenLock } from '#bridge/downstream/token-lock.ts';
import { canary } from '../canary/canary.ts';
import { EchoSessions } from './echo-sessions.ts';
import { ask, bytesOf, initialize, openSession, parse, Raw, rpc, send, startDoor } from './raw-http.ts';

const KEEP = { Connection: undefined };

test('LH-15 a body that stops half way gets 408 in time, while others are served', async () => {
  const world = await startDoor();
  const slow = new Raw(world.port).write(bytesOf(world).slice(0, -10));
  await once(slow.socket, 'connect');
  expect((await ask(world)).status).toBe(200);
  expect(await slow.all()).toMatch(/^HTTP\/1\.1 408 /);
  expect(world.sessions.opened.length).toBe(1);
});

test('LH-15 only so many bodies may be on their way at once', async () => {
  const world = await startDoor();
  const slow = Array.from({ length: limits.httpOpenBodies }, () =>
    new Raw(world.port).write(
      bytesOf(world, { headers: { ...KEEP, Expect: '100-continue' } }).replace(initialize, ''),
    ),
  );
  await Promise.all(slow.map((one) => one.sees('100 Continue')));
  const refused = await ask(world);
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  for (const one of slow) one.write(initialize);
  await Promise.all(slow.map((one) => one.sees('"result"')));
  expect((await ask(world)).status).toBe(200);
});

test('LH-16 a head that comes byte by byte is closed in time', async () => {
  const world = await startDoor();
  const raw = new Raw(world.port);
  const bytes = bytesOf(world);
  let sent = 0;
  const timer = setInterval(() => raw.write(bytes[sent++] ?? ''), 1000);
  onTestFinished(() => clearInterval(timer));
  const silent = new Raw(world.port);
  expect(await raw.all()).toMatch(/^HTTP\/1\.1 408 /);
  await silent.closed;
  expect(sent).toBeLessThan(20);
});

test('LH-17 of two thousand idle connections the oldest make room, and a new client is served', async () => {
  const world = await startDoor();
  const id = await openSession(world);
  const stream = new Raw(world.port).write(
    bytesOf(world, { line: 'GET /mcp HTTP/1.1', headers: { ...KEEP, 'Mcp-Session-Id': id } }),
  );
  await stream.sees('\r\n\r\n');
  const idle: Raw[] = [];
  for (let round = 0; round < 20; round += 1) {
    const some = Array.from({ length: 100 }, () => new Raw(world.port));
    await Promise.all(some.map(({ socket }) => once(socket, 'connect').catch(() => undefined)));
    idle.push(...some);
  }
  await expect
    .poll(() => idle.filter(({ socket }) => !socket.destroyed).length)
    .toBeLessThan(limits.httpConnections);
  expect(idle.slice(0, 1000).every(({ socket }) => socket.destroyed)).toBe(true);
  expect((await ask(world)).status).toBe(200);
  expect(stream.socket.destroyed).toBe(false);
});

test.each([
  ['32 KB in one header', { 'X-Long': 'x'.repeat(32 * 1024) }],
  ['101 headers', Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`X-${index}`, '1']))],
])('LH-18 %s get 431', async (_, headers) => {
  const world = await startDoor();
  expect((await ask(world, { headers })).status).toBe(431);
});

test('LH-19 a body announced too large gets 413 before it is read', async () => {
  const world = await startDoor();
  const headers = { 'Content-Length': String(limits.messageBytes + 1) };
  const raw = new Raw(world.port).write(bytesOf(world, { headers }));
  const [answer] = parse(await raw.all());
  expect(answer?.status).toBe(413);
  expect(JSON.parse(answer?.body ?? '')).toMatchObject({ error: { code: -31009 } });
});

test('LH-19 an endless body is stopped at the limit', async () => {
  const world = await startDoor();
  const headers = { ...KEEP, 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' };
  const raw = new Raw(world.port).write(bytesOf(world, { headers, body: '' }));
  const chunk = `${(1024 * 1024).toString(16)}\r\n${' '.repeat(1024 * 1024)}\r\n`;
  let stopped = false;
  void raw.closed.then(() => {
    stopped = true;
  });
  while (!stopped) {
    if (!raw.socket.write(chunk))
      await Promise.race([once(raw.socket, 'drain').catch(() => undefined), raw.closed]);
  }
  expect(raw.text).toMatch(/^HTTP\/1\.1 413 /);
  expect(world.sessions.opened.length).toBe(0);
});

test('a body of exactly the limit is read', async () => {
  const world = await startDoor();
  const id = await openSession(world);
  const frame = rpc(1, 'give-up', { text: '' });
  const body = frame.replace('""', `"${'z'.repeat(limits.messageBytes - frame.length)}"`);
  const answer = await ask(world, { headers: { 'Mcp-Session-Id': id }, body });
  expect(answer.status).toBe(200);
  expect(world.sessions.only.methods).toEqual(['initialize', 'give-up']);
});

test('LH-29 a connection that shows many unknown tokens is closed; others are served', async () => {
  const world = await startDoor();
  const bad = bytesOf(world, { headers: { ...KEEP, Authorization: `Bearer ${canary('local')}` }, body: '' });
  const guesser = new Raw(world.port).write(bad.repeat(100));
  const statuses = parse(await guesser.all()).map(({ status }) => status);
  expect(statuses).toEqual([...Array.from({ length: limits.badTokensPerConnection }, () => 401), 429]);
  expect((await ask(world)).status).toBe(200);
});

test('LH-29 after very many in a minute unknown tokens are locked out, known ones are not', async () => {
  const world = await startDoor();
  const bad = bytesOf(world, { headers: { ...KEEP, Authorization: undefined }, body: '' });
  for (let sent = 0; sent < limits.badTokensPerMinute; sent += limits.badTokensPerConnection) {
    await send(world.port, bad.repeat(limits.badTokensPerConnection + 1));
  }
  expect(await ask(world, { headers: { Authorization: undefined } })).toMatchObject({
    status: 429,
    headers: { 'retry-after': '60' },
  });
  expect((await ask(world)).status).toBe(200);
  expect(world.log).toEqual(['http.unknown-tokens']);
});

test('a lock ends after its time, and slow guessing causes none', () => {
  const lock = new TokenLock();
  const begun = Array.from({ length: limits.badTokensPerMinute }, () => lock.count(1000)).filter(Boolean);
  expect(begun.length).toBe(1);
  expect(lock.isLocked(1000 + limits.badTokenLockMs - 1)).toBe(true);
  expect(lock.isLocked(1000 + limits.badTokenLockMs)).toBe(false);
  const slow = new TokenLock();
  for (let index = 0; index < 3000; index += 1) expect(slow.count(index * 100)).toBe(false);
});

test.each([
  ['LH-30', '127.0.0.1'],
  ['LH-31', '::1'],
])('%s a port that another program holds on %s is not shared', async (_, host) => {
  const squatter = createServer((socket) => socket.destroy());
  squatter.listen(0, host);
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());
  const address = squatter.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const faults: string[] = [];
  const opening = openHttpDoor({
    port,
    sessions: new EchoSessions(),
    recognise: () => undefined,
    log: { ...silentLog, error: (event) => void faults.push(event) },
  });
  await expect(opening).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining(`Port ${port} is used by another program.`),
  });
  expect(faults).toEqual([]);
  const other = createServer();
  other.listen(port, host === '::1' ? '127.0.0.1' : '::1');
  await once(other, 'listening');
  other.close();
});

test('LH-31 while the door is open nobody else can take the other half of its port', async () => {
  const world = await startDoor();
  for (const host of ['127.0.0.1', '::1']) {
    const rival = createServer();
    rival.listen(world.port, host);
    const [error] = await once(rival, 'error');
    expect(error).toMatchObject({ code: 'EADDRINUSE' });
  }
});

test('LH-32 while the bridge stops, new requests get 503 and running ones finish', async () => {
  const stopping = new AbortController();
  const world = await startDoor({ stopping: stopping.signal });
  const headers = { ...KEEP, 'Mcp-Session-Id': await openSession(world) };
  const stream = new Raw(world.port).write(bytesOf(world, { line: 'GET /mcp HTTP/1.1', headers }));
  await stream.sees('\r\n\r\n');
  const running = new Raw(world.port).write(bytesOf(world, { headers, body: rpc(1, 'hold') }));
  await world.sessions.only.hears(2);
  stopping.abort();
  const late = await ask(world);
  expect(late).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
  expect(JSON.parse(late.body)).toMatchObject({ error: { code: -31010 } });
  const disposing = world.door[Symbol.asyncDispose]();
  await stream.sees('0\r\n\r\n');
  world.sessions.only.held[0]?.release();
  expect(await running.sees('released')).toContain('"id":1');
  await disposing;
  await expect(once(new Raw(world.port).socket, 'connect')).rejects.toThrow();
});

test('a client whose token was revoked loses its streams', async () => {
  const world = await startDoor();
  const headers = { ...KEEP, 'Mcp-Session-Id': await openSession(world) };
  const stream = new Raw(world.port).write(bytesOf(world, { line: 'GET /mcp HTTP/1.1', headers }));
  await stream.sees('\r\n\r\n');
  world.revoke(world.token);
  world.door.dismiss('one');
  await stream.closed;
  expect(
    (await ask(world, { headers: { 'Mcp-Session-Id': headers['Mcp-Session-Id'] }, body: rpc(1, 'echo') }))
      .status,
  ).toBe(401);
});
