import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { eventIterator, oc } from '@orpc/contract';
import { implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { connectSocket } from '#bridge/socket/connect.ts';
import { ControlPort } from '#bridge/socket/control-port.ts';
import { type LocalListener, listenSocket } from '#bridge/socket/listen.ts';
import { temporaryHome } from '../canary/home.ts';

const contract = {
  double: oc.input(z.number()).output(z.number()),
  size: oc.input(z.instanceof(Blob)).output(z.number()),
  count: oc.input(z.number()).output(eventIterator(z.number())),
  forever: oc.output(z.string()),
};

interface World extends AsyncDisposable {
  readonly client: ContractRouterClient<typeof contract>;
  readonly port: ControlPort;
  readonly aborted: Promise<void>;
  readonly listener: LocalListener;
}

async function startWorld(): Promise<World> {
  const home = await temporaryHome();
  const paths = pathsFor(home.path, {});
  const aborted = Promise.withResolvers<void>();
  const os = implement(contract);
  const router = os.router({
    double: os.double.handler(({ input }) => input * 2),
    size: os.size.handler(({ input }) => input.size),
    count: os.count.handler(async function* ({ input, signal }) {
      signal?.addEventListener('abort', () => aborted.resolve());
      for (let next = 0; next < input; next += 1) yield next;
      if (input < 0) await aborted.promise;
    }),
    forever: os.forever.handler(async ({ signal }) => {
      signal?.addEventListener('abort', () => aborted.resolve());
      await aborted.promise;
      return 'stopped';
    }),
  });
  const handler = new RPCHandler(router);
  const listener = await listenSocket({
    paths,
    log: silentLog,
    signal: new AbortController().signal,
    onClient: ({ frames }) => frames.destroy(),
    onControl: ({ port }) => handler.upgrade(port),
  });
  const connected = await connectSocket({
    socket: paths.socket,
    keyFile: paths.handshakeKey,
    role: 'control',
    client: 'test',
    address: '',
    signal: new AbortController().signal,
  });
  if (connected.kind !== 'connected') throw new Error(connected.kind);
  const port = new ControlPort(connected.frames);
  const client: ContractRouterClient<typeof contract> = createORPCClient(new RPCLink({ port }));
  return {
    client,
    port,
    aborted: aborted.promise,
    listener,
    [Symbol.asyncDispose]: async () => {
      port.close();
      await listener[Symbol.asyncDispose]();
    },
  };
}

test('oRPC calls travel over a control connection', async () => {
  await using world = await startWorld();
  const answers = await Promise.all([1, 2, 3].map((number) => world.client.double(number)));
  expect(answers).toEqual([2, 4, 6]);
});

test('a large call with bytes in it arrives whole', async () => {
  await using world = await startWorld();
  expect(await world.client.size(new Blob([Buffer.alloc(5_000_000, 0xff)]))).toBe(5_000_000);
});

test('an event iterator delivers every event in order', async () => {
  await using world = await startWorld();
  const seen: number[] = [];
  for await (const value of await world.client.count(200)) seen.push(value);
  expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index));
});

test('aborting a call aborts its handler', async () => {
  await using world = await startWorld();
  const stopping = new AbortController();
  const call = world.client.forever(undefined, { signal: stopping.signal });
  await world.client.double(1);
  stopping.abort();
  await expect(call).rejects.toThrow();
  await world.aborted;
});

test('a watcher that goes away aborts its handler', async () => {
  await using world = await startWorld();
  const events = await world.client.count(-1);
  const first = events.next();
  await world.client.double(1);
  world.port.close();
  await world.aborted;
  await expect(first).rejects.toThrow();
});

test('calls fail once the owner has gone', async () => {
  await using world = await startWorld();
  const call = world.client.forever();
  call.catch(() => undefined);
  await world.client.double(1);
  await world.listener[Symbol.asyncDispose]();
  await expect(call).rejects.toThrow();
  await world.port.closed;
});
