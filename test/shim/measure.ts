import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { pathsFor } from '#bridge/base/paths.ts';
import { median } from '../bench/figures.ts';
import { type Memory, memoryOf } from '../bench/processes.ts';
import { buildNativeShim } from './native-shim.ts';
import { type ShimKind, shimCommand } from './running-shim.ts';
import { initialize } from './test-owner.ts';

/*
 * npm run shim:measure -- [--rounds N] [--clients N] [--json]
 *
 * Measures both shims against a real owner: from the start of a client until `initialize` is answered, as the median of
 * interleaved rounds; then what one client takes of memory, in its own process and in the owner. Only ratios within one
 * run mean anything. Memory is known on Linux only.
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    clients: { type: 'string', default: '50' },
    json: { type: 'boolean', default: false },
  },
});

interface Figures {
  readonly startMs: number;
  readonly rssMB: number;
  readonly pssMB: number;
  /** What the owner grows by. */
  readonly ownerMB: number;
}

const home = mkdtempSync(join(tmpdir(), 'gangway-measure-'));
const started: ChildProcess[] = [];
try {
  buildNativeShim();
  const owner = await startOwner();
  const times = { TypeScript: [] as number[], native: [] as number[] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const kind of ['TypeScript', 'native'] as const) {
      const since = performance.now();
      const client = await greet(kind);
      times[kind].push(performance.now() - since);
      await end([client]);
    }
  }
  const figures = {
    TypeScript: { startMs: median(times.TypeScript), ...(await memory('TypeScript', owner)) },
    native: { startMs: median(times.native), ...(await memory('native', owner)) },
  };
  process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : table(figures));
} finally {
  for (const child of started) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
}

async function startOwner(): Promise<ChildProcess> {
  const paths = pathsFor(home, {});
  mkdirSync(paths.config, { recursive: true, mode: 0o700 });
  writeFileSync(paths.settings, JSON.stringify({ version: 0, startOwner: false }), { mode: 0o600 });
  const main = join(import.meta.dirname, '../../bridge/cli/main.ts');
  const words = ['serve', '--no-http', '--json', '--home', home];
  const owner = spawn(process.execPath, [main, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, GANGWAY_VAULT: 'memory' },
  });
  started.push(owner);
  await once(owner.stdout, 'data');
  return owner;
}

/** Starts a client and waits until the owner has answered it. */
async function greet(kind: ShimKind): Promise<ChildProcess> {
  const [executable, ...words] = shimCommand(kind);
  const child = spawn(executable, [...words, '--home', home], { stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child);
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  if (JSON.parse(String(line)).id !== 0) throw new Error(`Not an answer: ${line}`);
  return child;
}

async function end(clients: readonly ChildProcess[]): Promise<void> {
  for (const client of clients) {
    client.stdin?.end();
    await once(client, 'exit');
    started.splice(started.indexOf(client), 1);
  }
}

/** Memory of one client, as the mean of many that are there at once. */
async function memory(kind: ShimKind, owner: ChildProcess): Promise<Omit<Figures, 'startMs'>> {
  const count = Number(values.clients);
  const before = memoryOfOne(owner).pss;
  const clients: ChildProcess[] = [];
  for (let index = 0; index < count; index += 1) clients.push(await greet(kind));
  const all = clients.map(memoryOfOne);
  const mean = (of: 'rss' | 'pss'): number => all.reduce((sum, one) => sum + one[of], 0) / count;
  const result = {
    rssMB: mean('rss'),
    pssMB: mean('pss'),
    ownerMB: (memoryOfOne(owner).pss - before) / count,
  };
  await end(clients);
  return result;
}

function memoryOfOne({ pid }: ChildProcess): Memory {
  const none = { rss: Number.NaN, pss: Number.NaN };
  return pid === undefined ? none : (memoryOf([pid]) ?? none);
}

function table(figures: Readonly<Record<ShimKind, Figures>>): string {
  const rows = [
    ['start to answer, ms', 'startMs'],
    ['RSS of a client, MB', 'rssMB'],
    ['PSS of a client, MB', 'pssMB'],
    ['growth of the owner per client, MB', 'ownerMB'],
  ] as const;
  const cells = rows.map(([name, key]) => [
    name,
    figures.TypeScript[key].toFixed(2),
    figures.native[key].toFixed(2),
  ]);
  const all = [['', 'TypeScript', 'native'], ...cells];
  return all
    .map(
      ([name = '', ...numbers]) => `${name.padEnd(36)}${numbers.map((one) => one.padStart(12)).join('')}\n`,
    )
    .join('');
}
