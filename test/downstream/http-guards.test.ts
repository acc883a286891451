import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { openHttpDoor } from '#bridge/downstream/http.ts';
import { canary } from '../canary/canary.ts';
import { excuse } from '../invariants/broken.ts';
import { EchoSessions } from './echo-sessions.ts';
import { ask, bytesOf, initialize, parse, Raw, rpc, send, startDoor } from './raw-http.ts';

test('LH-01 every wrong token gets the same answer, and names no authorization server', async () => {
  const world = await startDoor();
  const { token } = world;
  const revoked = world.mint({ id: 'two', label: 'Two', address: 'current' });
  world.revoke(revoked);
  const wrong: (string | string[] | undefined)[] = [
    undefined,
    '',
    'Bearer',
    `Bearer ${canary('local')}`,
    `Bearer ${revoked}`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token}x`,
    `Basic ${token}`,
    token,
    [`Bearer ${token}`, `Bearer ${token}`],
    `Bearer ${token}, Bearer ${token}`,
  ];
  const answers = [];
  for (const Authorization of wrong) answers.push(await ask(world, { headers: { Authorization } }));
  const bodies = new Set(
    answers.map(({ status, body, headers }) => `${status} ${headers['www-authenticate']} ${body}`),
  );
  expect([...bodies]).toEqual([expect.stringMatching(/^401 Bearer \{/)]);
  expect(world.sessions.opened.length).toBe(0);
  expect((await ask(world, { headers: { Authorization: `bearer ${token}` } })).status).toBe(200);
});

test('LH-02 a token anywhere else is no token', async () => {
  excuse('INV-3', /\(local\)/, 'The client itself sends its token where it does not belong.');
  const world = await startDoor();
  const { token } = world;
  const without = { Authorization: undefined };
  const answers = await Promise.all([
    ask(world, { headers: { ...without, Cookie: `token=${token}` } }),
    ask(world, { headers: { ...without, 'Proxy-Authorization': `Bearer ${token}` } }),
    ask(world, { headers: without, body: rpc(1, 'initialize', { token }) }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  const inQuery = await ask(world, { line: `POST /mcp?access_token=${token} HTTP/1.1`, headers: without });
  expect(inQuery.status).toBe(404);
  expect(world.log.join()).not.toContain(token);
});

test('a token is good for the path of its own address only', async () => {
  const world = await startDoor();
  const pinned = world.mint({ id: 'three', label: 'Three', address: 'acme' });
  const other = await ask(world, { headers: { Authorization: `Bearer ${pinned}` } });
  expect(other.status).toBe(404);
  expect(other.body).toContain('/mcp/acme');
  const own = await ask({ port: world.port, token: pinned }, { line: 'POST /mcp/acme HTTP/1.1' });
  expect(own.status).toBe(200);
  expect(world.sessions.only.address).toEqual({ text: 'acme' });
});

test('LH-03 both loopback addresses are served under their own name', async () => {
  const world = await startDoor();
  const host = `[::1]:${world.port}`;
  expect((await ask(world, { headers: { Host: host } })).status).toBe(200);
  const [answer] = await send(world.port, bytesOf(world, { headers: { Host: host } }), '::1');
  expect(answer?.status).toBe(200);
});

test.each([
  ['two Hosts', 'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT\r\n\r\n'],
  ['no Host', 'POST /mcp HTTP/1.1\r\n\r\n'],
  ['HTTP/1.0 without Host', 'GET /mcp HTTP/1.0\r\n\r\n'],
  ['HTTP/1.0', 'GET /mcp HTTP/1.0\r\nHost: 127.0.0.1:PORT\r\n\r\n'],
  ['HTTP/0.9', 'GET /mcp\r\n\r\n'],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
])('LH-04 %s gets 400', async (_, text) => {
  const world = await startDoor();
  const close = text
    .replace(/\r\n\r\n$/, '\r\nConnection: close\r\n\r\n')
    .replaceAll('PORT', String(world.port));
  const [answer] = await send(world.port, close);
  expect(answer?.status).toBe(400);
});

test('LH-06 an Origin the door was told of passes', async () => {
  const world = await startDoor({ origins: (port) => [`http://127.0.0.1:${port}`] });
  const own = { Origin: `http://127.0.0.1:${world.port}` };
  expect((await ask(world, { headers: own })).status).toBe(200);
  expect((await ask(world, { headers: { ...own, 'Sec-Fetch-Site': 'same-origin' } })).status).toBe(403);
});

test('LH-09 the type may be written in capitals, with its charset', async () => {
  const world = await startDoor();
  const headers = { 'Content-Type': 'APPLICATION/JSON; charset=utf-8' };
  expect((await ask(world, { headers })).status).toBe(200);
});

