import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { type Log, silentLog } from '#bridge/base/log.ts';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { type Connected, connectSocket } from '#bridge/socket/connect.ts';
import type { FrameStream } from '#bridge/socket/frames.ts';
import { readHandshakeKey } from '#bridge/socket/handshake-key.ts';
import { type LocalClient, type LocalListener, listenSocket } from '#bridge/socket/listen.ts';
import { temporaryHome } from '../canary/home.ts';

const children: ChildProcess[] = [];
const opened: (LocalListener | FrameStream | Socket)[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  for (const one of opened.splice(0)) {
    if ('destroy' in one) one.destroy();
    else await one[Symbol.asyncDispose]();
  }
});

async function freshPaths(): Promise<Paths> {
  return pathsFor((await temporaryHome()).path, {});
}

async function listen(
  paths: Paths,
  onClient: (client: LocalClient) => void = ({ frames }) => frames.receive((frame) => frames.send(frame)),
  log: Log = silentLog,
): Promise<LocalListener> {
  const signal = new AbortController().signal;
  const listener = await listenSocket({
    paths,
    onClient,
    onControl: ({ port }) => port.close(),
    log,
    signal,
  });
  opened.push(listener);
  return listener;
}

async function attach(paths: Paths): Promise<Connected> {
  const signal = new AbortController().signal;
  const { socket, handshakeKey: keyFile } = paths;
  const connected = await connectSocket({
    socket,
    keyFile,
    role: 'mcp',
    client: 'test',
    address: 'current',
    signal,
  });
  if (connected.kind === 'connected') opened.push(connected.frames);
  return connected;
}

async function echo(paths: Paths, text: string): Promise<string> {
  const connected = await attach(paths);
  if (connected.kind !== 'connected') return connected.kind;
  const back = new Promise<string>((resolve) => {
    connected.frames.receive(({ payload }) => resolve(Buffer.from(payload).toString()));
  });
  void connected.frames.send({ seq: 1, flags: 0, payload: Buffer.from(text) });
  return back;
}

/** A connection that speaks whatever it likes; resolves `heard` with all it received, once it is closed. */
function rawConnection(paths: Paths): { socket: Socket; heard: Promise<Buffer> } {
  const socket = connect(paths.socket);
  opened.push(socket);
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  socket.on('error', () => undefined);
  const heard = new Promise<Buffer>((resolve) => socket.on('close', () => resolve(Buffer.concat(parts))));
  return { socket, heard };
}

async function startOwner(paths: Paths): Promise<{ child: ChildProcess; word: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'owner.ts'), paths.home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [word] = await once(createInterface(child.stdout), 'line');
  return { child, word };
}

const mode = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

test('the owner answers, with a closed folder, socket and key', async () => {
  const paths = await freshPaths();
  await listen(paths);
  expect(await echo(paths, 'hello')).toBe('hello');
  expect([paths.run, paths.socket, paths.handshakeKey].map(mode)).toEqual(['700', '600', '600']);
});

test('without an owner the client learns that nobody is there', async () => {
  expect(await attach(await freshPaths())).toEqual({ kind: 'absent' });
});

test('KL-02 of six processes that start at once exactly one becomes the owner', async () => {
  const paths = await freshPaths();
  const words = (await Promise.all(Array.from({ length: 6 }, () => startOwner(paths)))).map(
    ({ word }) => word,
  );
  expect(words.toSorted()).toEqual(['owner', ...Array.from({ length: 5 }, () => 'owner-running')]);
  expect(await echo(paths, 'still one')).toBe('still one');
});

test('KL-02 after kill -9 of the owner exactly one of several starters takes over', async () => {
  const paths = await freshPaths();
  const { child } = await startOwner(paths);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(lstatSync(paths.socket).isSocket()).toBe(true);
  expect(await attach(paths)).toEqual({ kind: 'absent' });
  const words = (await Promise.all([startOwner(paths), startOwner(paths), startOwner(paths)])).map(
    ({ word }) => word,
  );
  expect(words.toSorted()).toEqual(['owner', 'owner-running', 'owner-running']);
  expect(await echo(paths, 'new owner')).toBe('new owner');
});

