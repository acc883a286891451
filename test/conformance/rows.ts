import { describe, expect, test } from 'vitest';
import { runSuite, type SuiteVersion } from './run.ts';

/** A server under test, started anew for every row. */
export interface Target {
  /** Completes the sentence "the official suite against …". */
  readonly name: string;
  readonly start: () => Promise<TargetServer>;
}

export interface TargetServer extends AsyncDisposable {
  readonly url: string;
  /** Sent with every request, such as the bearer token of a local client. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What each official suite must report. The numbers are those of the reference server, asked directly. */
const rows: readonly { version: SuiteVersion; title: string; passed: number }[] = [
  { version: '0.2', title: '0.2.0-alpha.12, all scenarios of 2025-11-25', passed: 84 },
  { version: '0.1', title: '0.1.16, active scenarios', passed: 40 },
];

/** Defines one test per official suite: every check passes, none fails and none warns. */
export function conformanceRows(target: Target): void {
  describe(`the official conformance suite against ${target.name}`, () => {
    test.each(rows)(
      '$title: $passed of $passed checks',
      { timeout: 120_000 },
      async ({ version, passed }) => {
        await using server = await target.start();
        const { url, headers } = server;
        const result = await runSuite({ version, url, ...(headers === undefined ? {} : { headers }) });
        expect(result).toEqual({ passed, failed: 0, failures: [], warnings: [] });
      },
    );
  });
}
