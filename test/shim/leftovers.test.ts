import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { describeShims, type ShimKind, shimCommand } from './running-shim.ts';
import { freshPaths, initialize, request, startOwner } from './test-owner.ts';

/** How a client and its shim may end. */
const ways = [
  'stdin closed',
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'shim killed',
  'client killed',
  'stdout closed',
] as const;

/** Starts a shim below a shell that stands for its client, talks to it, and ends it. Returns the pid of the shim. */
async function startAndEnd(kind: ShimKind, home: string, way: (typeof ways)[number]): Promise<number> {
  const script = 'exec 3<&0; "$0" "$@" <&3 & echo $! >&2; wait $!';
  const client = spawn('/bin/sh', ['-c', script, ...shimCommand(kind), '--home', home], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
  });
  const exited = new Promise((resolve) => client.once('close', resolve));
  onTestFinished(() => void client.kill('SIGKILL'));
  client.stdin.on('error', () => undefined);
  const errors = createInterface({ input: client.stderr });
  const answers = createInterface({ input: client.stdout });
  const [pid = 0] = (await Promise.all([firstLine(errors), answering(client.stdin, answers)])).map(Number);
  onTestFinished(() => void (isAlive(pid) && process.kill(pid, 'SIGKILL')));
  switch (way) {
    case 'stdin closed':
      client.stdin.end();
      break;
    case 'client killed':
      client.kill('SIGKILL');
      break;
    case 'shim killed':
      process.kill(pid, 'SIGKILL');
      break;
    case 'stdout closed':
      client.stdout.destroy();
      client.stdin.write(`${JSON.stringify(request(2))}\n`);
      break;
    default:
      process.kill(pid, way);
  }
  await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
  for (const stream of [client.stdin, client.stdout, client.stderr]) stream.destroy();
  await exited;
  return pid;
}

async function answering(stdin: NodeJS.WritableStream, answers: ReturnType<typeof createInterface>) {
  stdin.write(`${JSON.stringify(initialize)}\n`);
  expect(JSON.parse(await firstLine(answers))).toMatchObject({ id: 0, result: {} });
}

async function firstLine(lines: ReturnType<typeof createInterface>): Promise<string> {
  return new Promise((resolve) => lines.once('line', resolve));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Open files of this process, where the system lists them. */
function openFiles(): number {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
}

describeShims((kind) => {
  // Five hundred; a Node takes a hundred times longer to start.
  const [rounds, atOnce] = kind === 'native' ? [75, 5] : [4, 1];

  test(`ST-25 ${rounds * ways.length} clients, ended in every way, leave nothing behind`, async () => {
    const paths = await freshPaths();
    const owner = await startOwner(paths);
    await startAndEnd(kind, paths.home, 'stdin closed');
    const files = openFiles();
    const pids = new Set<number>();
    const all = Array.from({ length: atOnce }, () => ways).flat();
    for (let round = 0; round < rounds; round += atOnce) {
      const ended = await Promise.all(all.map((way) => startAndEnd(kind, paths.home, way)));
      for (const pid of ended) pids.add(pid);
    }
    expect([...pids].filter(isAlive)).toEqual([]);
    expect(owner.sessions.opened.length).toBe(rounds * ways.length + 1);
    await Promise.all(owner.sessions.opened.map(({ closed }) => closed));
    await expect.poll(openFiles).toBeLessThanOrEqual(files);
    expect(readdirSync(paths.run).toSorted()).toEqual(['gangway.sock', 'handshake.key', 'owner.lock']);
  }, 240_000);
});
