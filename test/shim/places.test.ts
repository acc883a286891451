import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { refusalTexts } from '#bridge/socket/connect.ts';
import { listenSocket } from '#bridge/socket/listen.ts';
import { temporaryHome } from '../canary/home.ts';
import { describeShims, type RunningShim, startShim } from './running-shim.ts';
import { freshPaths, initialize, startOwner } from './test-owner.ts';

const served = async (shim: RunningShim): Promise<void> => {
  shim.say(initialize);
  expect(await shim.next()).toMatchObject({ id: 0, result: {} });
};

describeShims((kind) => {
  test('ST-09 a home with a long path has its socket in a short one', async () => {
    const home = join((await temporaryHome()).path, 'long-'.repeat(20), '..', `${'long-'.repeat(20)}/`);
    const paths = pathsFor(home, {});
    expect(paths.socket).not.toContain(paths.home);
    await startOwner(paths);
    await served(startShim({ kind, home, env: { TMPDIR: `${tmpdir()}/` } }));
  });

  test('the home is that of the person unless a variable or an argument names another', async () => {
    const person = (await temporaryHome()).path;
    const usual =
      process.platform === 'darwin' ? 'Library/Application Support/Gangway' : '.local/share/gangway';
    const other = await freshPaths();
    await startOwner(pathsFor(join(person, usual), {}));
    const elsewhere = await startOwner(other);
    const HOME = person;
    await served(startShim({ kind, env: { HOME, GANGWAY_HOME: '' } }));
    expect(elsewhere.sessions.opened.length).toBe(0);
    await served(startShim({ kind, env: { HOME, GANGWAY_HOME: other.home } }));
    await served(startShim({ kind, home: other.home, env: { HOME, GANGWAY_HOME: '/nonexistent' } }));
    expect(elsewhere.sessions.opened.length).toBe(2);
  });

  test('ST-07 a key that others can read is closed to them', async () => {
    const paths = await freshPaths();
    await startOwner(paths);
    chmodSync(paths.handshakeKey, 0o644);
    await served(startShim({ kind, home: paths.home }));
    expect(statSync(paths.handshakeKey).mode & 0o777).toBe(0o600);
  });

  test.each(['empty', 'too long', 'a link', 'a folder', 'a pipe'])(
    'ST-07 a key file that is %s: exit 2 and the sentence on stderr',
    async (what) => {
      const paths = await freshPaths();
      await startOwner(paths);
      const key = paths.handshakeKey;
      const real = `${key}.real`;
      renameSync(key, real);
      if (what === 'empty') writeFileSync(key, '');
      if (what === 'too long') writeFileSync(key, Buffer.alloc(33));
      if (what === 'a link') symlinkSync(real, key);
      if (what === 'a folder') mkdirSync(key);
      if (what === 'a pipe') execFileSync('mkfifo', [key]);
      const shim = startShim({ kind, home: paths.home });
      shim.say(initialize);
      expect(await shim.exit).toBe(2);
      expect(shim.stderr()).toBe(`${refusalTexts.key}\n`);
      expect(await shim.rest()).toEqual([]);
    },
  );

  test('ST-08 a file, or a link, in the place of the socket: exit 2 and the sentence on stderr', async () => {
    const paths = await freshPaths();
    mkdirSync(paths.run);
    for (const lay of [
      () => writeFileSync(paths.socket, ''),
      () => symlinkSync('/nonexistent', paths.socket),
    ]) {
      lay();
      const shim = startShim({ kind, home: paths.home });
      expect(await shim.exit).toBe(2);
      expect(shim.stderr()).toBe(`${refusalTexts.socket}\n`);
      rmSync(paths.socket);
    }
  });

  test('ST-06 who hangs up, or says too much, is asked again until the owner is there', async () => {
    const paths = await freshPaths();
    await (await startOwner(paths))[Symbol.asyncDispose]();
    const answers = ['', 'x'.repeat(5000)];
    const rude = createServer((from) => {
      from.on('error', () => undefined);
      from.resume().end(answers.shift() ?? '');
      if (answers.length === 0) rude.close();
    });
    rude.listen(paths.socket);
    await once(rude, 'listening');
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    await once(rude, 'close');
    await startOwner(paths);
    expect(await shim.next()).toMatchObject({ id: 0, result: {} });
  });

  test('ST-06 who says a little now and then, and never a line, has five seconds', async () => {
    const paths = await freshPaths();
    await (await startOwner(paths))[Symbol.asyncDispose]();
    const slow = createServer((from) => {
      from.on('error', () => undefined).resume();
      const timer = setInterval(() => from.write('x'), 100);
      from.once('close', () => clearInterval(timer));
    });
    slow.listen(paths.socket);
    onTestFinished(() => void slow.close());
    await once(slow, 'listening');
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    await once(slow, 'connection');
    // Whoever comes from now on finds the owner.
    renameSync(paths.socket, `${paths.socket}-slow`);
    await startOwner(paths);
    expect(await shim.next()).toMatchObject({ id: 0, result: {} });
  });

  // Other systems refuse a connection that would have to wait.
  if (process.platform === 'linux')
    test('ST-08 an owner that hangs and takes no more connections keeps nobody waiting for ever', async () => {
      const paths = await freshPaths();
      await (await startOwner(paths))[Symbol.asyncDispose]();
      const script = `require('node:net').createServer().listen({ path: process.argv[1], backlog: 1 }, () => {
        console.log('ready');
        process.kill(process.pid, 'SIGSTOP');
      });`;
      const hung = spawn(process.execPath, ['-e', script, paths.socket], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void hung.kill('SIGKILL'));
      await once(hung.stdout, 'data');
      const guests: Socket[] = [];
      onTestFinished(() => {
        for (const guest of guests) guest.destroy();
      });
      for (let isFull = false; !isFull; ) {
        const guest = connect(paths.socket);
        guests.push(guest);
        isFull = await new Promise((resolve) => {
          guest.once('connect', () => resolve(false)).once('error', () => resolve(true));
        });
      }
      const shim = startShim({ kind, home: paths.home });
      shim.say(initialize);
      expect(await shim.next()).toMatchObject({ id: 0, error: { code: -31010 } });
    }, 60_000);

  test('ST-04 an owner that lets a shim in and hangs up at once is not asked without a pause', async () => {
    const paths = await freshPaths();
    const many = 20;
    const since = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    let count = 0;
    const listener = await listenSocket({
      paths,
      log: silentLog,
      signal: new AbortController().signal,
      onClient: ({ frames }) => {
        frames.destroy();
        count += 1;
        if (count === many) resolve();
      },
      onControl: ({ port }) => port.close(),
    });
    onTestFinished(() => listener[Symbol.asyncDispose]());
    startShim({ kind, home: paths.home });
    await promise;
    expect(performance.now() - since).toBeGreaterThan((many - 2) * 50);
  });

  test('ST-42 a stderr that is full does not keep the shim from leaving', async () => {
    const paths = await freshPaths();
    await startOwner(paths);
    rmSync(paths.handshakeKey);
    const pipe = join(paths.home, 'stderr');
    execFileSync('mkfifo', [pipe]);
    const filling = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    const stderr = openSync(pipe, constants.O_WRONLY);
    onTestFinished(() => {
      for (const file of [filling, stderr]) closeSync(file);
    });
    expect(() => {
      for (;;) writeSync(filling, Buffer.alloc(4096));
    }).toThrow('EAGAIN');
    expect(await startShim({ kind, home: paths.home, stderr }).exit).toBe(2);
  });

  test('ST-03 the words of the last owner are not used where the settings say no', async () => {
    const paths = await freshPaths();
    const record = join(paths.home, 'record');
    mkdirSync(paths.run, { mode: 0o700 });
    writeFileSync(record, '');
    const { mtimeMs } = statSync(record);
    writeFileSync(paths.startWords, JSON.stringify({ program: ['/usr/bin/touch', record] }));
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    expect(await shim.next()).toMatchObject({ id: 0, error: { code: -31010 } });
    expect(statSync(record).mtimeMs).toBe(mtimeMs);
    expect(existsSync(paths.logs)).toBe(false);
  });
});