test.each(['PUT', 'PATCH', 'HEAD'])('LH-13 %s gets 405 and the list of methods', async (method) => {
  const world = await startDoor();
  const text = await new Raw(world.port).write(bytesOf(world, { line: `${method} /mcp HTTP/1.1` })).all();
  expect(text).toMatch(/^HTTP\/1\.1 405 /);
  expect(text.toLowerCase()).toContain('allow: post, get, delete');
});

test.each([
  ['both lengths', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n', '{"a":1}'],
  ['a negative length', 'Content-Length: -1\r\n', ''],
  ['a length with an exponent', 'Content-Length: 1e9\r\n', ''],
  ['a folded header', 'X-A: 1\r\n 2\r\n', ''],
  ['a NUL', 'X-A: 1\0\r\n', ''],
  ['a blank before the colon', 'X-A : 1\r\n', ''],
])('LH-14 %s: 400, and the connection is closed', async (_, lines, body) => {
  const world = await startDoor();
  const head = bytesOf(world, { headers: { Connection: undefined, 'Content-Length': undefined }, body: '' });
  const answers = await send(world.port, `${head.slice(0, -2)}${lines}\r\n${body}`);
  expect(answers[0]?.status).toBe(400);
  expect(world.sessions.opened.length).toBe(0);
});

test('LH-14 line ends without a return: 400, and the connection is closed', async () => {
  const world = await startDoor();
  const answers = await send(world.port, bytesOf(world).replaceAll('\r\n', '\n'));
  expect(answers[0]?.status).toBe(400);
  expect(world.sessions.opened.length).toBe(0);
});

test('LH-20 a bad token gets 401 and is not asked for the body', async () => {
  const world = await startDoor();
  const headers = { Expect: '100-continue', Authorization: `Bearer ${canary('local')}`, Connection: 'close' };
  const raw = new Raw(world.port).write(bytesOf(world, { headers }).replace(initialize, ''));
  expect(await raw.all()).toMatch(/^HTTP\/1\.1 401 /);
  const good = new Raw(world.port).write(
    bytesOf(world, { headers: { Expect: '100-continue' } }).replace(initialize, ''),
  );
  expect(await good.sees('\r\n\r\n')).toMatch(/^HTTP\/1\.1 100 /);
  good.write(initialize);
  expect(parse(await good.all())[0]?.status).toBe(200);
});

test('LH-22 TLS on the port is closed, and logged once a minute', async () => {
  const world = await startDoor();
  const hello = Buffer.from('16030100a5010000a10303'.padEnd(300, 'ab'), 'hex');
  for (let index = 0; index < 5; index += 1) await new Raw(world.port).write(hello).all();
  expect(world.log).toEqual(['http.unreadable']);
});

test('LH-23 of two requests in one piece the first is answered before the second is refused', async () => {
  const world = await startDoor();
  const open = { headers: { Connection: undefined } };
  const badToken = bytesOf(world, { headers: { Authorization: undefined } });
  const first = await send(world.port, bytesOf(world, open) + badToken);
  expect(first.map(({ status }) => status)).toEqual([200, 401]);
  const unreadable = 'POST /mcp HTTP/1.1\r\nHost : x\r\n\r\n';
  const second = await send(world.port, bytesOf(world, open) + unreadable);
  expect(second.map(({ status }) => status)).toEqual([200, 400]);
});

test('with a bad token no body reaches the JSON parser, whatever head and body are', async () => {
  const sessions = new EchoSessions();
  // Not `startDoor`: what tests watch at that door is parsed by them.
  const door = await openHttpDoor({ port: 0, sessions, recognise: () => undefined, log: silentLog });
  onTestFinished(() => Promise.resolve(door[Symbol.asyncDispose]()));
  const world = { port: door.port, token: canary('local') };
  const parse = vi.spyOn(JSON, 'parse');
  const word = fc.string({ unit: fc.constantFrom(...'abz09/*,;= "{}[]:.'), maxLength: 20 });
  const statuses = new Set<number>();
  try {
    await fc.assert(
      fc.asyncProperty(
        word,
        word,
        fc.option(word),
        fc.constantFrom('POST', 'GET', 'PUT'),
        async (body, value, accept, method) => {
          const headers = {
            Authorization: `Bearer ${canary('local')}`,
            'X-Any': value,
            ...(accept === null ? {} : { Accept: accept }),
          };
          const [answer] = await send(
            world.port,
            bytesOf(world, { line: `${method} /mcp HTTP/1.1`, headers, body }),
          );
          statuses.add(answer?.status ?? 0);
        },
      ),
      { numRuns: 80 },
    );
    expect(parse).not.toHaveBeenCalled();
  } finally {
    vi.restoreAllMocks();
  }
  expect(statuses).toContain(401);
  expect(statuses).not.toContain(200);
  expect(sessions.opened.length).toBe(0);
});
