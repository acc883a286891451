import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { type Listen, openListener } from '#bridge/oauth/listener.ts';
import { OAuthTrouble } from '#bridge/oauth/trouble.ts';
import { get, NAVIGATION } from './browser.ts';
import { expectAlive, expectStaticPage, ISSUER, waiting } from './waiting.ts';

test('LP-01 the port is open on 127.0.0.1 and ::1 only', async () => {
  const { listener } = await waiting();
  const port = listener.port.toString(16).toUpperCase().padStart(4, '0');
  const open = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      // 0A: listening.
      .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${port}`))
      .map(([, local = '']) => local.split(':')[0]),
  );
  expect(open).toContain('0100007F');
  expect(['0100007F', '00000000000000000000000001000000']).toEqual(expect.arrayContaining(open));
});

test('LP-06 a description of 100 KB is not read at all, and the sign-in goes on', async () => {
  const one = await waiting();
  const query = `error=server_error&state=${one.state}&error_description=${'x'.repeat(100 * 1024)}`;
  const page = await get(one.at(query), { headers: NAVIGATION });
  expectStaticPage(page, 400);
  expect(page.body).toContain('too long');
  await expectAlive(one);
});

test.each<[string, number, string, Parameters<typeof get>[1]]>([
  ['POST', 405, '/callback', { method: 'POST', headers: { origin: 'https://as.example', ...NAVIGATION } }],
  ['PUT', 405, '/callback', { method: 'PUT' }],
  ['OPTIONS', 405, '/callback', { method: 'OPTIONS', headers: { origin: 'https://evil.example' } }],
  ['HEAD', 204, '/callback', { method: 'HEAD' }],
  ['a prefetch', 204, '/callback', { headers: { ...NAVIGATION, 'sec-purpose': 'prefetch' } }],
  ['a prerender', 204, '/callback', { headers: { ...NAVIGATION, 'sec-purpose': 'prefetch;prerender' } }],
  ['an old prefetch', 204, '/callback', { headers: { purpose: 'prefetch' } }],
  ['the icon', 404, '/favicon.ico', { headers: { 'sec-fetch-mode': 'no-cors' } }],
  ['the root', 404, '/', {}],
  ['the result page, before there is one', 404, '/done', {}],
  ['a longer path', 404, '/callback/', {}],
  ['an escaped path', 404, '/%63allback', {}],
  ['a path with another slash', 404, '//callback', {}],
  ['the host localhost', 403, '/callback', { headers: { host: 'localhost:PORT' } }],
  ['a host that points here', 403, '/callback', { headers: { host: 'evil.example:PORT' } }],
  ['a host without port', 403, '/callback', { headers: { host: '127.0.0.1' } }],
  ['a host with another port', 403, '/callback', { headers: { host: '127.0.0.1:1' } }],
  ['an origin', 403, '/callback', { headers: { origin: 'https://evil.example' } }],
  ['the origin "null"', 403, '/callback', { headers: { ...NAVIGATION, origin: 'null' } }],
  ['a script', 403, '/callback', { headers: { 'sec-fetch-mode': 'cors' } }],
  ['an image', 403, '/callback', { headers: { 'sec-fetch-mode': 'no-cors' } }],
  ['a body', 400, '/callback', { headers: { 'content-length': '2' } }],
])('LP-09 %s is answered with %i, and the sign-in goes on', async (_, status, path, options = {}) => {
  const one = await waiting();
  const { port } = one.listener;
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [
      name,
      String(value).replace('PORT', String(port)),
    ]),
  );
  const url = `http://127.0.0.1:${port}${path}?code=a&state=${one.state}`;
  const page = await get(url, { ...options, headers }, headers['content-length'] ? 'ab' : undefined);
  if (status === 204) expect(page).toMatchObject({ status, body: '' });
  else expectStaticPage(page, status);
  await expectAlive(one);
});

