import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { startReferenceServer } from './reference-server.ts';
import { runSuite } from './run.ts';
import { forwardWithHeaders } from './with-header.ts';

test('headers are added or replaced, the others keep their order and spelling', async () => {
  const { url, arrival } = await waitingServer();
  const authorization = `Bearer ${canary('local')}`;
  await using forwarder = await forwardWithHeaders(url, { Authorization: authorization });
  const client = request(forwarder.url, {
    headers: [
      'Host',
      new URL(forwarder.url).host,
      'X-Twice',
      '1',
      'AUTHORIZATION',
      'Bearer other',
      'x-twice',
      '2',
    ],
  }).end();
  const { incoming, response } = await arrival;
  expect(incoming.rawHeaders.filter((_one, index, all) => all[index - (index % 2)] !== 'Connection')).toEqual(
    [...['Host', new URL(url).host, 'X-Twice', '1', 'x-twice', '2', 'Authorization', authorization]],
  );
  response.writeHead(207, 'As It Is', ['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'X-Odd', 'Yes']).end();
  const [answer] = (await once(client, 'response')) as [IncomingMessage];
  expect([answer.statusCode, answer.statusMessage, answer.headers['set-cookie']]).toEqual([
    207,
    'As It Is',
    ['a=1', 'b=2'],
  ]);
  expect(answer.rawHeaders).toContain('X-Odd');
  answer.resume();
});

test('a foreign host and origin reach the target unchanged', async () => {
  const { url, arrival } = await waitingServer();
  await using forwarder = await forwardWithHeaders(url, {});
  const headers = { host: 'evil.example.com', origin: 'http://evil.example.com' };
  const client = request(forwarder.url, { headers }).end();
  const { incoming, response } = await arrival;
  expect(incoming.headers).toMatchObject(headers);
  response.end();
  const [answer] = (await once(client, 'response')) as [IncomingMessage];
  answer.resume();
});

test('bodies pass byte for byte in both directions', async () => {
  const sent = randomBytes(300_000);
  const url = await serve(async (incoming, response) => response.end(await buffer(incoming)));
  await using forwarder = await forwardWithHeaders(`${url}?a=%2F`, {});
  const answer = await fetch(forwarder.url, { method: 'POST', body: sent });
  expect(sent.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
});

test('an event reaches the client while the stream stays open', async () => {
  const { url, arrival } = await waitingServer();
  await using forwarder = await forwardWithHeaders(url, {});
  const client = request(forwarder.url).end();
  const { response } = await arrival;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: one\n\n');
  const [answer] = (await once(client, 'response')) as [IncomingMessage];
  const [first] = (await once(answer, 'data')) as [Buffer];
  expect(first.toString()).toBe('data: one\n\n');
  response.end('data: two\n\n');
  expect(await text(answer)).toBe('data: two\n\n');
});

test('a client that hangs up ends the request at the target', async () => {
  const { url, arrival } = await waitingServer();
  await using forwarder = await forwardWithHeaders(url, {});
  const client = request(forwarder.url).end();
  client.on('error', () => {});
  const { response } = await arrival;
  client.destroy();
  await once(response, 'close');
  expect(response.writableFinished).toBe(false);
});

test('a target that hangs up breaks the answer to the client', async () => {
  const { url, arrival } = await waitingServer();
  await using forwarder = await forwardWithHeaders(url, {});
  const client = request(forwarder.url).end();
  const { response } = await arrival;
  response.write('half');
  const [answer] = (await once(client, 'response')) as [IncomingMessage];
  await once(answer, 'data');
  response.destroy();
  await expect(once(answer, 'end')).rejects.toThrow('aborted');
});

test('nothing listens any more after the forwarder is disposed', async () => {
  const forwarder = await forwardWithHeaders('http://127.0.0.1:9/', {});
  await forwarder[Symbol.asyncDispose]();
  const socket = connect(Number(new URL(forwarder.url).port), '127.0.0.1');
  await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('the official suite sees no difference through the forwarder', { timeout: 120_000 }, async () => {
  await using reference = await startReferenceServer();
  const headers = { Authorization: `Bearer ${canary('local')}` };
  const result = await runSuite({ version: '0.2', url: reference.url, headers });
  expect(result).toEqual({ passed: 84, failures: {}, warnings: {}, skipped: {} });
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

/** A server that leaves its first request to the test. */
async function waitingServer() {
  const { promise, resolve } = Promise.withResolvers<{
    incoming: IncomingMessage;
    response: ServerResponse;
  }>();
  const url = await serve((incoming, response) => resolve({ incoming, response }));
  return { url, arrival: promise };
}
