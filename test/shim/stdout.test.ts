import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { describeShims, type RunningShim, startShim } from './running-shim.ts';
import { freshPaths, initialize, request, startOwner } from './test-owner.ts';

const MB = 1024 * 1024;

test('ST-01 what a dependency prints goes to stderr; the native shim has none', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const noise = join(paths.home, 'noise.mjs');
  writeFileSync(
    noise,
    `setInterval(() => { console.log('noise'); console.info('noise'); process.stdout.write('x'); }, 1);`,
  );
  const shim = startShim({ kind: 'TypeScript', home: paths.home, nodeArgs: ['--import', noise] });
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0 });
  await expect.poll(() => shim.stderr()).toContain('noise');
  for (let id = 1; id <= 20; id += 1) {
    shim.say(request(id));
    expect(await shim.next()).toMatchObject({ id });
  }
});

test('ST-42 a stderr that nobody reads does not block stdout; nothing in the native shim writes that much', async () => {
  const paths = await freshPaths();
  await startOwner(paths);
  const noise = join(paths.home, 'noise.mjs');
  writeFileSync(noise, `process.stderr.write('e'.repeat(10 * 1024 * 1024));`);
  const shim = startShim({ kind: 'TypeScript', home: paths.home, nodeArgs: ['--import', noise], deaf: true });
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0 });
});

describeShims((kind) => {
  test('ST-02 the environment cannot make stdout unclean', async () => {
    const paths = await freshPaths();
    await startOwner(paths);
    const env = {
      NODE_OPTIONS: '--inspect=127.0.0.1:0',
      NODE_DEBUG: 'net,stream',
      DEBUG: '*',
      ELECTRON_ENABLE_LOGGING: '1',
    };
    const shim = startShim({ kind, home: paths.home, env });
    shim.say(initialize);
    expect(await shim.next()).toMatchObject({ id: 0 });
    shim.child.stdin?.end();
    expect(await shim.exit).toBe(0);
    expect(await shim.rest()).toEqual([]);
  });

  test('ST-41 answers of every awkward size come whole, on one line', async () => {
    const paths = await freshPaths();
    await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
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
    const shim = startShim({ kind, home: paths.home });
    shim.say(request(1, 'pretty'));
    expect(await shim.nextLine()).toBe('{"jsonrpc":"2.0",   "id":1,  "result":{"a": 1} } ');
  });

  test('JR-36 a line of exactly 16 MB passes, one byte more and 100 MB are refused, and the connection lives', async () => {
    const paths = await freshPaths();
    const owner = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
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
    const chunk = Buffer.alloc(MB, 97);
    for (let sent = 0; sent < 100; sent += 1) {
      if (!shim.child.stdin!.write(chunk)) await once(shim.child.stdin!, 'drain');
    }
    shim.write('\n');
    expect(await shim.next()).toMatchObject({ id: null, error: { code: -31009 } });
    shim.say(request(2));
    expect(await shim.next()).toMatchObject({ id: 2 });
    expect(owner.sessions.only.methods).toEqual(['give-up', 'echo']);
  });

  test('JR-37 100 MB without a line end are let go, and answered once', async () => {
    const paths = await freshPaths();
    await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
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
    const shim = startShim({ kind, home: paths.home });
    shim.write(
      Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(`${JSON.stringify(request(1))}\r\n`)]),
    );
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
    const child = startShim({ kind, home: paths.home }).child;
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

  test('ST-44 a client that reads slowly gets everything, also after it closed stdin', async () => {
    const paths = await freshPaths();
    await startOwner(paths);
    const { child, exit } = startShim({ kind, home: paths.home });
    child.stdout?.removeAllListeners('data').pause();
    child.stdin?.end(`${JSON.stringify(request(1, 'big', { bytes: 2 * MB }))}\n`);
    let size = 0;
    for await (const part of child.stdout!) {
      size += (part as Buffer).length;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(size).toBe('{"jsonrpc":"2.0","id":1,"result":""}\n'.length + 2 * MB);
    expect(await exit).toBe(0);
  });

  test('ST-26 fifty shims at once are all served', async () => {
    const paths = await freshPaths();
    const owner = await startOwner(paths);
    // A Node needs a whole processor to start; fifty of them would not be in time for their own handshakes.
    const atOnce = kind === 'native' ? 50 : 5;
    const shims: RunningShim[] = [];
    const serve = async (some: readonly RunningShim[]): Promise<void> => {
      for (const [id, shim] of some.entries()) shim.say(request(id));
      const answers = await Promise.all(some.map((shim) => shim.next()));
      expect(answers).toEqual(some.map((_, id) => ({ jsonrpc: '2.0', id, result: {} })));
    };
    while (shims.length < 50) {
      const more = Array.from({ length: atOnce }, () => startShim({ kind, home: paths.home }));
      shims.push(...more);
      await serve(more);
    }
    await serve(shims);
    expect(owner.sessions.opened.length).toBe(50);
    for (const shim of shims) shim.child.stdin?.end();
    expect(new Set(await Promise.all(shims.map(({ exit }) => exit)))).toEqual(new Set([0]));
  }, 120_000);
});