test.each([
  ['a WebSocket upgrade', (head: string) => `${head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 400],
  ['a tunnel', (_: string, host: string) => `CONNECT x:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400],
  ['no HTTP', () => 'hello\r\n\r\n', 400],
  ['two hosts', (head: string) => `${head}Host: evil.example\r\n\r\n`, 403],
  ['a body in pieces', (head: string) => `${head}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`, 400],
  [
    'a body it asks to send',
    (head: string) => `${head}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
    400,
  ],
])('LP-09 %s is refused, and the sign-in goes on', async (_, bytes, status) => {
  const one = await waiting();
  const host = `127.0.0.1:${one.listener.port}`;
  const socket = connect(one.listener.port, '127.0.0.1');
  socket.write(bytes(`GET /callback?code=a&state=${one.state} HTTP/1.1\r\nHost: ${host}\r\n`, host));
  expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  await expectAlive(one);
});

test('LP-09 a top-level navigation from another site is the normal case', async () => {
  await expectAlive(await waiting());
});

test('LP-10 after its time the sign-in is over, and a late callback is told so', async () => {
  const { listener, state, at } = await waiting({ expiresMs: 1 });
  expect(await listener.answer).toEqual({ kind: 'expired' });
  const late = await get(at(`code=a&state=${state}`), { headers: NAVIGATION });
  expectStaticPage(late, 409);
  expect(late.body).toContain('expired or was already used');
});

test('LP-10 a cancelled sign-in has closed its port', async () => {
  const { listener, state, stop, at } = await waiting();
  stop.abort();
  expect(await listener.answer).toEqual({ kind: 'cancelled' });
  await listener[Symbol.asyncDispose]();
  await expect(get(at(`code=a&state=${state}`))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('LP-10 disposing cancels, closes the port and every connection, however idle or odd', async () => {
  const { listener, state, at } = await waiting();
  const idle = connect(listener.port, '127.0.0.1');
  const half = connect(listener.port, '127.0.0.1');
  await Promise.all([once(idle, 'connect'), once(half, 'connect')]);
  half.write('GET /callback HTTP/1.1\r\n');
  // Answered, so the server has taken the connections made before.
  await get(at('state=wrong'));
  const closed = Promise.all([once(idle, 'close'), once(half, 'close')]);
  await listener[Symbol.asyncDispose]();
  await listener[Symbol.asyncDispose]();
  await closed;
  expect(await listener.answer).toEqual({ kind: 'cancelled' });
  await expect(get(at(`code=a&state=${state}`))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('disposing lets the browser reach the page it was sent to', async () => {
  const { listener, state, at } = await waiting();
  const first = await get(at(`code=a&state=${state}`), { headers: NAVIGATION });
  const closing = listener[Symbol.asyncDispose]();
  expectStaticPage(await get(new URL(first.headers.location ?? '', listener.redirectUri).href), 200);
  await closing;
  await expect(get(at('state=wrong'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a signal that aborted already opens no port', async () => {
  const listen: Listen = () => Promise.reject(new Error('It listens.'));
  const options = { ports: [], expected: { state: 'x', issuer: ISSUER, issInResponse: false }, listen };
  const signal = AbortSignal.abort(new Error('cancelled'));
  await expect(openListener({ ...options, signal })).rejects.toThrow('cancelled');
});

/** Fails with these codes in turn on 127.0.0.1, then listens properly; notes every port asked for. */
function failing(codes: readonly string[]): { listen: Listen; asked: number[] } {
  const asked: number[] = [];
  const listen: Listen = async (server: Server, port, host) => {
    if (host === '127.0.0.1') {
      const code = codes[asked.length];
      asked.push(port);
      if (code) throw Object.assign(new Error(code), { code });
    } else if (codes.length > 0) throw Object.assign(new Error('no IPv6'), { code: 'EADDRNOTAVAIL' });
    server.listen(port === 0 ? 0 : port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  return { listen, asked };
}

test.each(['EACCES', 'EADDRINUSE', 'EMFILE'])(
  'LP-12 after %s the next port is tried, five times any',
  async (code) => {
    const { listen, asked } = failing(Array.from({ length: 6 }, () => code));
    const one = await waiting({ listen, ports: [11, 12] });
    expect(asked).toEqual([11, 12, 0, 0, 0, 0, 0]);
    await expectAlive(one);
  },
);

test.each([
  ['EACCES', /does not let/],
  ['EADDRINUSE', /used by another program/],
  ['EMFILE', /too many files/],
])('LP-12 when every try ends with %s, a person is told so', async (code, words) => {
  const { listen, asked } = failing(Array.from({ length: 9 }, () => code));
  const trouble: unknown = await waiting({ listen, ports: [11] }).catch((error: unknown) => error);
  if (!(trouble instanceof OAuthTrouble)) throw new Error('It opened.');
  expect(asked).toEqual([11, 0, 0, 0, 0, 0]);
  expect(trouble.kind).toBe('transient');
  expect(trouble.message).toMatch(words);
});

test('LP-12 a given port that somebody holds is passed over for the next', async () => {
  const [taken, free] = [createServer(), createServer()];
  for (const server of [taken, free]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  onTestFinished(() => void taken.close());
  const [held, next] = [taken, free].map((server) => (server.address() as AddressInfo).port) as [
    number,
    number,
  ];
  free.close();
  await once(free, 'close');
  const one = await waiting({ ports: [held, next] });
  expect(one.listener.port).toBe(next);
  await expectAlive(one);
});

test('LP-14 a thousand forged callbacks and hundreds of idle connections keep nobody out', async () => {
  const one = await waiting();
  const idle: Socket[] = [];
  for (let number = 0; number < 400; number += 1) {
    const socket = connect(one.listener.port, '127.0.0.1');
    socket.on('error', () => undefined);
    idle.push(socket);
  }
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const forge = async (worker: number): Promise<number[]> => {
    const statuses: number[] = [];
    for (let number = 0; number < 100; number += 1) {
      statuses.push((await get(one.at(`code=a&state=forged-${worker}-${number}`))).status);
    }
    return statuses;
  };
  const statuses = await Promise.all(Array.from({ length: 10 }, (_, worker) => forge(worker)));
  expect(new Set(statuses.flat())).toEqual(new Set([400]));
  await expectAlive(one);
  for (const socket of idle) socket.destroy();
});
