import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { type ControlLink, linkOver } from '#bridge/control/client.ts';
import { programFromSource, programOfLastOwner } from '#bridge/shim/start-owner.ts';
import { connectSocket } from '#bridge/socket/connect.ts';
import { ControlPort } from '#bridge/socket/control-port.ts';
import { rejection, ServerHandshake } from '#bridge/socket/handshake.ts';
import { readHandshakeKey } from '#bridge/socket/handshake-key.ts';
import { HandshakeLines } from '#bridge/socket/lines.ts';
import { temporaryHome } from '../canary/home.ts';
import { describeShims, startShim } from './running-shim.ts';
import { freshPaths, initialize, initialized, request, startOwner } from './test-owner.ts';

async function startOwnerProcess(paths: Paths): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'owner-process.ts'), paths.home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await once(child.stdout, 'data');
  return child;
}

const changed = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };

async function controlOf(paths: Paths): Promise<ControlLink> {
  const connected = await connectSocket({
    socket: paths.socket,
    keyFile: paths.handshakeKey,
    role: 'control',
    client: 'test',
    address: '',
    signal: new AbortController().signal,
  });
  if (connected.kind !== 'connected') throw new Error(connected.kind);
  return linkOver(new ControlPort(connected.frames));
}

describeShims((kind) => {
  test('ST-04 after kill -9 of the owner a client goes on with the next one and loses no answer', async () => {
    const paths = await freshPaths();
    const first = await startOwnerProcess(paths);
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    await shim.next();
    shim.say(initialized);
    shim.say(request('level', 'logging/setLevel', { level: 'debug' }));
    await shim.next();
    shim.write('{"jsonrpc":"2.0","id":9007199254740993,"method":"hold"}\n');
    shim.say(request('quick'));
    expect(await shim.next()).toMatchObject({ id: 'quick' });
    first.kill('SIGKILL');
    const lost = await shim.nextLine();
    expect(lost).toContain('"id":9007199254740993,');
    expect(JSON.parse(lost)).toMatchObject({
      error: { code: -31010, data: { source: 'bridge', mayHaveRun: true } },
    });
    const second = await startOwner(paths);
    expect(await shim.next()).toEqual(changed);
    shim.say(request('after'));
    expect(await shim.next()).toMatchObject({ id: 'after', result: {} });
    expect(second.sessions.only.methods).toEqual([
      'initialize',
      'notifications/initialized',
      'logging/setLevel',
      'echo',
    ]);
  });

  test('ST-04 a request made while nobody is there is answered by the next owner', async () => {
    const paths = await freshPaths();
    const first = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    await shim.next();
    shim.say(initialized);
    shim.say(request(0, 'hold'));
    await first.sessions.only.hears(3);
    await first[Symbol.asyncDispose]();
    // With this answer the client knows that the owner has gone.
    expect(await shim.next()).toMatchObject({ id: 0, error: { code: -31010 } });
    shim.say(request(1));
    shim.say(request(2));
    const second = await startOwner(paths);
    expect(await shim.next()).toEqual(changed);
    expect([(await shim.next()).id, (await shim.next()).id]).toEqual([1, 2]);
    expect(second.sessions.only.methods.slice(0, 2)).toEqual(['initialize', 'notifications/initialized']);
  });

  test('ST-04 KL-04 a client survives many owners, as updates bring them, and what it was told to remember does not pile up', async () => {
    const paths = await freshPaths();
    let owner = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    await shim.next();
    shim.say(initialized);
    await owner.sessions.only.hears(2);
    for (let round = 0; round < 5; round += 1) {
      await owner[Symbol.asyncDispose]();
      owner = await startOwner(paths);
      expect(await shim.next()).toEqual(changed);
      shim.say(request(round));
      expect(await shim.next()).toMatchObject({ id: round });
      expect(owner.sessions.only.methods).toEqual(['initialize', 'notifications/initialized', 'echo']);
    }
  });

  test('ST-04 an initialize that was under way is said again to the next owner', async () => {
    const paths = await freshPaths();
    const first = await startOwner(paths);
    first.sessions.silent = true;
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    await expect.poll(() => first.sessions.opened.length).toBe(1);
    await first.sessions.only.hears(1);
    await first[Symbol.asyncDispose]();
    await startOwner(paths);
    expect(await shim.next()).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } });
  });

  test('a second initialize makes the next owner forget the first conversation', async () => {
    const paths = await freshPaths();
    const first = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
    for (const message of [initialize, request(1, 'resources/subscribe', { uri: 'a:1' }), initialize]) {
      shim.say(message);
      await shim.next();
    }
    shim.say(initialized);
    await first.sessions.only.hears(4);
    await first[Symbol.asyncDispose]();
    const second = await startOwner(paths);
    await shim.next();
    expect(second.sessions.only.methods).toEqual(['initialize', 'notifications/initialized']);
  });

  test('ST-05 an owner of another version: requests are answered with what to do', async () => {
    const paths = await freshPaths();
    await (await startOwner(paths))[Symbol.asyncDispose]();
    const file = readHandshakeKey(paths.handshakeKey);
    if (file.kind !== 'key') throw new Error(file.kind);
    const newer = createServer(async (socket) => {
      socket.on('error', () => undefined);
      using lines = new HandshakeLines(socket);
      const hello = (await lines.next()) ?? '';
      const known = new ServerHandshake(file.key, () => true).take(hello).kind === 'say';
      socket.end(known ? `${rejection('version')}\n` : '');
    });
    newer.listen(paths.socket);
    await once(newer, 'listening');
    onTestFinished(() => void newer.close());
    const shim = startShim({ kind, home: paths.home });
    shim.say(initialize);
    expect(await shim.next()).toMatchObject({
      id: 0,
      error: { code: -31010, message: 'Gangway was updated. Restart this app to use it.' },
    });
  });

  /** Starts a shim where nobody is, and expects that it starts an owner. */
  async function startsOwner(home: string): Promise<void> {
    const paths = pathsFor(home, {});
    const shim = startShim({
      kind,
      home,
      env: { GANGWAY_VAULT: 'memory' },
    });
    let pid = 0;
    onTestFinished(() => {
      if (pid > 0) process.kill(pid, 'SIGKILL');
      rmSync(home, { recursive: true, force: true });
    });
    shim.say(initialize);
    expect(await shim.next()).toMatchObject({ id: 0, result: {} });
    shim.child.stdin?.end();
    expect(await shim.exit).toBe(0);
    using link = await controlOf(paths);
    const status = await link.call(['status'], undefined, { context: {} });
    pid = (status as { pid: number }).pid;
    expect(status).toMatchObject({ home, socket: paths.socket });
    // So that the next shim can do the same.
    expect(programOfLastOwner(paths.startWords)).toEqual(programFromSource());
    expect(statSync(paths.startWords).mode & 0o777).toBe(0o600);
  }

  test('ST-03 a shim that finds no owner starts one as the last one said, which outlives it', async () => {
    const home = join((await temporaryHome()).path, 'new');
    leaveWords(home, programFromSource());
    await startsOwner(home);
  });

  test('ST-03 what such an owner logs goes where the log is kept small', async () => {
    const home = join((await temporaryHome()).path, 'new');
    leaveWords(home, programFromSource());
    const { logs, settings } = pathsFor(home, {});
    mkdirSync(dirname(settings), { recursive: true, mode: 0o700 });
    writeFileSync(settings, '{', { mode: 0o600 });
    await startsOwner(home);
    expect(readFileSync(join(logs, 'gangway.log'), 'utf8')).toContain('settings.set-aside');
    expect(readFileSync(join(logs, 'start.log'), 'utf8')).toBe('');
  });

  if (kind === 'TypeScript')
    test('ST-03 the shim from its source starts an owner from there, where none has been; the native one has no source', async () => {
      await startsOwner(join((await temporaryHome()).path, 'new'));
    });

  test('ST-03 an owner that ends at once leaves an answer and no process behind; it had no say in what it got', async () => {
    const home = (await temporaryHome()).path;
    const record = join(home, 'record.json');
    const program = join(home, 'program.mjs');
    writeFileSync(
      program,
      `import { renameSync, writeFileSync } from 'node:fs';
       const { argv, env, pid } = process;
       writeFileSync('${record}.new', JSON.stringify({ argv, env, pid, cwd: process.cwd() }));
       renameSync('${record}.new', '${record}');
       console.error('no luck');`,
    );
    leaveWords(home, [process.execPath, program]);
    const env = { HOME: home, LD_BIND_NOW: '1', DEBUG: '*', npm_config_x: '1', FOO: 'bar' };
    const shim = startShim({ kind, home, env });
    shim.say(initialize);
    expect(await shim.next()).toMatchObject({ id: 0, error: { code: -31010, data: { mayHaveRun: false } } });
    const started = JSON.parse(readFileSync(record, 'utf8'));
    expect(started.argv.slice(2)).toEqual(['serve']);
    expect(started.cwd).toBe(home);
    const { PATH } = process.env;
    expect(started.env).toEqual({ HOME: home, FOO: 'bar', PATH, GANGWAY_HOME: home });
    expect(readFileSync(join(home, 'logs', 'start.log'), 'utf8')).toBe('no luck\n');
    // The second try comes too soon to start anybody again.
    shim.say(initialize);
    expect(await shim.next()).toMatchObject({ id: 0, error: { code: -31010 } });
    await expect.poll(() => isAlive(started.pid)).toBe(false);
  });

  if (kind === 'native')
    test.each<[string, (home: string, words: string, program: string[]) => void]>([
      ['that the group may write', (home, _, program) => leaveWords(home, program, 0o620)],
      ['that everybody may write', (home, _, program) => leaveWords(home, program, 0o602)],
      ['with a name for the search path', (home, _, [, file = '']) => leaveWords(home, ['touch', file])],
      ['with a file that is gone', (home, _, program) => leaveWords(home, [...program, '/nonexistent'])],
      ['without a word', (home) => leaveWords(home, [])],
      [
        'with a number',
        (_, words, program) => writeFileSync(words, JSON.stringify({ program: [...program, 1] })),
      ],
      ['that are cut', (_, words) => writeFileSync(words, '{"program":["/usr/bin/touch"')],
      [
        'behind a link',
        (home, words, program) => {
          leaveWords(home, program);
          renameSync(words, `${words}.real`);
          symlinkSync(`${words}.real`, words);
        },
      ],
    ])('ST-03 words %s start nobody; the shim from its source would start itself', async (_, lay) => {
      const home = (await temporaryHome()).path;
      const record = join(home, 'record');
      mkdirSync(join(home, 'run'), { mode: 0o700 });
      // It exists, as all words have to; the program would change its time.
      writeFileSync(record, '');
      const { mtimeMs } = statSync(record);
      lay(home, join(home, 'run', 'start.json'), ['/usr/bin/touch', record]);
      const shim = startShim({ kind, home });
      shim.say(initialize);
      expect(await shim.next()).toMatchObject({ id: 0, error: { code: -31010 } });
      expect(statSync(record).mtimeMs).toBe(mtimeMs);
      expect(existsSync(join(home, 'logs'))).toBe(false);
    });
});

/** What an owner writes down about itself. */
function leaveWords(home: string, program: readonly string[], mode = 0o600): void {
  const folder = join(home, 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'start.json'), JSON.stringify({ program }));
  chmodSync(join(folder, 'start.json'), mode);
}

/** Also true of a process that ended and that its parent did not look after. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
