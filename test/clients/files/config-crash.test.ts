import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, watch as watchFolder } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sweepFolder } from '#bridge/clients/files/config-swap.ts';
import { watchProcess } from '../../canary/collect.ts';
import { temporaryHome } from '../../canary/home.ts';

const program = fileURLToPath(new URL('./saving-config.ts', import.meta.url));
const KILLS = 30;

interface Saver extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Numbers of the saves it said were done. */
  readonly done: AsyncIterator<string>;
}

/** Waits for a line on stdin before it begins, so that the next one can start up while this one is watched. */
function startSaver(what: string, path: string, home: string): Saver {
  const child = spawn(process.execPath, [program, what, path, home], { stdio: ['pipe', 'pipe', 'inherit'] });
  watchProcess(child, 'the saving program');
  const ended = once(child, 'exit');
  return {
    child,
    done: createInterface(child.stdout)[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test.for([
  { what: 'on-and-on', how: 'replaces a file' },
  { what: 'anew', how: 'removes a file and makes it anew' },
])(
  'CF-12 a writer that $how and is killed at any moment leaves the old or the new file',
  async ({ what }) => {
    await using home = await temporaryHome();
    const folder = join(home.path, 'client');
    const path = join(folder, 'settings.json');
    await mkdir(folder);
    await writeFile(path, '{"turn":0}');
    let saved = 0;
    await using savers = new AsyncDisposableStack();
    let next = savers.use(startSaver(what, path, home.path));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const saver = next;
      next = savers.use(startSaver(what, path, home.path));
      saver.child.stdin!.write(`${saved + 1}\n`);
      saved = Number((await saver.done.next()).value);
      // Something happens in the folder a few times per save, so this lands in the middle of one.
      const watch = watchFolder(folder);
      for (let changes = randomInt(1, 14); changes > 0; changes -= 1) await once(watch, 'change');
      watch.close();
      const ended = once(saver.child, 'exit');
      saver.child.kill('SIGKILL');
      await ended;
      for (let rest = await saver.done.next(); !rest.done; rest = await saver.done.next())
        saved = Number(rest.value);
      if (what === 'anew' && !existsSync(path)) {
        await writeFile(path, JSON.stringify({ turn: saved }));
        continue;
      }
      const { turn } = JSON.parse(await readFile(path, 'utf8')) as { turn: number };
      expect([saved, saved + 1]).toContain(turn);
      saved = turn;
    }
    await savers.disposeAsync();
    const left = (await readdir(folder)).filter((name) => name !== 'settings.json');
    expect(left).not.toEqual([]);
    await sweepFolder(folder);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(left));
    await sweepFolder(folder, Date.now() + 61 * 60_000);
    expect(await readdir(folder)).toEqual(['settings.json']);
  },
);

interface Outcome {
  readonly code?: string;
  readonly message: string;
  readonly cause?: string;
  /** The file is as it was before, byte for byte. */
  readonly same: boolean;
  readonly names: readonly string[];
}

function outcomeOf(command: string, args: readonly string[]): Outcome {
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8' })) as Outcome;
}

/** Words for a shell that then runs the program once. */
function wordsFor(path: string, home: string): string {
  return [process.execPath, program, 'once', path, home].map((word) => `'${word}'`).join(' ');
}

describe.runIf(process.platform !== 'win32')('a disk that takes less than the file needs', () => {
  test.for([true, false])(
    'CF-12 nothing changes when the system takes only a part (file there: %s)',
    async (there) => {
      await using home = await temporaryHome();
      const path = join(home.path, 'settings.json');
      if (there) await writeFile(path, '{"mcpServers":{}}');
      // Blocks of 512 or 1024 bytes, depending on the shell; the program writes more.
      const outcome = outcomeOf('sh', ['-c', `ulimit -f 8; exec ${wordsFor(path, home.path)}`]);
      expect(outcome).toEqual({
        code: 'storage',
        message: `The system allows no file of this size: ${path} could not be saved. It is as it was before; nothing was lost.`,
        cause: 'EFBIG',
        same: true,
        names: there ? ['settings.json'] : [],
      });
    },
  );

  // A disk of its own without being root takes a user namespace, which some systems forbid.
  const ownDisks =
    process.platform === 'linux' &&
    spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status === 0;

  test.runIf(ownDisks).for([
    ['a full disk', 'true', 'The disk is full', 'ENOSPC'],
    ['a read-only disk', 'mount -o remount,bind,ro "$0"', 'is read-only', undefined],
  ] as const)('CF-09 CF-12 nothing changes on %s', async ([, mount, text, cause]) => {
    await using home = await temporaryHome();
    const disk = join(home.path, 'disk');
    const path = join(disk, 'settings.json');
    await mkdir(disk);
    const script = `mount -t tmpfs -o size=64k none "$0" && echo {} > '${path}' && ${mount} && exec ${wordsFor(path, home.path)}`;
    const outcome = outcomeOf('unshare', ['-rm', 'sh', '-c', script, disk]);
    expect(outcome.message).toContain(text);
    expect(outcome).toMatchObject({ code: 'storage', same: true, names: ['settings.json'] });
    expect(outcome.cause).toBe(cause);
  });
});
