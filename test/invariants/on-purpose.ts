import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryHome } from '../canary/home.ts';

const ROOT = join(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const CONFIG = join(ROOT, 'test/canary/on-purpose.config.ts');

interface VitestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** One test of a sample, with the messages of its failures. */
export interface Told {
  readonly title: string;
  readonly failures: readonly string[];
}

/** Runs one sample in a test run of its own. @returns its tests that ran, and what failed outside of any test. */
export async function runSample(file: string): Promise<{ tests: readonly Told[]; file: string }> {
  await using home = await temporaryHome();
  const output = join(home.path, 'report.json');
  const options = ['run', '--config', CONFIG, file, '--reporter=json', `--outputFile.json=${output}`];
  await once(spawn(process.execPath, [VITEST, ...options], { cwd: ROOT }), 'close');
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as VitestReport;
  return {
    file: testResults.map(({ message }) => message).join('\n'),
    tests: testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'passed' || status === 'failed')
        .map(({ title, failureMessages }) => ({ title, failures: failureMessages })),
    ),
  };
}