test('two listeners in one process: the second is refused', async () => {
  const paths = await freshPaths();
  await listen(paths);
  await expect(listen(paths)).rejects.toMatchObject({ code: 'owner-running' });
  expect(await echo(paths, 'first')).toBe('first');
});

test('a new owner can start as soon as the old one is disposed, with the same key', async () => {
  const paths = await freshPaths();
  const first = await listen(paths);
  const key = readFileSync(paths.handshakeKey);
  await first[Symbol.asyncDispose]();
  expect(await attach(paths)).toEqual({ kind: 'absent' });
  await listen(paths);
  expect(readFileSync(paths.handshakeKey).equals(key)).toBe(true);
  expect(await echo(paths, 'second')).toBe('second');
});

test('an aborted signal ends ownership', async () => {
  const paths = await freshPaths();
  const stopping = new AbortController();
  const options = { paths, onClient: () => undefined, onControl: () => undefined, log: silentLog };
  await listenSocket({ ...options, signal: stopping.signal });
  stopping.abort();
  await listen(paths);
});

test.each([
  ['a plain file', (path: string) => writeFileSync(path, 'mine')],
  ['a link', (path: string) => symlinkSync('/nowhere', path)],
  ['a folder', (path: string) => mkdirSync(path)],
])('ST-08 %s at the place of the socket stops both ends and is left alone', async (_, put) => {
  const paths = await freshPaths();
  mkdirSync(paths.run, { mode: 0o700 });
  put(paths.socket);
  const before = lstatSync(paths.socket);
  await expect(listen(paths)).rejects.toMatchObject({ code: 'storage' });
  expect(await attach(paths)).toEqual({ kind: 'refused', because: 'socket' });
  expect(lstatSync(paths.socket).ino).toBe(before.ino);
});

test('ST-09 a home too deep for a socket path gets a short one', async () => {
  const home = join((await temporaryHome()).path, 'x'.repeat(120));
  const paths = pathsFor(home, {});
  expect(Buffer.byteLength(paths.socket)).toBeLessThan(104);
  await listen(paths);
  expect(await echo(paths, 'deep')).toBe('deep');
});

test.each([
  ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['an empty line', Buffer.from('\n')],
  ['1 MB without a line end', Buffer.alloc(1024 * 1024, 97)],
  [
    'a hello without the key',
    Buffer.from(`${JSON.stringify({ v: 1, role: 'mcp', mac: 'ab'.repeat(32) })}\n`),
  ],
])('ST-06 %s is closed without a byte', async (_, bytes) => {
  const paths = await freshPaths();
  await listen(paths);
  const { socket, heard } = rawConnection(paths);
  socket.write(bytes);
  expect((await heard).length).toBe(0);
});

test('ST-06 a recorded conversation said again is closed without a byte', async () => {
  const paths = await freshPaths();
  await listen(paths);
  const { socket: near, heard } = rawConnection(paths);
  const recorded = Promise.withResolvers<string>();
  const hungUp = Promise.withResolvers<void>();
  const relay = createServer((from) => {
    from.once('data', (line) => recorded.resolve(line.toString()));
    from.on('error', () => undefined);
    hungUp.promise.then(() => from.destroy());
  });
  const trap = join(paths.home, 'trap.sock');
  relay.listen(trap);
  await once(relay, 'listening');
  const signal = AbortSignal.timeout(20_000);
  const victim = connectSocket({
    socket: trap,
    keyFile: paths.handshakeKey,
    role: 'mcp',
    client: 'test',
    address: 'current',
    signal,
  });
  const hello = await recorded.promise;
  const second = rawConnection(paths);
  near.write(hello);
  await once(near, 'data');
  second.socket.write(hello);
  expect((await second.heard).length).toBe(0);
  near.destroy();
  await heard;
  hungUp.resolve();
  relay.close();
  expect(await victim).toEqual({ kind: 'refused', because: 'silent' });
});

