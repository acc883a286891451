import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { describeShims, shimCommand, startShim } from './running-shim.ts';
import { freshPaths, initialize, initialized, request, startOwner } from './test-owner.ts';

describeShims((kind) => {
  test('lines of a client reach its session and answers come back, one line each', async () => {
    const paths = await freshPaths();
    const owner = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home, args: ['--client', 'Claude', 'acme-billing'] });
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
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    await shim.next();
    await owner.sessions.only.push('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
    expect(await shim.next()).toMatchObject({ method: 'notifications/tools/list_changed' });
  });

  test('ST-20 closing stdin ends the shim and its session', async () => {
    const paths = await freshPaths();
    const owner = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
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
    const shim = startShim({ kind, home: paths.home });
    shim.child.stdin?.end();
    expect(await shim.exit).toBe(0);
  });

  test('answers to requests made before stdin was closed still come', async () => {
    const paths = await freshPaths();
    const owner = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
    shim.write(`${JSON.stringify(initialize)}\n${JSON.stringify(request(1, 'hold'))}\n`);
    shim.child.stdin?.end(JSON.stringify(request(2)));
    await shim.next();
    expect(await shim.next()).toMatchObject({ id: 2 });
    owner.sessions.only.held[0]?.release();
    expect(await shim.next()).toEqual({ jsonrpc: '2.0', id: 1, result: 'released' });
    expect(await shim.exit).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ST-23 %s ends the shim with code 0',
    async (signal) => {
      const paths = await freshPaths();
      const owner = await startOwner(paths);
      const shim = startShim({ kind, home: paths.home });
      shim.say(initialize);
      await shim.next();
      shim.say(request(1, 'hold'));
      await owner.sessions.only.hears(2);
      shim.child.kill(signal);
      owner.sessions.only.held[0]?.release();
      expect(await shim.next()).toMatchObject({ id: 1, result: 'released' });
      expect(await shim.exit).toBe(0);
      await owner.sessions.only.closed;
    },
  );

  test('ST-23 a request that never ends does not keep a shim from leaving', async () => {
    const paths = await freshPaths();
    const owner = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    await shim.next();
    shim.say(request(1, 'hold'));
    await owner.sessions.only.hears(2);
    const gone = once(owner.sessions.only.held[0]!.reply.gone, 'abort');
    shim.child.kill('SIGTERM');
    expect(await shim.exit).toBe(0);
    await gone;
  });

  // The tool that blocks a signal for what it starts is one of GNU.
  if (process.platform === 'linux')
    test('ST-23 a shim that was started where signals are blocked hears them', async () => {
      const paths = await freshPaths();
      await startOwner(paths);
      const through = ['env', '--block-signal=TERM'] as const;
      const shim = startShim({ kind, home: paths.home, through });
      shim.say(initialize);
      await shim.next();
      shim.child.kill('SIGTERM');
      expect(await shim.exit).toBe(0);
    });

  test('ST-22 a client that closes stdout ends the shim without a word', async () => {
    const paths = await freshPaths();
    await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    await shim.next();
    shim.child.stdout?.destroy();
    shim.say(request(1));
    shim.say(request(2));
    expect(await shim.exit).toBe(0);
    expect(shim.stderr()).toBe('');
  });

  test.each([
    ['ST-21 a shim whose parent is killed', 'plain'],
    ['ST-24 a shim whose parent dies while a grandchild keeps the pipe open', 'grandchild'],
  ])('%s leaves by itself', async (_, holder) => {
    const paths = await freshPaths();
    const owner = await startOwner(paths);
    const grandchild =
      holder === 'grandchild'
        ? `spawn(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], { stdio: [shim.stdin, 1, 2] });`
        : '';
    const [executable, ...words] = shimCommand(kind);
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const { spawn } = require('node:child_process');
         const shim = spawn(${JSON.stringify(executable)}, ${JSON.stringify([...words, '--home', paths.home])}, { stdio: ['pipe', 'ignore', 'ignore'] });
         console.log(shim.pid);
         ${grandchild}
         shim.stdin.write(${JSON.stringify(`${JSON.stringify(initialize)}\n`)});
         setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pids: number[] = [];
    const expected = holder === 'grandchild' ? 2 : 1;
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
    const shim = startShim({ kind, home: paths.home });
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
    const shim = startShim({ kind, home: paths.home });
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
    const shim = startShim({ kind, home: paths.home });
    shim.say(request(1, 'tools/call', { name: 'private' }));
    expect(await shim.exit).toBe(2);
    expect(shim.stderr()).toContain('could not prove');
    expect(Buffer.concat(heard).toString()).not.toContain('private');
  });

  test('wrong arguments: exit 2 and the usage on stderr', async () => {
    const paths = await freshPaths();
    const shim = startShim({ kind, home: paths.home, args: ['--verbose'] });
    expect(await shim.exit).toBe(2);
    expect(shim.stderr()).toMatch(/^Usage: /);
  });

  test('an unknown address is answered in words, and works as soon as it exists', async () => {
    const paths = await freshPaths();
    const owner = await startOwner(paths);
    owner.sessions.unknown.add('acme');
    const shim = startShim({ kind, home: paths.home, args: ['acme'] });
    shim.say(initialize);
    expect(await shim.next()).toMatchObject({ id: 0, error: { code: -31008, data: { source: 'bridge' } } });
    owner.sessions.unknown.clear();
    shim.say(initialize);
    expect(await shim.next()).toMatchObject({ id: 0, result: {} });
  });
});
