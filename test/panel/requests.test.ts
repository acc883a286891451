import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cookieName } from '#bridge/panel/guard.ts';
import { send } from '../downstream/raw-http.ts';
import { excuse } from '../invariants/broken.ts';
import { ask, enter, enterSecretly, hardened, refusedStatus, startPanel } from './a-panel.ts';

test('the window is served to a browser that was let in, with every header that keeps others out', async () => {
  const world = await startPanel();
  const cookie = await enterSecretly(world);
  const page = await ask(world, cookie, { line: 'GET / HTTP/1.1' });
  expect(page.status).toBe(200);
  expect(page.body).toContain('<h1>Window</h1>');
  expect(page.headers).toMatchObject({
    ...hardened,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  });
  expect(page.headers['permissions-policy']).toContain('camera=()');
  const script = await ask(world, cookie, { line: 'GET /assets/app.js HTTP/1.1' });
  expect(script.headers).toMatchObject({ ...hardened, 'content-type': 'text/javascript; charset=utf-8' });
  const call = await ask(world, cookie);
  expect(call).toMatchObject({ status: 200, body: '{"json":"answered"}' });
  expect(call.headers).toMatchObject(hardened);
  expect(world.calls).toEqual(['status']);
  const refused = await ask(world, cookie, { headers: { Origin: 'http://evil.example' } });
  expect(refused.headers).toMatchObject(hardened);
});

test('LH-01 at the panel: without a session, or with a wrong one, there is a locked page and no call', async () => {
  const world = await startPanel();
  const other = await startPanel();
  const name = cookieName(world.port);
  const cookie = await enter(world);
  const value = cookie.slice(name.length + 1);
  const wrong: (string | undefined)[] = [
    undefined,
    '',
    name,
    `${name}=`,
    `${name}=${'A'.repeat(43)}`,
    `${name}=${value.slice(0, -1)}`,
    `${name}=${value}x`,
    `${name}="${value}"`,
    `x${name}=${value}`,
    `${cookieName(other.port)}=${value}`,
    (await enter(other)).replace(String(other.port), String(world.port)),
  ];
  for (const each of wrong) {
    const page = await ask(world, each, { line: 'GET / HTTP/1.1' });
    expect(page).toMatchObject({ status: 401, body: expect.stringContaining('This panel is locked') });
    expect(page.body).toContain('gangway panel');
    expect((await ask(world, each, { line: 'GET /assets/app.js HTTP/1.1' })).status).toBe(401);
    const call = await ask(world, each);
    expect(call.status).toBe(401);
    expect(JSON.parse(call.body)).toMatchObject({ json: { code: 'UNAUTHORIZED', status: 401 } });
  }
  expect(world.calls).toEqual([]);
  expect((await ask(world, `other=1; ${cookie}; more=2`)).status).toBe(200);
  // A program on another port of this computer may add a cookie of the same name.
  expect((await ask(world, `${name}=${'A'.repeat(43)}; ${cookie}`)).status).toBe(200);
});

