import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { HttpRequests } from '#bridge/downstream/http-requests.ts';
import { resultOf } from '#bridge/jsonrpc/write.ts';
import type { DoorSession } from '#bridge/sessions/door.ts';
import { memoryConnection } from '../router-property/memory-socket.ts';

const HELLO = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });

/** A client says hello and hangs up, when `before` says so, in the moment in which it is answered. */
async function closesAfter(before: boolean): Promise<boolean> {
  const [near, far] = memoryConnection();
  const closed = Promise.withResolvers<boolean>();
  const session: DoorSession = {
    id: 'one',
    greeted: true,
    receive: async (_, reply) => {
      if (before) near.destroy();
      await reply.answer(resultOf('1', '{}'));
    },
    attach: () => true,
    detach: () => undefined,
    close: async () => closed.resolve(true),
  };
  const requests = new HttpRequests(
    { open: () => session, standing: () => session, find: () => session },
    silentLog,
  );
  const server = createServer((incoming, response) => {
    const caller = { id: 'c', label: 'c', door: 'http' } as const;
    const guarded = { request: incoming, response, caller, address: { text: 'current' }, headers: new Map() };
    void requests.take('POST', guarded).then(() => closed.resolve(false));
  });
  server.emit('connection', far);
  const sent = request({ method: 'POST', createConnection: () => near });
  sent.on('error', () => undefined);
  sent.end(HELLO);
  if (!before) {
    const [response] = await once(sent, 'response');
    response.resume();
  }
  return closed.promise;
}

test('a conversation whose client hung up while its first answer was written ends at once', async () => {
  expect(await closesAfter(true)).toBe(true);
  expect(await closesAfter(false)).toBe(false);
});
