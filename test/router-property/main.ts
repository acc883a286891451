import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { Stage } from './play.ts';
import { program } from './program.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    path: { type: 'string' },
  },
});
const seed = Number(values.seed);
const stage = await Stage.set();
const started = Date.now();
const details = await fc.check(
  fc.asyncProperty(program, (played) => stage.play(played)),
  { numRuns: Number(values.runs), seed, ...(values.path === undefined ? {} : { path: values.path }) },
);
const { runs, steps, answers, results } = stage.tally;
const seconds = (Date.now() - started) / 1000;
const rate = Math.round(runs / seconds);
process.stdout.write(
  `${runs} runs, ${steps} steps, ${answers} answers (${results} results) in ${seconds.toFixed(1)} s: ${rate} runs/s, seed ${seed}\n`,
);
if (details.failed) {
  process.exitCode = 1;
  process.stdout.write(`${fc.defaultReportMessage(details) ?? ''}\n${describe(details.errorInstance)}\n`);
  process.stdout.write(
    `Again: node test/router-property/main.ts --seed ${seed} --path ${details.counterexamplePath} --runs 1\n`,
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
