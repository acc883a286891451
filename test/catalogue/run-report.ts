import { relative, sep } from 'node:path';
import { z } from 'zod';
import { idsOf } from './titles.ts';

/** The part of Vitest's JSON report that is read here. */
const reportShape = z.object({
  startTime: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({ ancestorTitles: z.array(z.string()), title: z.string(), status: z.string() }),
      ),
    }),
  ),
});

export type RunReport = z.infer<typeof reportShape>;

/** @throws when the text is no report of Vitest */
export function parseReport(text: string): RunReport {
  return reportShape.parse(JSON.parse(text));
}

/** The ids that passed tests carry, those of skipped tests, and those of any test, whatever became of it. */
export type RunIds = Readonly<Record<'passed' | 'skipped' | 'carried', ReadonlySet<string>>>;

export function idsOfRun(report: RunReport): RunIds {
  const ids = { passed: new Set<string>(), skipped: new Set<string>(), carried: new Set<string>() };
  for (const { assertionResults } of report.testResults) {
    for (const { ancestorTitles, title, status } of assertionResults) {
      for (const id of idsOf([...ancestorTitles, title])) {
        ids.carried.add(id);
        if (status === 'passed' || status === 'skipped') ids[status].add(id);
      }
    }
  }
  return ids;
}

/**
 * Why a report does not speak for the tests there are: files it does not know, or that are gone.
 *
 * @param files paths of all test files, relative to the root, with slashes
 * @returns one line, or undefined for a report of the whole run
 */
export function whyPartial(report: RunReport, files: readonly string[], root: string): string | undefined {
  const ran = new Set(report.testResults.map(({ name }) => relative(root, name).split(sep).join('/')));
  const there = new Set(files);
  const without = files.filter((file) => !ran.has(file));
  const gone = [...ran].filter((file) => !there.has(file));
  if (without.length === 0 && gone.length === 0) return undefined;
  const example = without[0] ?? gone[0];
  return `the report is of another run: ${without.length} of ${files.length} test files are not in it, ${gone.length} of it are gone (${example})`;
}
