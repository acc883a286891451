import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { watchProcess } from '../canary/collect.ts';
import { type TemporaryHome, temporaryHome } from '../canary/home.ts';
import type { Outcome } from './matrix.ts';
import { operations } from './operations.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Every so many-th kill is that of a real process; the others are copies of the disk at that moment. */
const SAMPLE = 60;

async function run(folder: string, ...words: string[]): Promise<Outcome[]> {
  const secrets = {
    firstKey: canary('bearer'),
    secondKey: canary('bearer'),
    master: createHash('sha256').update(canary('generic')).digest('hex'),
  };
  const child = spawn(process.execPath, [program, '--json', ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  watchProcess(child, 'the crash matrix');
  let trouble = '';
  child.stderr.on('data', (text) => {
    trouble += String(text);
  });
  child.stdin.end(`${JSON.stringify({ folder, secrets })}\n`);
  const outcomes: Outcome[] = [];
  for await (const line of createInterface(child.stdout)) outcomes.push(JSON.parse(line) as Outcome);
  if (outcomes.length === 0) throw new Error(trouble);
  return outcomes;
}

describe('the crash matrix', () => {
  let home: TemporaryHome;
  let outcomes: Outcome[];

  beforeAll(async () => {
    home = await temporaryHome();
    outcomes = await run(home.path, '--quick');
  }, 240_000);

  afterAll(() => home[Symbol.asyncDispose]());

  test.for(operations.map(({ name }) => name))(
    'FS-05 %s: whatever happens at a step, the old or the new state is there',
    (name) => {
      const mine = outcomes.filter(({ operation }) => operation === name);
      expect(mine.length).toBeGreaterThan(0);
      expect(mine.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    },
  );

  test('FS-04 CF-12 a step that fails names what could not be saved, and nothing is new then', () => {
    const failed = outcomes.filter(({ said }) => said !== undefined);
    expect(failed.length).toBeGreaterThan(200);
    // A start leaves the same, whatever came of it.
    const changes = failed.filter(({ operation }) => !operation.includes('start'));
    expect(changes.filter(({ found }) => found === 'new')).toEqual([]);
    // To remove and to read takes no room.
    const full = failed.filter(
      ({ fault, step }) => fault === 'enospc' && /^(writeFile|copyFile|mkdir)/.test(step),
    );
    expect(full.length).toBeGreaterThan(20);
    expect(full.filter(({ said }) => !said?.includes('The disk is full'))).toEqual([]);
  });

  test('FS-05 every fault happened, and the steps of every writer were among them', () => {
    const counts = Object.groupBy(outcomes, ({ fault }) => fault);
    expect(Object.keys(counts).sort()).toEqual(['eio', 'enospc', 'hang', 'kill', 'short', 'throw', 'torn']);
    const steps = new Set(outcomes.map(({ step }) => step));
    for (const file of [
      'data/config/settings.json',
      'data/config/accounts.json',
      'data/vault/<account>.sealed',
      'data/vault/passphrase.json',
      'data/config/clients.json',
      'person/calls.jsonl',
    ]) {
      for (const call of ['open', 'writeFile', 'sync', 'rename']) {
        const mark = call === 'rename' ? '' : '~';
        expect(steps).toContain(`${call} ${file}${mark}`);
      }
    }
    expect(steps).toContain('exec data/activity.sqlite');
  });
});

test('FS-05 processes that are killed for real leave the same', { timeout: 120_000 }, async () => {
  await using home = await temporaryHome();
  const outcomes = await run(home.path, '--real', `--sample=${SAMPLE}`);
  expect(outcomes.length).toBeGreaterThan(4);
  expect(outcomes.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
});
