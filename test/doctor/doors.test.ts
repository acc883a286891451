import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { gangway, MAIN, startServe } from '../cli/processes.ts';
import { alike, saidOf } from './a-home.ts';
import { listener, portOf } from './listener.ts';

// Each test starts several processes.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let homes: Awaited<ReturnType<typeof alike>>;
beforeAll(async () => {
  homes = await alike();
});
afterAll(() => homes?.[Symbol.asyncDispose]());

test('a port that another program has is named with that program', async () => {
  const home = await homes.copy();
  const port = await portOf(home);
  await using _taken = await listener(port, () => undefined);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad port-taken 127.0.0.1:${port}`] });
  if (process.platform === 'linux') {
    expect(saidOf(found, 'port-taken')).toContain(`(process ${process.pid})`);
  }
  expect(found.report.checks.map(({ id }) => id)).not.toContain('http-door');
});

test('a running Gangway whose port was taken says so, and that it is free again', async () => {
  const home = await homes.copy();
  const port = await portOf(home);
  await using stack = new AsyncDisposableStack();
  const taken = await listener(port, () => undefined);
  stack.use(taken);
  await using serve = await startServe(home.options);
  expect(serve.url).toBeNull();
  expect((await home.doctor()).troubles).toEqual([`bad port-taken 127.0.0.1:${port}`]);
  await stack.disposeAsync();
  expect((await home.doctor()).troubles).toEqual(['bad http-door-closed null']);
});

test('the socket of a Gangway that was killed', async () => {
  const home = await homes.copy();
  {
    await using serve = await startServe(home.options);
    await serve.end('SIGKILL');
  }
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 0, troubles: [`notice socket-stale ${home.paths.socket}`] });
  expect(saidOf(found, 'socket-stale')).toContain('has just been removed');
  expect((await home.doctor()).troubles).toEqual([]);
});

test('something foreign in the place of the socket is named and left alone', async () => {
  const home = await homes.copy();
  await writeFile(home.paths.socket, 'a file');
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad socket-foreign ${home.paths.socket}`] });
  expect(await readFile(home.paths.socket, 'utf8')).toBe('a file');
});

test('a process at the socket that cannot prove itself', async () => {
  const home = await homes.copy();
  const answer = `{"v":1,"nonce":"${'A'.repeat(22)}","mac":"${'A'.repeat(43)}"}\n`;
  await using _other = await listener(home.paths.socket, (socket) => void socket.write(answer));
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad socket-unproven ${home.paths.socket}`] });
  if (process.platform === 'linux') {
    expect(saidOf(found, 'socket-unproven')).toContain(`(process ${process.pid})`);
  }
});

test('an owner that accepts and never answers', async () => {
  const home = await homes.copy();
  await using _silent = await listener(home.paths.socket, () => undefined);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad owner-silent ${home.paths.socket}`] });
});

test('a damaged key of the local socket, which the start renews', async () => {
  const home = await homes.copy();
  await writeFile(home.paths.handshakeKey, 'short');
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 0, troubles: [`notice key-damaged ${home.paths.handshakeKey}`] });
  expect(saidOf(found, 'key-damaged')).toContain('has just made a new one');
  expect((await home.doctor()).troubles).toEqual([]);
});

test('a key of the local socket that is damaged or gone while Gangway runs', async () => {
  const home = await homes.copy();
  await using _serve = await startServe(home.options);
  const key = await readFile(home.paths.handshakeKey);
  await writeFile(home.paths.handshakeKey, 'short');
  expect((await home.doctor()).troubles).toEqual([`bad key-damaged ${home.paths.handshakeKey}`]);
  await rm(home.paths.handshakeKey);
  expect((await home.doctor()).troubles).toEqual([`bad key-missing ${home.paths.handshakeKey}`]);
  await writeFile(home.paths.handshakeKey, key, { mode: 0o600 });
  expect((await home.doctor()).troubles).toEqual([]);
});

test('a key of the local socket that others could read', async () => {
  const home = await homes.copy();
  await chmod(home.paths.handshakeKey, 0o644);
  expect((await home.doctor()).troubles).toEqual([`notice key-open ${home.paths.handshakeKey}`]);
  expect((await home.doctor()).troubles).toEqual([]);
});

test('a key of the local socket that is no plain file', async () => {
  const home = await homes.copy();
  await rm(home.paths.handshakeKey);
  await mkdir(home.paths.handshakeKey);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad key-foreign ${home.paths.handshakeKey}`] });
});

test('what a person chose that keeps calls or Gangway itself from running', async () => {
  const home = await homes.copy();
  await home.run(['pause']);
  await using _serve = await startServe(home.options);
  await home.run(['settings', 'read-only', 'on']);
  await home.run(['settings', 'start-owner', 'off']);
  const found = await home.doctor();
  expect(found).toMatchObject({
    code: 0,
    troubles: ['notice paused null', 'notice read-only null', 'notice start-not-allowed null'],
  });
  expect(saidOf(found, 'paused')).toContain('gangway resume');
  expect(saidOf(found, 'start-not-allowed')).toContain('gangway settings start-owner on');
});

test('an app could not start Gangway the last time', async () => {
  const home = await homes.copy();
  const log = join(home.paths.logs, 'start.log');
  await writeFile(log, 'gangway: The folder /x cannot be made. Check its permissions.\n');
  const found = await home.doctor();
  expect(found.troubles).toEqual([`notice start-failed ${log}`]);
  expect(saidOf(found, 'start-failed')).toContain('The folder /x cannot be made.');
  await writeFile(log, 'gangway: Gangway is already running for this data folder.\n');
  expect((await home.doctor()).troubles).toEqual([]);
});

test.runIf(process.platform === 'linux')('few files may be open at once', async () => {
  const home = await homes.copy();
  const { environment } = home.options;
  const words = ['-c', 'ulimit -n 200; exec "$0" "$@"', process.execPath, MAIN, 'doctor', '--json'];
  const child = spawn('sh', words, {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...environment,
      GANGWAY_HOME: home.paths.home,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  await once(child, 'close');
  const { checks } = JSON.parse(Buffer.concat(pieces).toString()) as {
    checks: { id: string; text: string }[];
  };
  expect(checks.find(({ id }) => id === 'few-files')?.text).toContain('only 200 files');
});

test('people read signs with words, what to do below each, and the sum of it last', async () => {
  const home = await homes.copy();
  await writeFile(home.paths.socket, 'a file');
  await chmod(home.paths.accounts, 0o644);
  const { code, stdout, stderr } = await gangway(['doctor'], home.options);
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  const at = lines.findIndex((line) => line.startsWith('  ✗ needs you      The place of the Gangway socket'));
  expect(lines[at]).toContain(`(${home.paths.socket})`);
  expect(lines[at + 1]).toMatch(/^ {19}→ Look at what lies there/);
  expect(lines).toContain('Ways in for apps');
  expect(stdout).toMatch(/^ {2}! worth knowing {2}The list of accounts is in a file that other users/m);
  expect(stdout).toMatch(/^ {2}- skipped {8}Gangway could not be asked/m);
  expect(stdout).toMatch(/^ {2}✓ fine {11}\S/m);
  expect(lines.at(-1)).toBe('1 thing needs you. 1 thing is worth knowing.');
});
