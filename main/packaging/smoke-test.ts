import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { pathsFor } from '#bridge/base/paths.ts';

/*
 * node main/packaging/smoke-test.ts GANGWAY APP [ARGUMENT...]
 *
 * Starts the packaged app with an empty data folder, asks it how it is with the packaged command, and ends it. Proves that
 * what was packaged starts at all, on a machine that has it.
 */

const START_MS = 90_000;
const END_MS = 30_000;
const BETWEEN_MS = 200;

const run = promisify(execFile);

export interface SmokeTest {
  /** `gangway`. */
  readonly command: readonly [string, ...string[]];
  readonly app: readonly [string, ...string[]];
  readonly startMs?: number;
}

/** @throws Error that says what did not happen. */
export async function smokeTest({ command, app, startMs = START_MS }: SmokeTest): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'gangway-smoke-'));
  const env = { ...process.env, GANGWAY_HOME: home, GANGWAY_VAULT: 'memory' };
  const [program, ...words] = app;
  const child = spawn(program, words, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', () => undefined);
  try {
    await isServing(child, pathsFor(home, {}).socket, Date.now() + startMs);
    await answers(command, env);
    await end(child);
  } finally {
    if (isAlive(child)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Only looks for the socket: a command that finds no bridge would host one itself, and be in the app's way. */
async function isServing(child: ChildProcess, socket: string, until: number): Promise<void> {
  while (Date.now() < until) {
    if (!isAlive(child)) throw new Error(`The app ended at once, with exit code ${child.exitCode}.`);
    if (await isListening(socket)) return;
    await wait(BETWEEN_MS);
  }
  throw new Error('The app serves no bridge.');
}

function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('error', () => resolve(false));
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
  });
}

async function answers([program, ...words]: SmokeTest['command'], env: NodeJS.ProcessEnv): Promise<void> {
  const { stdout } = await run(program, [...words, 'status', '--json'], { env });
  const status: { running?: unknown } = JSON.parse(stdout);
  if (status.running !== true) throw new Error('The command does not find the bridge of the app.');
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(END_MS) });
  child.kill('SIGTERM');
  await ended.catch(() => {
    throw new Error('The app does not end when it is told to.');
  });
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

if (import.meta.main) {
  const [command, program, ...words] = process.argv.slice(2);
  if (command === undefined || program === undefined) {
    process.stderr.write('Usage: node main/packaging/smoke-test.ts GANGWAY APP [ARGUMENT...]\n');
    process.exitCode = 2;
  } else {
    await smokeTest({ command: [command], app: [program, ...words] });
    process.stdout.write('The packaged app starts, serves the bridge and ends.\n');
  }
}
