import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { found } from './found.ts';
import { Stage } from './play.ts';
import { program } from './program.ts';

/** So long new programs are begun; the machine decides how many that are, at most `RUNS`. */
const MOST_MS = 15_000;
const RUNS = 2_000;
/** Fewer would find nothing; the slowest machine plays that many. */
const LEAST_RUNS = 50;

/** `SEED=123 npx vitest run test/router-property` plays the same programs again, all of them. */
const seed = process.env.SEED === undefined ? undefined : Number(process.env.SEED);

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.set();
});

test.each(found)(
  'whatever happens, every request is answered once, by the right account: $what',
  async ({ program: played }) => {
    await stage.play(played);
  },
);

test('whatever happens, every request is answered once, by the account and as the user that were chosen when it was taken', {
  timeout: 300_000,
}, async () => {
  const details = await fc.check(
    fc.asyncProperty(program, (played) => stage.play(played)),
    { numRuns: RUNS, ...(seed === undefined ? { interruptAfterTimeLimit: MOST_MS } : { seed }) },
  );
  const { counterexamplePath: path, errorInstance: error } = details;
  const again = `node test/router-property/main.ts --seed ${details.seed} --path ${path} --runs 1`;
  const said = error instanceof Error ? error.message : String(error);
  expect(
    details.counterexample,
    `${said}\nAgain: ${again}\nOr: SEED=${details.seed} npx vitest run test/router-property`,
  ).toBeNull();
  expect(details.numRuns).toBeGreaterThan(LEAST_RUNS);
  // A bridge that refuses everything would pass, too.
  expect(stage.tally.results).toBeGreaterThan(stage.tally.answers / 2);
});
