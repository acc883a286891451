import { once } from 'node:events';
import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { flags } from '#bridge/socket/frames.ts';
import { startShim } from './played-shim.ts';
import { initialize, rpc } from './raw-http.ts';

const done = { seq: expect.any(Number), flags: 0, text: '' };
const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

test('each line is done once: requests with their answer, everything else without', async () => {
  const shim = await startShim('acme', 'Cursor');
  shim.say(1, initialize);
  expect(await shim.next()).toMatchObject({ seq: 1, text: expect.stringContaining('"id":0') });
  shim.say(2, rpc(1, 'echo', { a: 1 }));
  expect(await shim.next()).toEqual({ seq: 2, flags: 0, text: '{"jsonrpc":"2.0","id":1,"result":{"a":1}}' });
  shim.say(3, '{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}');
  expect(await shim.next()).toEqual({ ...done, seq: 3 });
  shim.say(4, '{"jsonrpc":"2.0","id":5,"result":{}}');
  expect(await shim.next()).toEqual({ ...done, seq: 4 });
  shim.say(5, rpc(2, 'give-up'));
  expect(await shim.next()).toEqual({ ...done, seq: 5 });
  expect(shim.sessions.only.caller).toMatchObject({ label: 'Cursor', door: 'stdio' });
  expect(shim.sessions.only.address).toEqual({ text: 'acme' });
});

test('what belongs to a request but is no answer comes before it, as messages of their own', async () => {
  const shim = await startShim();
  shim.say(1, rpc(1, 'stream'));
  expect(await shim.next()).toEqual({ seq: 0, flags: 0, text: '{"jsonrpc":"2.0","method":"progress"}' });
  expect(await shim.next()).toMatchObject({ seq: 1, text: expect.stringContaining('streamed') });
});

test('the shim is asked to remember the handshake and what was asked for once and for all', async () => {
  const shim = await startShim();
  const marks: Record<string, number> = {};
  const lines = [
    ['initialize', initialize],
    ['initialized', INITIALIZED],
    ['setLevel', rpc(1, 'logging/setLevel', { level: 'info' })],
    ['subscribe', rpc(2, 'resources/subscribe', { uri: 'a:1' })],
    ['unsubscribe', rpc(3, 'resources/unsubscribe', { uri: 'a:1' })],
    ['call', rpc(4, 'tools/call', { name: 'x' })],
  ] as const;
  for (const [index, [name, line]] of lines.entries()) {
    shim.say(index + 1, line);
    marks[name] = (await shim.next()).flags;
  }
  const { REMEMBER, ANEW } = flags;
  expect(marks).toEqual({
    initialize: REMEMBER | ANEW,
    initialized: REMEMBER,
    setLevel: REMEMBER,
    subscribe: REMEMBER,
    unsubscribe: REMEMBER,
    call: 0,
  });
});

test('a refused initialize is not remembered', async () => {
  const shim = await startShim();
  shim.sessions.refusing = true;
  shim.say(1, initialize);
  expect(await shim.next()).toMatchObject({ seq: 1, flags: 0, text: expect.stringContaining('refused') });
});

test('lines said again are done in silence, and then the client learns what may be new', async () => {
  const shim = await startShim();
  shim.say(1, initialize, flags.REPLAY);
  expect(await shim.next()).toEqual({ seq: 1, flags: flags.REPLAYED, text: '' });
  shim.say(2, INITIALIZED, flags.REPLAY);
  expect(await shim.next()).toEqual({ seq: 2, flags: flags.REPLAYED, text: '' });
  expect(await shim.next()).toEqual({
    seq: 0,
    flags: 0,
    text: '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}',
  });
  shim.say(9, rpc(9, 'stream'), flags.REPLAY);
  expect(await shim.next()).toEqual({ seq: 9, flags: flags.REPLAYED, text: '' });
});

test.each([
  ['JR-01', '{not json', -32700],
  ['JR-03', '42', -32600],
  ['JR-29', Buffer.from([0x22, 0xff, 0xc3, 0x22]), -32700],
  ['JR-33', '\ufeff{}', -32700],
  ['JR-34', Buffer.from('{"jsonrpc":"2.0"}', 'utf16le'), -32700],
])(
  '%s a line that is no message is answered with an error and the connection lives',
  async (_, line, code) => {
    const shim = await startShim();
    shim.say(2, line);
    const refused = await shim.next();
    expect(refused.seq).toBe(2);
    expect(JSON.parse(refused.text)).toMatchObject({ id: null, error: { code } });
    shim.say(3, rpc(1, 'echo'));
    expect(await shim.next()).toMatchObject({ seq: 3 });
  },
);

