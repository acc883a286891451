import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { OwnerProcess } from '../race/owner.ts';
import { buildNativeShim } from '../shim/native-shim.ts';
import { shimCommand } from '../shim/running-shim.ts';
import { type Conversation, HttpConversation, LineConversation } from './conversation.ts';
import { CREDENTIALS, type Era, eras, KEY, USER } from './door.ts';
import { type Load, loads, measure } from './loads.ts';
import { compared, type Figure, median, table } from './table.ts';

/*
 * npm run bench -- [--quick] [--json]
 *
 * Speed of the bridge against the least a bridge in Node can do, in interleaved rounds of one run: both eras, both
 * doors, every answer checked. Only the ratios mean anything.
 */

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const targets = ['direct', 'reference', 'gangway'] as const;
type Target = (typeof targets)[number];
const doors = ['http', 'stdio'] as const;
type Door = (typeof doors)[number];

const folder = mkdtempSync(join(tmpdir(), 'gangway-bench-'));
const started: ChildProcess[] = [];
try {
  buildNativeShim();
  const workspace = await start('workspace.ts');
  const proxy = await start('reference.ts', 'http', workspace);
  const socket = join(folder, 'reference.sock');
  await start('reference.ts', 'daemon', socket, workspace);
  await using owner = await OwnerProcess.start(folder);
  await owner.control.accounts.add({
    connector: 'custom',
    label: 'bench',
    url: workspace,
    signIn: 'key',
    key: KEY,
    headers: { 'x-user-email': USER },
    ownNetwork: true,
  });
  const { url, headers } = await owner.control.endpoint.mint({ client: 'bench', address: 'bench' });
  const open = (target: Target, door: Door, era: Era): Conversation | undefined => {
    if (door === 'http') {
      if (target === 'direct') return new HttpConversation(era, workspace, CREDENTIALS);
      if (target === 'reference') return new HttpConversation(era, proxy, {});
      return new HttpConversation(era, url, headers);
    }
    if (target === 'reference') {
      return new LineConversation(era, [process.execPath, program('reference.ts'), 'shim', socket]);
    }
    // A workspace over HTTP has no other way in over stdio.
    if (target === 'direct') return undefined;
    return new LineConversation(era, [...shimCommand('native'), '--home', owner.home, 'bench']);
  };
  const figures = await rounds(values.quick ? 2 : 6, open);
  process.stdout.write(values.json ? `${JSON.stringify(figures, null, 2)}\n` : table(figures));
  for (const line of values.json ? [] : compared(figures)) process.stdout.write(`${line}\n`);
} finally {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** Every load on every way, in turn, so that what disturbs the machine disturbs all of them. */
async function rounds(
  count: number,
  open: (target: Target, door: Door, era: Era) => Conversation | undefined,
): Promise<Figure[]> {
  const seen = new Map<string, { figure: Omit<Figure, 'value'>; values: number[] }>();
  for (let round = 0; round < count; round += 1) {
    for (const door of doors) {
      for (const load of loads) {
        // Whoever comes second finds a warmer machine.
        for (const era of round % 2 === 0 ? eras : eras.toReversed()) {
          for (const target of targets) {
            const value = await oneRun(load, () => open(target, door, era));
            if (value === undefined) continue;
            const figure = { door, era, target, load: load.name, unit: load.unit };
            const key = JSON.stringify(figure);
            const before = seen.get(key) ?? { figure, values: [] };
            before.values.push(value);
            seen.set(key, before);
          }
        }
      }
    }
  }
  return [...seen.values()].map(({ figure, values: all }) => ({ ...figure, value: median(all) }));
}

async function oneRun(load: Load, open: () => Conversation | undefined): Promise<number | undefined> {
  await using conversation = open();
  if (!conversation) return undefined;
  await conversation.begin();
  // Awaited here: the conversation ends with this function.
  return await measure(load, conversation, values.quick);
}

function program(name: string): string {
  return join(import.meta.dirname, name);
}

/** Starts one of the bench's programs; its first line is the answer. */
async function start(name: string, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, [program(name), ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return String(line);
}
