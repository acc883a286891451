import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Complaints, runSuite, type SuiteVersion, type Wire } from './run.ts';

/** A server under test, started anew for every row. */
export interface Target {
  /** Completes the sentence "the official suite against …". */
  readonly name: string;
  readonly start: () => Promise<TargetServer>;
  readonly rows: readonly Row[];
}

export interface TargetServer extends AsyncDisposable {
  readonly url: string;
  /** Sent with every request, such as the bearer token of a local client. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One run of an official suite, and what it must report. */
export interface Row {
  readonly title: string;
  readonly version: SuiteVersion;
  readonly wire: Wire;
  readonly expected: Expected;
}

/** Checks that do not pass, by key, and why; together they are all of them. */
interface Expected {
  /** How many checks there are. */
  readonly of: number;
  readonly failures: Complaints;
  readonly warnings: Complaints;
  /** Checks that the suite does not even make, because of what it found before. */
  readonly untried: Complaints;
}

/** What the reference server reaches, asked directly by clients of MCP 2025-11-25. */
export const legacyRows: readonly Row[] = [
  {
    title: '0.2.0-alpha.12, all scenarios of 2025-11-25',
    version: '0.2',
    wire: '2025-11-25',
    expected: allOf(84),
  },
  { title: '0.1.16, active scenarios', version: '0.1', wire: '2025-11-25', expected: allOf(40) },
];

/** The same by clients of MCP 2026-07-28. */
export const modernRows: readonly Row[] = [
  {
    title: '0.2.0-alpha.12, all scenarios of 2026-07-28',
    version: '0.2',
    wire: '2026-07-28',
    expected: allOf(152),
  },
];

/** A run in which the client is of one revision and the server only of another. */
export function translatedRow(wire: Wire, file: string): Row {
  const expected: Expected = JSON.parse(readFileSync(new URL(`./expected/${file}`, import.meta.url), 'utf8'));
  return { title: `0.2.0-alpha.12, all scenarios of ${wire}`, version: '0.2', wire, expected };
}

/** Defines one test per row: what fails and warns is what is expected to, no more and no less. */
export function conformanceRows({ name, start, rows }: Target): void {
  describe(`the official conformance suite against ${name}`, () => {
    const shown = rows.map((row) => ({ ...row, passed: passedOf(row.expected) }));
    test.each(shown)('$title: $passed of $expected.of', { timeout: 120_000 }, async (row) => {
      await using server = await start();
      const { url, headers } = server;
      const { version, wire, expected, passed } = row;
      const result = await runSuite({ version, wire, url, ...(headers === undefined ? {} : { headers }) });
      expect(result).toEqual({
        passed,
        failures: foundAgain(expected.failures, result.failures),
        warnings: foundAgain(expected.warnings, result.warnings),
        skipped: {},
      });
    });
  });
}

function allOf(count: number): Expected {
  return { of: count, failures: {}, warnings: {}, untried: {} };
}

function passedOf({ of, ...others }: Expected): number {
  return of - Object.values(others).flatMap((complaints) => Object.keys(complaints)).length;
}

/** The complaints of now in the place of the reasons, so that a difference shows what is new and what is gone. */
function foundAgain(expected: Complaints, found: Complaints): Complaints {
  const entries = Object.entries(expected).map(([key, reason]) => [
    key,
    found[key] ?? `It passes now; take it out of the file. It said: ${reason}`,
  ]);
  return Object.fromEntries(entries);
}
