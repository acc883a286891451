import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { SHIM, startShim } from './running-shim.ts';
import { freshPaths, initialize, initialized, request, startOwner } from './test-owner.ts';

const MB = 1024 * 1024;

test('lines of a client reach its session and answers come back, one line each', async () => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const shim = startShim({ home: paths.home, args: ['--client', 'Claude', 'acme-billing'] });
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } });
  shim.say(initialized);
  shim.say(request('two', 'echo', { word: 'zwölf 🙂' }));
  expect(await shim.next()).toEqual({ jsonrpc: '2.0', id: 'two', result: { word: 'zwölf 🙂' } });
  const session = owner.sessions.only;
  expect(session.caller).toMatchObject({ label: 'Claude', door: 'stdio' });
  expect(session.address).toEqual({ text: 'acme-billing' });
  expect(session.methods).toEqual(['initialize', 'notifications/initialized', 'echo']);
});

test('messages that belong to no request come down too', async () => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const shim = startShim({ home: paths.home });
  shim.say(initialize);
  await shim.next();
  await owner.sessions.only.push('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
  expect(await shim.next()).toMatchObject({ method: 'notifications/tools/list_changed' });
});

test('ST-20 closing stdin ends the shim and its session', async () => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const shim = startShim({ home: paths.home });
  shim.say(initialize);
  await shim.next();
  shim.child.stdin?.end();
  expect(await shim.exit).toBe(0);
  await owner.sessions.only.closed;
  expect(shim.stderr()).toBe('');
});

test('ST-20 a shim whose stdin is closed from the start ends', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const shim = startShim({ home: paths.home });
  shim.child.stdin?.end();
  expect(await shim.exit).toBe(0);
});

test('answers to requests made before stdin was closed still come', async () => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const shim = startShim({ home: paths.home });
  shim.write(`${JSON.stringify(initialize)}\n${JSON.stringify(request(1, 'hold'))}\n`);
  shim.child.stdin?.end(JSON.stringify(request(2)));
  await shim.next();
  expect(await shim.next()).toMatchObject({ id: 2 });
  owner.sessions.only.held[0]?.release();
  expect(await shim.next()).toEqual({ jsonrpc: '2.0', id: 1, result: 'released' });
  expect(await shim.exit).toBe(0);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ST-23 %s ends the shim with code 0', async (signal) => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const shim = startShim({ home: paths.home });
  shim.say(initialize);
  await shim.next();
  shim.say(request(1, 'hold'));
  await owner.sessions.only.hears(2);
  shim.child.kill(signal);
  owner.sessions.only.held[0]?.release();
  expect(await shim.next()).toMatchObject({ id: 1, result: 'released' });
  expect(await shim.exit).toBe(0);
  await owner.sessions.only.closed;
});

test('ST-23 a request that never ends does not keep a shim from leaving', async () => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const shim = startShim({ home: paths.home });
  shim.say(initialize);
  await shim.next();
  shim.say(request(1, 'hold'));
  await owner.sessions.only.hears(2);
  const gone = once(owner.sessions.only.held[0]!.reply.gone, 'abort');
  shim.child.kill('SIGTERM');
  expect(await shim.exit).toBe(0);
  await gone;
});

test('ST-22 a client that closes stdout ends the shim without a word', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const shim = startShim({ home: paths.home });
  shim.say(initialize);
  await shim.next();
  shim.child.stdout?.destroy();
  shim.say(request(1));
  shim.say(request(2));
  expect(await shim.exit).toBe(0);
  expect(shim.stderr()).toBe('');
});