test('JR-36 a shim that forwards too large a line gets an error for it', async () => {
  const shim = await startShim();
  shim.say(1, Buffer.alloc(limits.messageBytes + 1, 0x20));
  expect(JSON.parse((await shim.next()).text)).toMatchObject({ id: null, error: { code: -31009 } });
});

test('requests that would hold too much memory are told to wait, and small ones still pass', async () => {
  const shim = await startShim();
  const large = (id: number): string => rpc(id, 'hold', { text: 'x'.repeat(15 * 1024 * 1024) });
  shim.say(1, large(1));
  shim.say(2, large(2));
  shim.say(3, large(3));
  const refused = await shim.next();
  expect(refused.seq).toBe(3);
  expect(JSON.parse(refused.text)).toMatchObject({ id: 3, error: { code: -31005 } });
  shim.say(4, rpc(4, 'echo'));
  expect(await shim.next()).toMatchObject({ seq: 4 });
  for (const { release } of shim.sessions.only.held) release();
  expect(new Set([(await shim.next()).seq, (await shim.next()).seq])).toEqual(new Set([1, 2]));
  shim.say(5, large(5));
  await shim.sessions.only.hears(4);
  shim.sessions.only.held[2]?.release();
  expect(await shim.next()).toMatchObject({ seq: 5 });
});

test('an address that names nothing is answered for every request, also in a batch', async () => {
  const shim = await startShim('Not An Address');
  shim.say(1, initialize);
  expect(JSON.parse((await shim.next()).text)).toMatchObject({ id: 0, error: { code: -31008 } });
  shim.say(2, `[${rpc(1, 'a')},${INITIALIZED},${rpc(2, 'b')}]`);
  expect(JSON.parse((await shim.next()).text)).toMatchObject([{ id: 1 }, { id: 2 }]);
  shim.say(3, INITIALIZED);
  expect(await shim.next()).toEqual({ ...done, seq: 3 });
  expect(shim.sessions.opened.length).toBe(0);
});

test('after the client said its last, running requests are still answered', async () => {
  const shim = await startShim();
  shim.say(1, rpc(1, 'hold'));
  shim.frames.end();
  await expect.poll(() => shim.sessions.opened[0]?.held.length).toBe(1);
  shim.sessions.only.held[0]?.release();
  for (let frame = await shim.next(); ; frame = await shim.next()) {
    if (frame.seq === 0) continue;
    expect(frame).toMatchObject({ seq: 1, text: expect.stringContaining('released') });
    break;
  }
  await shim.served;
  await shim.sessions.only.closed;
});

test('a shim that is gone ends its session, and running requests learn of it', async () => {
  const shim = await startShim();
  shim.say(1, rpc(1, 'hold'));
  await expect.poll(() => shim.sessions.opened[0]?.held.length).toBe(1);
  const gone = once(shim.sessions.only.held[0]!.reply.gone, 'abort');
  shim.frames.destroy();
  await gone;
  await shim.served;
  await shim.sessions.only.closed;
});

const LISTEN = rpc('l', 'subscriptions/listen', { notifications: {} });

test('a listen is said to stand, ends in silence when the client has said its last, and keeps no connection', async () => {
  const shim = await startShim();
  shim.say(1, LISTEN);
  expect(await shim.next()).toEqual({ seq: 1, flags: flags.STANDING, text: '' });
  expect(await shim.next()).toMatchObject({ seq: 0, text: expect.stringContaining('acknowledged') });
  shim.frames.end();
  expect(await shim.after(1)).toEqual({ ...done, seq: 1 });
  await shim.served;
  await shim.sessions.only.closed;
});

test('a listen that is the last thing a client says ends too, after the calls that still run', async () => {
  const shim = await startShim();
  shim.say(1, rpc(1, 'hold'));
  shim.say(2, LISTEN);
  shim.frames.end();
  expect(await shim.after(2)).toEqual({ ...done, seq: 2, flags: flags.STANDING });
  expect(await shim.after(2)).toEqual({ ...done, seq: 2 });
  expect(shim.sessions.only.held[0]?.reply.gone.aborted).toBe(false);
  shim.sessions.only.held[0]?.release();
  expect(await shim.after(1)).toMatchObject({ text: expect.stringContaining('released') });
  await shim.served;
});

test('a listen ends with its result when its session does', async () => {
  const shim = await startShim();
  shim.say(1, LISTEN);
  await expect.poll(() => shim.sessions.opened[0]?.listens).toBe(1);
  await shim.sessions.close();
  expect(await shim.after(1)).toMatchObject({ flags: flags.STANDING });
  expect(await shim.after(1)).toMatchObject({ flags: 0, text: expect.stringContaining('"over"') });
});
