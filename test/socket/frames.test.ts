import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Frame, FrameDecoder, FrameStream, frameHeader } from '#bridge/socket/frames.ts';
import { temporaryHome } from '../canary/home.ts';

const frame = fc.record({
  seq: fc.nat(0xffffffff),
  flags: fc.nat(255),
  payload: fc.uint8Array({ maxLength: 60 }),
});

const plain = (one: Frame): object => ({ ...one, payload: Buffer.from(one.payload).toString('hex') });
const onWire = (frames: readonly Frame[]): Buffer =>
  Buffer.concat(frames.flatMap((one) => [frameHeader(one), one.payload]));

test('any division of the bytes gives the same frames', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat()), (frames, cuts) => {
      const bytes = onWire(frames);
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const decoder = new FrameDecoder();
      const seen: Frame[] = [];
      for (let index = 1; index < places.length; index += 1) {
        seen.push(...decoder.take(bytes.subarray(places[index - 1], places[index])));
      }
      expect(seen.map(plain)).toEqual(frames.map(plain));
    }),
  );
});

test('bytes that come one by one give the same frames', () => {
  const frames = [
    { seq: 1, flags: 0, payload: Buffer.from('{"a":1}') },
    { seq: 2, flags: 3, payload: Buffer.alloc(0) },
  ];
  const decoder = new FrameDecoder();
  const seen = [...onWire(frames)].flatMap((byte) => [...decoder.take(Buffer.of(byte))]);
  expect(seen.map(plain)).toEqual(frames.map(plain));
});

test('a frame beyond the limit is refused before its payload has come', () => {
  const decoder = new FrameDecoder(100);
  const header = Buffer.alloc(9);
  header.writeUInt32BE(101, 0);
  expect(() => [...decoder.take(header)]).toThrow(RangeError);
  const split = new FrameDecoder(100);
  expect([...split.take(header.subarray(0, 5))]).toEqual([]);
  expect(() => [...split.take(header.subarray(5))]).toThrow(RangeError);
});

interface Pair extends AsyncDisposable {
  readonly near: Socket;
  readonly far: Socket;
}

async function socketPair(): Promise<Pair> {
  const home = await temporaryHome();
  const path = join(home.path, 'pair.sock');
  const server = createServer({ allowHalfOpen: true });
  const arrived = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const near = connect({ path, allowHalfOpen: true });
  const far = await arrived;
  return {
    near,
    far,
    [Symbol.asyncDispose]: async () => {
      near.destroy();
      far.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a slow listener gets every frame in order, and the sender is told to wait', async () => {
  await using pair = await socketPair();
  const sender = new FrameStream(pair.near);
  const receiver = new FrameStream(pair.far);
  const seen: number[] = [];
  const go = Promise.withResolvers<void>();
  const all = Promise.withResolvers<void>();
  receiver.receive(async (one) => {
    await go.promise;
    seen.push(one.seq);
    if (seen.length === 300) all.resolve();
  });
  const payload = Buffer.alloc(100_000, 97);
  let waited = 0;
  const sent = (async () => {
    for (let seq = 1; seq <= 300; seq += 1) {
      const full = sender.send({ seq, flags: 0, payload });
      if (full !== undefined) waited += 1;
      await full;
    }
  })();
  // The kernel's buffers are full long before 30 MB, so the sender must be waiting now or soon.
  await expect.poll(() => waited).toBeGreaterThan(0);
  expect(pair.near.writableLength).toBeLessThan(1_000_000);
  go.resolve();
  await Promise.all([sent, all.promise]);
  expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
});

test('after one side has ended, the other can still answer', async () => {
  await using pair = await socketPair();
  const client = new FrameStream(pair.near);
  const owner = new FrameStream(pair.far);
  const answered = Promise.withResolvers<Frame>();
  client.receive((one) => answered.resolve(one));
  owner.receive(() => undefined);
  void client.send({ seq: 1, flags: 0, payload: Buffer.from('ask') });
  client.end();
  await owner.ended;
  void owner.send({ seq: 1, flags: 2, payload: Buffer.from('answer') });
  owner.end();
  expect(plain(await answered.promise)).toEqual(plain({ seq: 1, flags: 2, payload: Buffer.from('answer') }));
  await client.closed;
});

test('a listener that fails ends the connection', async () => {
  await using pair = await socketPair();
  const owner = new FrameStream(pair.far);
  owner.receive(() => Promise.reject(new Error('broken')));
  const client = new FrameStream(pair.near);
  client.receive(() => undefined);
  void client.send({ seq: 1, flags: 0, payload: Buffer.from('x') });
  await owner.closed;
});

test('a promise for room resolves when the connection breaks', async () => {
  await using pair = await socketPair();
  const sender = new FrameStream(pair.near);
  const send = (): void | Promise<void> =>
    sender.send({ seq: 0, flags: 0, payload: Buffer.alloc(1_000_000) });
  let full = send();
  while (full === undefined) full = send();
  pair.near.destroy();
  await full;
  expect(sender.send({ seq: 0, flags: 0, payload: Buffer.alloc(1) })).toBeUndefined();
});