test.each([
  ['ST-21 is killed', 'plain'],
  ['ST-24 dies while a grandchild keeps the pipe open', 'grandchild'],
])('a shim whose parent %s leaves by itself', async (_, kind) => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const grandchild =
    kind === 'grandchild'
      ? `spawn(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], { stdio: [shim.stdin, 1, 2] });`
      : '';
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `const { spawn } = require('node:child_process');
       const shim = spawn(process.execPath, [${JSON.stringify(SHIM)}, '--home', ${JSON.stringify(paths.home)}], { stdio: ['pipe', 'ignore', 'ignore'] });
       console.log(shim.pid);
       ${grandchild}
       shim.stdin.write(${JSON.stringify(`${JSON.stringify(initialize)}\n`)});
       setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const pids: number[] = [];
  const expected = kind === 'grandchild' ? 2 : 1;
  for await (const line of createInterface({ input: parent.stdout })) {
    pids.push(Number(line));
    if (pids.length === expected) break;
  }
  onTestFinished(() => {
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  await expect.poll(() => owner.sessions.opened.length, { timeout: 20_000 }).toBe(1);
  parent.kill('SIGKILL');
  await owner.sessions.only.closed;
  await expect.poll(() => isAlive(pids[0] ?? 0), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('ST-03 without an owner every request is answered, and the shim stays until stdin is closed', async () => {
  const paths = await freshPaths();
  const shim = startShim({ home: paths.home });
  shim.say(initialize);
  expect(await shim.next()).toEqual({
    jsonrpc: '2.0',
    id: 0,
    error: {
      code: -31010,
      message: 'Gangway is not running. Open Gangway, then try again.',
      data: { source: 'bridge', mayHaveRun: false },
    },
  });
  shim.say(initialized);
  shim.write('{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/list"}\n');
  expect(await shim.nextLine()).toContain('"id":9007199254740993,');
  shim.say([request('a'), initialized, request('b')]);
  expect(await shim.nextLine()).toMatch(/^\[\{.*"id":"a".*\},\{.*"id":"b".*\}\]$/);
  shim.write('{not json\n');
  expect(await shim.next()).toMatchObject({ id: null, error: { code: -32700 } });
  const owner = await startOwner(paths);
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0, result: {} });
  expect(owner.sessions.only.methods).toEqual(['initialize']);
  shim.child.stdin?.end();
  expect(await shim.exit).toBe(0);
  expect(await shim.rest()).toEqual([]);
});

test('ST-07 a missing key beside a living owner: exit 2 and a sentence on stderr', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  rmSync(paths.handshakeKey);
  const shim = startShim({ home: paths.home });
  shim.say(initialize);
  expect(await shim.exit).toBe(2);
  expect(shim.stderr()).toMatch(/^The key file of Gangway .*\n$/);
  expect(await shim.rest()).toEqual([]);
});

test('ST-08 what answers at the socket without knowing the key gets nothing: exit 2', async () => {
  const paths = await freshPaths();
  await (await startOwner(paths))[Symbol.asyncDispose]();
  const heard: Buffer[] = [];
  const squatter = createServer((from) => {
    from.on('data', (part) => heard.push(part));
    from.on('error', () => undefined);
    from.write('{"ok":true}\n');
  });
  squatter.listen(paths.socket);
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());
  const shim = startShim({ home: paths.home });
  shim.say(request(1, 'tools/call', { name: 'private' }));
  expect(await shim.exit).toBe(2);
  expect(shim.stderr()).toContain('could not prove');
  expect(Buffer.concat(heard).toString()).not.toContain('private');
});

test('wrong arguments: exit 2 and the usage on stderr', async () => {
  const paths = await freshPaths();
  const shim = startShim({ home: paths.home, args: ['--verbose'] });
  expect(await shim.exit).toBe(2);
  expect(shim.stderr()).toMatch(/^Usage: /);
});

test('ST-01 what a dependency prints goes to stderr', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const noise = join(paths.home, 'noise.mjs');
  writeFileSync(
    noise,
    `setInterval(() => { console.log('noise'); console.info('noise'); process.stdout.write('x'); }, 1);`,
  );
  const shim = startShim({ home: paths.home, nodeArgs: ['--import', noise] });
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0 });
  await expect.poll(() => shim.stderr()).toContain('noise');
  for (let id = 1; id <= 20; id += 1) {
    shim.say(request(id));
    expect(await shim.next()).toMatchObject({ id });
  }
});

test('ST-02 the environment cannot make stdout unclean', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const env = {
    NODE_OPTIONS: '--inspect=127.0.0.1:0',
    NODE_DEBUG: 'net,stream',
    DEBUG: '*',
    ELECTRON_ENABLE_LOGGING: '1',
  };
  const shim = startShim({ home: paths.home, env });
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0 });
  shim.child.stdin?.end();
  expect(await shim.exit).toBe(0);
  expect(await shim.rest()).toEqual([]);
});

test('ST-42 a stderr that nobody reads does not block stdout', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const noise = join(paths.home, 'noise.mjs');
  writeFileSync(noise, `process.stderr.write('e'.repeat(10 * 1024 * 1024));`);
  const shim = startShim({ home: paths.home, nodeArgs: ['--import', noise], deaf: true });
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0 });
});

test('ST-41 answers of every awkward size come whole, on one line', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const shim = startShim({ home: paths.home });
  for (const bytes of [0, 65_535 - 40, 65_535, 65_536, 65_537, MB, Math.floor(15.9 * MB)]) {
    shim.say(request(bytes, 'big', { bytes }));
    const answer = await shim.next();
    expect(answer.id).toBe(bytes);
    expect((answer.result as string).length).toBe(bytes);
  }
});

test('ST-43 an answer over several lines comes as one, with every other byte as it was', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const shim = startShim({ home: paths.home });
  shim.say(request(1, 'pretty'));
  expect(await shim.nextLine()).toBe('{"jsonrpc":"2.0",   "id":1,  "result":{"a": 1} } ');
});

test('JR-36 a line of exactly 16 MB passes, one byte more is refused and the connection lives', async () => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const shim = startShim({ home: paths.home });
  const exact = '{"jsonrpc":"2.0","id":1,"method":"give-up","params":{"text":""}}';
  const fill = limits.messageBytes - exact.length;
  const whole = exact.replace('""', `"${'z'.repeat(fill)}"`);
  expect(Buffer.byteLength(whole)).toBe(limits.messageBytes);
  shim.write(`${whole}\n`);
  shim.write(`${whole} \n`);
  expect(await shim.next()).toEqual({
    jsonrpc: '2.0',
    id: null,
    error: {
      code: -31009,
      message: 'The message is larger than 16 MB and was not forwarded.',
      data: { source: 'bridge', mayHaveRun: false },
    },
  });
  shim.say(request(2));
  expect(await shim.next()).toMatchObject({ id: 2 });
  expect(owner.sessions.only.methods).toEqual(['give-up', 'echo']);
});

test('JR-37 100 MB without a line end are let go, and answered once', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const shim = startShim({ home: paths.home });
  const chunk = Buffer.alloc(MB, 97);
  for (let sent = 0; sent < 100; sent += 1) {
    if (!shim.child.stdin!.write(chunk)) await once(shim.child.stdin!, 'drain');
  }
  const peak = /VmHWM:\s+(\d+) kB/.exec(statusOf(shim.child.pid!));
  if (peak) expect(Number(peak[1]) / 1024).toBeLessThan(150);
  shim.child.stdin?.end();
  expect(await shim.next()).toMatchObject({ id: null, error: { code: -31009 } });
  expect(await shim.exit).toBe(0);
  expect(await shim.rest()).toEqual([]);
});

function statusOf(pid: number): string {
  return process.platform === 'linux' ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
}

test('JR-02 JR-33 JR-38 JR-39 blank lines, a byte order mark, single bytes, and several lines in one piece', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const shim = startShim({ home: paths.home });
  shim.write(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(`${JSON.stringify(request(1))}\r\n`)]));
  expect(await shim.next()).toMatchObject({ id: 1 });
  for (const byte of Buffer.from(` \n\r\n\t\n${JSON.stringify(request(2, 'echo', { text: 'ü' }))}\n`)) {
    shim.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await shim.next()).toMatchObject({ id: 2, result: { text: 'ü' } });
  shim.write(`${JSON.stringify(request(3))}\n${JSON.stringify(request(4))}\n`);
  expect([(await shim.next()).id, (await shim.next()).id]).toEqual([3, 4]);
  shim.write(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(`${JSON.stringify(request(5))}\n`)]));
  expect(await shim.next()).toMatchObject({ error: { code: -32700 } });
});

test('ST-40 a client that does not read slows the sender down and then gets everything in order', async () => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const child = startShim({ home: paths.home }).child;
  const count = 200;
  child.stdout?.pause();
  child.stdout?.removeAllListeners('data');
  child.stdin?.write(`${JSON.stringify(initialize)}\n`);
  await expect.poll(() => owner.sessions.opened.length, { timeout: 20_000 }).toBe(1);
  child.stdin?.write(`${JSON.stringify(request(1, 'flood', { count, bytes: MB }))}\n`);
  const session = owner.sessions.only;
  await session.hears(2);
  // Nothing is read; when the owner's memory stops growing it is waiting.
  let before = -1;
  await expect
    .poll(
      () => {
        const now = session.flooded;
        const stands = now === before;
        before = now;
        return stands && now > 0;
      },
      { interval: 500, timeout: 20_000 },
    )
    .toBe(true);
  expect(session.flooded * MB).toBeLessThan(limits.clientQueueBytes);
  const numbers: number[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    const message = JSON.parse(line) as { id?: number; params?: { number: number } };
    if (message.params) numbers.push(message.params.number);
    if (message.id === 1) break;
  }
  expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index));
}, 60_000);

test('ST-26 fifty shims at once are all served', async () => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  const shims = Array.from({ length: 50 }, () => startShim({ home: paths.home }));
  const answers = await Promise.all(
    shims.map(async (shim, index) => {
      shim.say(request(index));
      return (await shim.next()).id;
    }),
  );
  expect(answers).toEqual(shims.map((_, index) => index));
  expect(owner.sessions.opened.length).toBe(50);
  for (const shim of shims) shim.child.stdin?.end();
  expect(new Set(await Promise.all(shims.map(({ exit }) => exit)))).toEqual(new Set([0]));
}, 60_000);

test('an unknown address is answered in words, and works as soon as it exists', async () => {
  const paths = await freshPaths();
  const owner = await startOwner(paths);
  owner.sessions.unknown.add('acme');
  const shim = startShim({ home: paths.home, args: ['acme'] });
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0, error: { code: -31008, data: { source: 'bridge' } } });
  owner.sessions.unknown.clear();
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0, result: {} });
});
