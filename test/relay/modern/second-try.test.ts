import { expect, test } from 'vitest';
import { rpcError, startScripted } from '../../upstream/modern/scripted.ts';
import { json, response } from '../../upstream/raw-http.ts';
import { accountFor, Room } from '../seat.ts';
import { ModernClient } from './client.ts';

const NAME = '"serverInfo":{"name":"script","version":"1"},"capabilities":{"tools":{}}';

test('a pause counts for a call that is tried again because its workspace speaks another era by now', async () => {
  await using scripted = await startScripted();
  const held = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let isModern = true;
  const done: string[] = [];
  const workspace = scripted.serve(async ({ rpc, id, body }, socket) => {
    const refusal = response(400, rpcError('null', -32000));
    if (rpc === 'server/discover') {
      const result = `"supportedVersions":["2026-07-28"],${NAME}`;
      socket.write(isModern ? json(`{"jsonrpc":"2.0","id":${id},"result":{${result}}}`) : refusal);
    } else if (rpc === 'initialize') {
      const result = `"protocolVersion":"2025-11-25",${NAME}`;
      socket.write(json(`{"jsonrpc":"2.0","id":${id},"result":{${result}}}`));
    } else if (rpc === 'tools/call' && body.includes('_meta')) {
      isModern = false;
      if (body.includes('"second"')) {
        asked.resolve();
        await held.promise;
      }
      socket.write(refusal);
    } else if (rpc === 'tools/call') {
      done.push(body);
      socket.write(json(`{"jsonrpc":"2.0","id":${id},"result":{"content":[]}}`));
    } else socket.write(response(rpc === '' ? 405 : 202, ''));
  });
  await using room = new Room([accountFor(workspace.url, 'script')]);
  const client = new ModernClient(room);
  const second = client.call('second');
  await asked.promise;
  expect((await client.call('first')).error).toBeUndefined();
  expect(done).toHaveLength(1);
  // The way in the other era is open now, so nothing is waited for before the second call would leave.
  room.paused = true;
  held.resolve();
  expect((await second).error?.code).toBe(-31013);
  expect(done).toHaveLength(1);
});
