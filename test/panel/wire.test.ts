import { expect, test } from 'vitest';
import { Raw, send } from '../downstream/raw-http.ts';
import { ask, bytesOf, enter, refusedStatus, startPanel } from './a-panel.ts';

test.each(['PUT', 'PATCH', 'DELETE', 'HEAD'])('LH-13 at the panel: %s gets 405', async (method) => {
  const world = await startPanel();
  const line = `${method} / HTTP/1.1`;
  const [answer] = await send(world.port, bytesOf(world.port, await enter(world), { line }));
  expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
});

test.each([
  ['two lengths', { 'Content-Length': ['2', '3'] }],
  ['length and chunks', { 'Transfer-Encoding': 'chunked' }],
  ['a negative length', { 'Content-Length': '-1' }],
  ['a length that is no number', { 'Content-Length': '2x' }],
  ['a folded header', { 'X-One': 'a\r\n b' }],
  ['a NUL', { 'X-One': 'a\0b' }],
])('LH-14 at the panel: %s closes the connection', async (_, headers) => {
  const world = await startPanel();
  const [answer] = await send(world.port, bytesOf(world.port, await enter(world), { headers }));
  expect(answer).toMatchObject({ status: 400, headers: { connection: 'close' } });
  expect(world.calls).toEqual([]);
});

test('LH-14 at the panel: lines that end in LF alone are no head', async () => {
  const world = await startPanel();
  const bytes = bytesOf(world.port, await enter(world)).replaceAll('\r\n', '\n');
  expect((await send(world.port, bytes))[0]?.status).toBe(400);
});

test('LH-14 at the panel: a page is not asked for with a body', async () => {
  const line = 'GET / HTTP/1.1';
  expect(await refusedStatus({ line, headers: { 'Content-Length': '5' } })).toBe(400);
});

test.each([
  ['32 KB in one header', { 'X-Long': 'x'.repeat(32 * 1024) }],
  ['101 headers', Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`X-${index}`, '1']))],
])('LH-18 at the panel: %s get 431', async (_, headers) => {
  expect(await refusedStatus({ headers })).toBe(431);
});

test.each([
  ['announced', { 'Content-Length': String(64 * 1024 + 1) }, ''],
  ['sent', {}, JSON.stringify({ json: 'x'.repeat(64 * 1024) })],
])('LH-19 at the panel: more than 64 KB, %s, gets 413', async (_, headers, body) => {
  const world = await startPanel();
  const raw = { headers, ...(body === '' ? {} : { body }) };
  const answer = await ask(world, await enter(world), raw);
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body)).toMatchObject({ json: { code: 'too-large' } });
  expect(world.calls).toEqual([]);
});

test('LH-19 at the panel: chunks without an end are stopped at 64 KB', async () => {
  const world = await startPanel();
  const headers = { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' };
  const raw = new Raw(world.port).write(bytesOf(world.port, await enter(world), { headers, body: '' }));
  for (let sent = 0; sent <= 64; sent += 1) raw.write(`400\r\n${'x'.repeat(1024)}\r\n`);
  expect(await raw.all()).toMatch(/^HTTP\/1\.1 413 /);
  expect(world.calls).toEqual([]);
});

test('a snippet of almost 64 KB passes', async () => {
  const world = await startPanel();
  const body = JSON.stringify({ json: { url: 'x'.repeat(60 * 1024) } });
  const raw = { line: 'POST /rpc/control/workspaces/look HTTP/1.1', body };
  expect((await ask(world, await enter(world), raw)).status).toBe(200);
});

test('LH-20 at the panel: who is not let in is not told to go on', async () => {
  const world = await startPanel();
  const headers = { Expect: '100-continue' };
  const refused = new Raw(world.port).write(bytesOf(world.port, undefined, { headers }));
  expect(await refused.all()).toMatch(/^HTTP\/1\.1 401 /);
  const welcome = new Raw(world.port).write(bytesOf(world.port, await enter(world), { headers }));
  expect(await welcome.all()).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
});

test.each(['websocket', 'h2c'])('LH-21 at the panel: nothing is upgraded to %s', async (protocol) => {
  const headers = { Connection: 'Upgrade, close', Upgrade: protocol };
  expect(await refusedStatus({ line: 'GET / HTTP/1.1', headers })).toBe(400);
  expect(await refusedStatus({ headers })).toBe(400);
});

test('LH-22 at the panel: a TLS greeting is closed, with one line in the log', async () => {
  const world = await startPanel();
  const hello = Buffer.from('16030100b5010000b10303', 'hex');
  for (let count = 0; count < 3; count += 1) await send(world.port, hello);
  expect(world.log).toEqual(['panel.unreadable']);
});

test('LH-23 at the panel: of two requests in a row the second may be bad', async () => {
  const world = await startPanel();
  const cookie = await enter(world);
  const good = bytesOf(world.port, cookie, { headers: { Connection: undefined } });
  const answers = await send(world.port, `${good}GET / HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n`);
  expect(answers.map(({ status }) => status)).toEqual([200, 400]);
});

test.each([
  '',
  'null',
  '[]',
  '"x"',
  '{"json":1',
  '{"json":1,"other":2}',
  '{"json":1,"meta":7}',
  '{"meta":[[7,"x"]]}',
])('a call that is none is refused in words: %s', async (body) => {
  const world = await startPanel();
  const answer = await ask(world, await enter(world), { body });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({ json: { code: 'invalid-input' } });
  expect(world.calls).toEqual([]);
});

test('a call that is not UTF-8, or nested without end, harms nobody', async () => {
  const world = await startPanel();
  const cookie = await enter(world);
  const [head = ''] = bytesOf(world.port, cookie, { headers: { 'Content-Length': '12' } }).split('{}');
  const odd = Buffer.concat([
    Buffer.from(head),
    Buffer.from('{"json":"'),
    Buffer.from([0xff]),
    Buffer.from('"}'),
  ]);
  expect((await send(world.port, odd))[0]?.status).toBe(400);
  const nested = `{"json":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
  await ask(world, cookie, { body: nested });
  expect((await ask(world, cookie)).status).toBe(200);
});
