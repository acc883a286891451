import { globSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { leftOut } from './left-out.ts';
import { linesOf } from './print.ts';
import { sections } from './rows.ts';
import { idsOfRun, parseReport, whyPartial } from './run-report.ts';
import { isGood, judge } from './verdict.ts';

/*
 * Which rows of the catalogue the last run of the tests covered: `node test/catalogue/coverage.ts`, the last step of
 * `npm test`. Ends with 1 when a row is missing, unknown or doubled, and with 2 without the report of a whole run.
 */

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const REPORT = join('.cache', 'tests.json');

function refuse(because: string): void {
  stderr.write(`catalogue: ${because}. Run: npm test\n`);
  process.exitCode = 2;
}

function read(): string | undefined {
  try {
    return readFileSync(join(root, REPORT), 'utf8');
  } catch {
    return undefined;
  }
}

const text = read();
if (text === undefined) refuse(`there is no report at ${REPORT}`);
else {
  const report = parseReport(text);
  const files = globSync('test/**/*.test.ts', { cwd: root }).map((file) => file.split(sep).join('/'));
  const partial = whyPartial(report, files, root);
  if (partial !== undefined) refuse(partial);
  else {
    const verdict = judge(sections, leftOut, idsOfRun(report));
    stdout.write(`${linesOf(verdict).join('\n')}\n`);
    // The tests of the real keychain need Linux, those of files of other users need root.
    if (!isGood(verdict, process.platform === 'linux' && process.getuid?.() === 0)) process.exitCode = 1;
  }
}
