import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HttpReply } from '#bridge/downstream/http-reply.ts';

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test.each(['end', 'event', 'answer'] as const)(
  'what is said to a client that hung up (%s) leaves no timer behind',
  async (how) => {
    const asked = Promise.withResolvers<HttpReply>();
    const server = createServer((incoming, response) => {
      incoming.resume();
      asked.resolve(new HttpReply(response, true));
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
