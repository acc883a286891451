import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { HttpReply } from '#bridge/downstream/http-reply.ts';

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test.each(['end', 'event', 'answer'] as const)(
  'what is said to a client that hung up (%s) leaves no timer behind',
  async (how) => {
    const asked = Promise.withResolvers<HttpReply>();
    const server = createServer((incoming, response) => {
      incoming.resume();
      asked.resolve(new HttpReply(response, { asks: true, resumable: true }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(async () => {
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    const client = request({ port, host: '127.0.0.1', method: 'POST' }).end();
    client.on('error', () => undefined);
    const reply = await asked.promise;
    const gone = once(reply.gone, 'abort');
    client.destroy();
    await gone;
    const before = timers();
    if (how === 'end') await reply.end();
    else if (how === 'event') await reply.event({ id: '1' });
    else await reply.answer(Buffer.from('{}'), { streamed: true });
    expect(timers()).toBe(before);
  },
);

test.each([
  ['without a session is cut off', false],
  ['with a session may take any time', true],
])('a client that takes nothing of its stream: %s', async (_, resumable) => {
  const asked = Promise.withResolvers<HttpReply>();
  const server = createServer((incoming, response) => {
    incoming.resume();
    asked.resolve(new HttpReply(response, { asks: true, resumable }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = request({ port, host: '127.0.0.1', method: 'POST' }).end();
  client.on('error', () => undefined);
  client.on('response', (response) => response.on('error', () => undefined).pause());
  onTestFinished(async () => {
    vi.useRealTimers();
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const reply = await asked.promise;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const waiting = reply.event({ data: Buffer.alloc(32 * 1024 * 1024, 'x') });
  expect(waiting).toBeInstanceOf(Promise);
  vi.advanceTimersByTime(limits.httpStalledMs - 1);
  expect(reply.gone.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  if (resumable) client.destroy();
  else await once(reply.gone, 'abort');
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
});