test('ST-08 a false owner gets a hello that tells it nothing, and is refused', async () => {
  const paths = await freshPaths();
  await (await listen(paths))[Symbol.asyncDispose]();
  const heard: Buffer[] = [];
  const squatter = createServer((from) => {
    from.on('error', () => undefined);
    from.once('data', (line) => {
      heard.push(line);
      from.write(`${JSON.stringify({ v: 1, nonce: 'ab'.repeat(32), mac: 'cd'.repeat(32) })}\n`);
    });
  });
  squatter.listen(paths.socket);
  await once(squatter, 'listening');
  expect(await attach(paths)).toEqual({ kind: 'refused', because: 'proof' });
  const key = readFileSync(paths.handshakeKey);
  for (const form of ['hex', 'base64', 'latin1'] as const) {
    expect(Buffer.concat(heard).toString('latin1')).not.toContain(key.toString(form));
  }
  await new Promise((resolve) => squatter.close(resolve));
});

test('ST-08b silent connections are closed in time and keep nobody out', async () => {
  const paths = await freshPaths();
  await listen(paths);
  const silent = Array.from({ length: limits.pendingHandshakes + 10 }, () => rawConnection(paths));
  await Promise.all(silent.map(({ socket }) => once(socket, 'connect')));
  expect(await echo(paths, 'through')).toBe('through');
  const heard = await Promise.all(silent.map((one) => one.heard));
  expect(Buffer.concat(heard).length).toBe(0);
});

test('ST-07 a key that others may read is closed to them, and the log says so', async () => {
  const paths = await freshPaths();
  mkdirSync(paths.run, { mode: 0o700 });
  writeFileSync(paths.handshakeKey, randomBytes(32), { mode: 0o644 });
  const warnings: string[] = [];
  await listen(paths, undefined, { ...silentLog, warn: (event) => void warnings.push(event) });
  expect(mode(paths.handshakeKey)).toBe('600');
  expect(warnings).toEqual(['socket.key-closed']);
  chmodSync(paths.handshakeKey, 0o644);
  expect(await echo(paths, 'repaired')).toBe('repaired');
  expect(mode(paths.handshakeKey)).toBe('600');
});

test('ST-07 a key that is a link is refused by both ends', async () => {
  const paths = await freshPaths();
  await listen(paths);
  const elsewhere = join(paths.home, 'key');
  writeFileSync(elsewhere, randomBytes(32), { mode: 0o600 });
  const other = await freshPaths();
  mkdirSync(other.run, { mode: 0o700 });
  symlinkSync(elsewhere, other.handshakeKey);
  await expect(listen(other)).rejects.toMatchObject({ code: 'storage' });
  expect(await attach({ ...paths, handshakeKey: other.handshakeKey })).toEqual({
    kind: 'refused',
    because: 'key',
  });
});

test('ST-07 ST-08 a key or socket of another user is refused and left as it is', async () => {
  const paths = await freshPaths();
  await listen(paths);
  const other = await freshPaths();
  mkdirSync(other.run, { mode: 0o700 });
  writeFileSync(other.handshakeKey, randomBytes(32), { mode: 0o644 });
  const us = process.getuid?.() ?? 0;
  // Seen from another user, what is there belongs to somebody else.
  vi.spyOn(process, 'getuid').mockReturnValue(us + 1);
  try {
    expect(await attach(paths)).toEqual({ kind: 'refused', because: 'socket' });
    expect(readHandshakeKey(other.handshakeKey)).toEqual({ kind: 'unusable', because: 'foreign' });
    await expect(listen(other)).rejects.toMatchObject({ code: 'storage' });
  } finally {
    vi.restoreAllMocks();
  }
  expect(mode(other.handshakeKey)).toBe('644');
});

test.each([
  ['missing', undefined],
  ['empty', Buffer.alloc(0)],
  ['too short', randomBytes(31)],
  ['too long', randomBytes(33)],
])('ST-07 a key that is %s is made anew by the owner and refused by a client', async (_, bytes) => {
  const paths = await freshPaths();
  const broken = join(paths.home, 'broken.key');
  if (bytes) writeFileSync(broken, bytes, { mode: 0o600 });
  mkdirSync(paths.run, { mode: 0o700 });
  if (bytes) writeFileSync(paths.handshakeKey, bytes, { mode: 0o600 });
  await listen(paths);
  expect(readFileSync(paths.handshakeKey).length).toBe(32);
  expect(await echo(paths, 'new key')).toBe('new key');
  expect(await attach({ ...paths, handshakeKey: broken })).toEqual({ kind: 'refused', because: 'key' });
});
