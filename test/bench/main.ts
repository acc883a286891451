import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eras } from './door.ts';
import { erasTable, measureEras, type Pair } from './eras.ts';
import { measureRounds } from './rounds.ts';
import { rows } from './rows.ts';
import { SetUp } from './set-up.ts';
import { buildShims } from './shims.ts';
import { comparison, linesOf, table } from './table.ts';

/*
 * npm run bench -- [--quick] [--json] [--rounds N] [--only PART]...
 * npm run bench -- --eras [--quick] [--json] [--only PART]...
 *
 * Speed and memory of the bridge against the least a bridge in Node can do (reference.ts), on a workspace far faster than
 * both (workspace.ts): both doors, both eras, every answer checked, rounds interleaved, and the aims (aims.ts) as a column.
 * Only ratios within one run mean anything. `--only` takes a part of "<door> <row>", such as "http", "echo 10 KB", "memory".
 * At the end the two eras are compared with each other, slice by slice, closely enough for a few per cent (eras.ts); `--eras`
 * does only that, for longer.
 */

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    eras: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const parts = values.only;
const isChosen = (text: string): boolean => parts.length === 0 || parts.some((part) => text.includes(part));
const chosen = rows.filter(({ door, name, cpu }) => [`${door} ${name}`, `${door} ${cpu}`].some(isChosen));
if (chosen.length === 0)
  throw new Error(`Rows: ${rows.map(({ door, name }) => `${door} ${name}`).join('; ')}.`);
const count = values.rounds === undefined ? (values.quick ? 2 : 4) : Number(values.rounds);
const heavy = { rounds: Math.ceil(count / 2), eras: values.quick ? (['legacy'] as const) : eras };
const pace = values.quick
  ? { warmMs: 30, ms: 90, clients: 5, added: 10 }
  : { warmMs: 250, ms: 1000, clients: 10, added: 20 };

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopping.abort(new Error(`Stopped by ${signal}.`)));
}

const began = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'gangway-bench-shims-'));
try {
  const shims = buildShims(folder);
  await using setUp = await SetUp.start({ shims });
  const say = (what: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
  };
  const { signal } = stopping;
  const write = (found: object, text: string, rounds?: number): void => {
    say('');
    const facts = {
      node: process.version,
      processor: cpus()[0]?.model,
      cores: cpus().length,
      rounds,
      seconds: Math.round((performance.now() - began) / 1000),
    };
    const whole = { ...facts, ...found };
    process.stdout.write(
      values.json ? `${JSON.stringify(whole, null, 2)}\n` : `${text}\n${JSON.stringify(facts)}\n`,
    );
  };
  const beside = (slices: number): Promise<Pair[]> => measureEras(setUp, isChosen, { slices, signal, say });
  if (values.eras) {
    const pairs = await beside(values.quick ? 10 : 100);
    if (pairs.length === 0) throw new Error('The eras are compared in rows of calls and lists only.');
    write({ pairs }, erasTable(pairs));
  } else {
    const figures = await measureRounds(setUp, chosen, { count, heavy, pace, signal, say });
    const lines = linesOf(figures);
    const pairs = values.quick ? [] : await beside(40);
    const others = lines.filter(
      ({ door, name }) => !pairs.some((one) => one.door === door && one.row === name),
    );
    const tables = [table(lines), comparison(others), ...(pairs.length > 0 ? [erasTable(pairs)] : [])];
    write({ lines, figures, pairs }, tables.join('\n'), count);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
