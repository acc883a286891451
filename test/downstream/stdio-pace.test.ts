import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { serveStdio } from '#bridge/downstream/stdio.ts';
import { FrameStream } from '#bridge/socket/frames.ts';
import { temporaryHome } from '../canary/home.ts';
import { shakesHands, startScripted } from '../relay/scripted.ts';
import { accountFor, Room } from '../relay/seat.ts';
import { initialize } from './raw-http.ts';

test('a client that tells much at once is read no faster than its workspace hears it', async () => {
  const held: ServerResponse[] = [];
  let releasing = false;
  let most = 0;
  const full = Promise.withResolvers<void>();
  await using workspace = await startScripted((arrival, response) => {
    if (arrival.rpc?.method === 'initialize') return void shakesHands(arrival, response);
    if (releasing) return void response.writeHead(202).end();
    held.push(response);
    most = Math.max(most, held.length);
    if (held.length === 65) full.resolve();
  });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const server = createServer({ allowHalfOpen: true });
  const arrived = once(server, 'connection') as Promise<[Socket]>;
  server.listen(join((await temporaryHome()).path, 'door.sock'));
  await once(server, 'listening');
  const near = connect(server.address() as string);
  const [far] = await arrived;
  const client = { frames: new FrameStream(far), client: 'one', address: 'current' };
  const served = serveStdio(client, { sessions: room.sessions, log: silentLog });
  const frames = new FrameStream(near);
  let done = 0;
  const welcomed = Promise.withResolvers<void>();
  const all = Promise.withResolvers<void>();
  frames.receive(({ seq }) => {
    if (seq === 1) welcomed.resolve();
    if (seq > 0) done += 1;
    if (done === 301) all.resolve();
  });
  void frames.send({ seq: 1, flags: 0, payload: Buffer.from(initialize) });
  await welcomed.promise;
  const notice = Buffer.from('{"jsonrpc":"2.0","method":"notifications/anything"}');
  for (let seq = 2; seq <= 301; seq += 1) void frames.send({ seq, flags: 0, payload: notice });
  await full.promise;
  // A request of the workspace's own client, so that whatever is still on its way arrives before it.
  await room.seat().ask('initialize', { protocolVersion: '2025-11-25', capabilities: {} });
  expect(most).toBeLessThanOrEqual(66);
  releasing = true;
  for (const response of held.splice(0)) response.writeHead(202).end();
  await all.promise;
  near.destroy();
  await served;
  await new Promise((resolve) => server.close(resolve));
});