test('LH-02 at the panel: a session anywhere else is none, and no log has heard of it', async () => {
  excuse(
    'INV-3',
    /\(generic\)|in the address/,
    'The client itself says its session where it does not belong.',
  );
  const world = await startPanel();
  const cookie = await enterSecretly(world);
  const value = cookie.slice(cookie.indexOf('=') + 1);
  const answers = await Promise.all([
    ask(world, undefined, { headers: { Authorization: `Bearer ${value}` } }),
    ask(world, undefined, { body: JSON.stringify({ json: { session: value } }) }),
    ask(world, undefined, { headers: { 'X-Cookie': cookie } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  const inPath = await ask(world, undefined, { line: `GET /?session=${value} HTTP/1.1` });
  expect(inPath.status).toBe(404);
});

test.each([
  'evil.example',
  'evil.example:PORT',
  '127.0.0.1',
  'localhost:PORT',
  'LOCALHOST:PORT',
  'localhost.:PORT',
  '127.0.0.1:PORT@evil',
  '127.1:PORT',
  '0.0.0.0:PORT',
  '[::1]:PORT',
  '[::ffff:127.0.0.1]:PORT',
  '',
])('LH-03 at the panel: Host "%s" is refused', async (host) => {
  const world = await startPanel();
  const Host = host.replace('PORT', String(world.port));
  const cookie = await enter(world);
  for (const line of ['POST /rpc/control/status HTTP/1.1', 'GET / HTTP/1.1', 'GET /open?ticket=x HTTP/1.1']) {
    const { status } = await ask(world, cookie, { line, headers: { Host } });
    expect([400, 403]).toContain(status);
    expect(host === '' || status === 403).toBe(true);
  }
  expect(world.calls).toEqual([]);
});

test.each([
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT'],
  ['no Host', 'GET / HTTP/1.1'],
  ['HTTP/1.0 without Host', 'GET / HTTP/1.0'],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: 127.0.0.1:PORT'],
  ['HTTP/0.9', 'GET /'],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0'],
])('LH-04 at the panel: %s gets 400', async (_, text) => {
  const world = await startPanel();
  const head = `${text.replaceAll('PORT', String(world.port))}\r\nConnection: close\r\n\r\n`;
  const [answer] = await send(world.port, head);
  expect(answer?.status).toBe(400);
});

test.each([
  ['absolute form', 'GET http://127.0.0.1:1/ HTTP/1.1', 400],
  ['CONNECT', 'CONNECT 127.0.0.1:1 HTTP/1.1', 405],
  ['TRACE', 'TRACE / HTTP/1.1', 405],
  ['OPTIONS *', 'OPTIONS * HTTP/1.1', 400],
])('LH-05 at the panel: %s is refused', async (_, line, status) => {
  expect(await refusedStatus({ line })).toBe(status);
});

test.each([
  'http://evil',
  'null',
  'http://localhost:PORT',
  'http://127.0.0.1',
  'https://127.0.0.1:PORT',
  'http://127.0.0.1:PORT/',
  'app://bundle',
  'http://[::1].evil',
  undefined,
])('LH-06 at the panel: a call from Origin %s gets 403', async (origin) => {
  const world = await startPanel();
  const cookie = await enter(world);
  const value = origin?.replace('PORT', String(world.port));
  expect((await ask(world, cookie, { headers: { Origin: value } })).status).toBe(403);
  if (value !== undefined) {
    expect((await ask(world, cookie, { headers: { Origin: [value, value] } })).status).toBe(403);
    const page = { line: 'GET / HTTP/1.1', headers: { Origin: value } };
    expect((await ask(world, cookie, page)).status).toBe(403);
  }
  expect(world.calls).toEqual([]);
});

test.each(['cross-site', 'same-site', 'none', undefined])(
  'LH-07 at the panel: a call with Sec-Fetch-Site %s gets 403',
  async (site) => {
    expect(await refusedStatus({ headers: { 'Sec-Fetch-Site': site } })).toBe(403);
  },
);

test.each([
  ['a page of another site links to it', 'cross-site', 'navigate', 'document', 403],
  ['another port of this computer links to it', 'same-site', 'navigate', 'document', 403],
  ['it is framed', 'none', 'navigate', 'iframe', 403],
  ['another site embeds it', 'cross-site', 'no-cors', 'image', 403],
  ['a program fetches it', 'none', 'cors', 'empty', 403],
  ['a person types its address', 'none', 'navigate', 'document', 200],
  ['it is reloaded', 'same-origin', 'navigate', 'document', 200],
  ['the window loads it', 'same-origin', 'no-cors', 'script', 200],
])('LH-07 at the panel: a file when %s', async (_, site, mode, destination, status) => {
  const headers = { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': destination };
  expect(await refusedStatus({ line: 'GET / HTTP/1.1', headers })).toBe(status);
});

test('LH-08 at the panel: a preflight gets 403 and no Access-Control header', async () => {
  const headers = {
    Origin: 'http://evil.example',
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Private-Network': 'true',
  };
  expect(await refusedStatus({ line: 'OPTIONS /rpc/control/status HTTP/1.1', headers })).toBe(403);
});

test.each([
  [undefined, 415],
  ['text/plain', 415],
  ['application/x-www-form-urlencoded', 415],
  ['multipart/form-data', 415],
  ['text/plain; a=application/json', 415],
  ['application/jsonp', 415],
  ['application/json; charset=utf-16', 415],
])('LH-09 at the panel: Content-Type %s', async (type, status) => {
  expect(await refusedStatus({ headers: { 'Content-Type': type } })).toBe(status);
});

test('LH-09 at the panel: JSON in UTF-8 passes however it is spelled', async () => {
  const world = await startPanel();
  const headers = { 'Content-Type': 'APPLICATION/JSON; charset=utf-8' };
  expect((await ask(world, await enter(world), { headers })).status).toBe(200);
});

test('LH-10 at the panel: a compressed call gets 415', async () => {
  expect(await refusedStatus({ headers: { 'Content-Encoding': 'gzip' } })).toBe(415);
});

test.each([
  'GET /index.htm',
  'GET //',
  'GET /?x=1',
  'GET /../index.html',
  'GET /%69ndex.html',
  'GET /assets/',
  'GET /assets/../index.html',
  'GET /ASSETS/app.js',
  'GET /assets/app.js?x',
  'GET /assets\\app.js',
  'GET /etc/passwd',
  'GET /rpc/control/status',
  'GET /rpc/control/status?data=%7B%7D',
  'GET /.well-known/oauth-protected-resource',
  'GET /opener',
  'POST /',
  'POST /open',
  'POST /rpc',
  'POST /rpc/',
  'POST /rpc/control/status/',
  'POST /rpc//control/status',
  'POST /rpc/control%2fstatus',
  'POST /rpc/control/status?x=1',
  'POST /RPC/control/status',
])('LH-12 at the panel: %s leads nowhere', async (line) => {
  expect([400, 404]).toContain(await refusedStatus({ line: `${line} HTTP/1.1` }));
});

test('LH-12 at the panel: a procedure nobody knows is refused in words', async () => {
  const world = await startPanel();
  const cookie = await enter(world);
  for (const path of ['/rpc/control/steal', '/rpc/status', '/rpc/control', '/rpc/constructor/name']) {
    const { status, body } = await ask(world, cookie, { line: `POST ${path} HTTP/1.1` });
    expect(status).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ json: { code: 'invalid-input' } });
  }
});

test('LH-12 at the panel: no path finds anything but the files of the window', async () => {
  const world = await startPanel();
  const cookie = await enter(world);
  const piece = fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%00',
    '\\',
    'index.html',
    'assets',
    'app.js',
    'rpc',
    'é',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      const path = `/${pieces.join('/')}`;
      const { status } = await ask(world, cookie, { line: `GET ${path} HTTP/1.1` });
      expect(status === 200).toBe(['/', '/index.html', '/assets/app.js'].includes(path));
    }),
    { numRuns: 200 },
  );
});
