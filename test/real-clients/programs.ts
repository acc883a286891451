import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What npm brought stays here, one folder per client and version. */
const CACHE = join(import.meta.dirname, '../../.cache/real-clients');
/** npm may fetch a few hundred megabytes. */
const INSTALL_MS = 10 * 60_000;

export interface Finished {
  /** null when a signal ended it, which the time limit does too. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A search path on which programs find Node: the one that runs this, because that one is new enough for all of them. */
export const searchPath: string = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);

/** A client that npm installed. */
export interface InstalledClient {
  readonly version: string;
  /** The file of one of its programs. */
  bin(name: string): string;
}

/**
 * Finds a client in the cache, or has npm install it there.
 *
 * @param spec name and exact version of an npm package, such as `mcp-remote@0.15.1`.
 * @throws Error with the reason when npm cannot.
 */
export async function installClient(spec: string): Promise<InstalledClient> {
  const version = spec.slice(spec.lastIndexOf('@') + 1);
  // Never named as the package itself: npm would take the folder for the package.
  const folder = join(CACHE, `npm-${spec.replace('/', '+')}`);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    await mkdir(unfinished, { recursive: true });
    try {
      const words = ['install', '--no-audit', '--no-fund', '--prefix', unfinished, spec];
      const { code, stderr } = await run('npm', words, {
        env: { ...process.env, PATH: searchPath },
        timeout: INSTALL_MS,
        cwd: unfinished,
      });
      if (code !== 0) throw new Error(reasonIn(stderr));
      await rename(unfinished, folder);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  return { version, bin: (name) => join(folder, 'node_modules', '.bin', name) };
}

/** How a program is run. */
export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds after which it is killed, with all it started. */
  readonly timeout: number;
  readonly cwd?: string;
  /** `empty` ends at once, as when absent; `open` says nothing until the program ends. */
  readonly stdin?: 'empty' | 'open';
}

/** Runs a program to its end, or to the end of its time. */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const { timeout, stdin = 'empty', ...rest } = options;
  const isWindows = process.platform === 'win32';
  // npm's programs are batch files on Windows, which only a shell starts.
  const child = spawn(program, args, {
    ...rest,
    shell: isWindows,
    // With a group of its own, so that what it started itself ends with it.
    detached: !isWindows,
    stdio: 'pipe',
  });
  if (stdin === 'empty') child.stdin.end();
  const timer = setTimeout(() => {
    if (child.pid === undefined || child.exitCode !== null) return;
    if (isWindows) child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  }, timeout);
  try {
    const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout: await stdout, stderr: await stderr };
  } finally {
    clearTimeout(timer);
  }
}

/** The lines in which npm says why. */
function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.startsWith('npm error'));
  return lines.slice(0, 3).join(' ');
}
