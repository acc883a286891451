import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { canary } from '../canary/canary.ts';
import { makeChanceRepeatable, rememberDerived } from './chance.ts';
import { type Fault, type Step, standBetween } from './disk.ts';
import { type Outcome, runMatrix } from './matrix.ts';
import type { Secrets } from './stage.ts';

/*
 * The crash matrix: every operation that saves something, with every fault at every step it takes on the disk. Prints a
 * table. With words behind it, only operations whose names hold one of them.
 * --real: each kill is that of a process of its own; else a copy of the disk at that moment stands in for it.
 * --sample=n: of the kills every n-th, and no other faults.
 * --quick: kills at every step and a full disk at every write; the other faults take turns from step to step.
 * --json: a folder and the secrets come as a line on stdin, and the outcomes go out as lines of JSON.
 */

const { values, positionals } = parseArgs({
  options: {
    real: { type: 'boolean' },
    sample: { type: 'string' },
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  allowPositionals: true,
});

async function given(): Promise<{ folder: string; secrets: Secrets }> {
  if (values.json) {
    const [line] = (await once(createInterface(process.stdin), 'line')) as [string];
    return JSON.parse(line) as { folder: string; secrets: Secrets };
  }
  const secrets = {
    firstKey: canary('bearer'),
    secondKey: canary('bearer'),
    master: createHash('sha256').update(canary('generic')).digest('hex'),
  };
  return { folder: mkdtempSync(join(tmpdir(), 'gangway-crash-')), secrets };
}

function lineOf({ operation, step, fault, found, said = '', wrong }: Outcome): string {
  const mark = wrong.length > 0 ? 'WRONG' : 'ok   ';
  return [`${mark} ${operation} | ${step} | ${fault} | ${found} | ${said}`, ...wrong].join('\n      ');
}

let kills = 0;
function isWanted({ changes, carries }: Step, at: number, fault: Fault): boolean {
  const isKill = fault === 'kill' || fault === 'torn';
  if (values.sample !== undefined) {
    if (isKill) kills += 1;
    return isKill && kills % Number(values.sample) === 0;
  }
  if (!values.quick || isKill || fault === 'short') return true;
  if (!changes) return at % 12 === 0;
  if (fault === 'hang') return at % 6 === 0;
  if (fault === 'enospc' && carries) return true;
  return at % 3 === ['enospc', 'eio', 'throw'].indexOf(fault);
}

const { folder, secrets } = await given();
let [cases, wrong] = [0, 0];
try {
  await standBetween();
  makeChanceRepeatable();
  rememberDerived();
  const matrix = runMatrix({
    folder,
    secrets,
    only: ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
    kills: values.real ? 'real' : 'frozen',
    faults: isWanted,
  });
  for await (const outcome of matrix) {
    cases += 1;
    if (outcome.wrong.length > 0) wrong += 1;
    process.stdout.write(`${values.json ? JSON.stringify(outcome) : lineOf(outcome)}\n`);
  }
  if (!values.json) process.stdout.write(`${cases} cases, ${wrong} wrong\n`);
} finally {
  if (!values.json) rmSync(folder, { recursive: true, force: true });
}
process.exit(wrong > 0 && !values.json ? 1 : 0);
