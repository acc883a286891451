import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { watchProcess } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { forwardWithHeaders } from './with-header.ts';

/** Which official suite: 0.2 is `0.2.0-alpha.12` with all scenarios of 2025-11-25, 0.1 is `0.1.16` with its active ones. */
export type SuiteVersion = '0.2' | '0.1';

export interface SuiteRun {
  readonly version: SuiteVersion;
  /** The MCP endpoint under test, on loopback. */
  readonly url: string;
  /** Sent with every request. The suites cannot do this themselves, so a forwarder on loopback adds them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the suite said. Lines name the scenario, the check and its complaint. */
export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED';
  readonly errorMessage?: string;
}

const suites: Readonly<Record<SuiteVersion, { package: string; options: readonly string[] }>> = {
  '0.2': {
    package: '@modelcontextprotocol/conformance',
    options: ['--suite', 'all', '--spec-version', '2025-11-25', '--timeout', '15000'],
  },
  '0.1': { package: 'conformance-0.1', options: ['--suite', 'active'] },
};

/** A healthy run takes two seconds; a server that never answers would hold the older suite for ever. */
const LIMIT_MS = 90_000;

/**
 * Runs the official conformance suite, as published, against a server and reads its verdicts.
 * @throws Error when the suite could not run to its end; the text ends with what it printed last.
 */
export async function runSuite({ version, url, headers }: SuiteRun): Promise<SuiteResult> {
  await using forwarder = headers === undefined ? undefined : await forwardWithHeaders(url, headers);
  await using results = await temporaryHome();
  const suite = suites[version];
  const folder = dirname(createRequire(import.meta.url).resolve(`${suite.package}/package.json`));
  const child = spawn(
    process.execPath,
    [
      join(folder, 'dist/index.js'),
      'server',
      '--url',
      forwarder?.url ?? url,
      '-o',
      results.path,
      ...suite.options,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH }, timeout: LIMIT_MS },
  );
  watchProcess(child, `conformance suite ${version}`);
  const [printed, complained, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const result = readResults(results.path);
  const total = /Total: (\d+) passed, (\d+) failed/.exec(printed);
  if (total === null || Number(total[1]) !== result.passed || Number(total[2]) !== result.failed) {
    throw new Error(
      `Conformance suite ${version} did not finish (exit ${code}).\n${`${printed}${complained}`.slice(-2000)}`,
    );
  }
  return result;
}

function readResults(folder: string): SuiteResult {
  const files = globSync('**/checks.json', { cwd: folder }).sort();
  const checks = files.flatMap((file) => {
    const scenario = basename(dirname(file)).replace(/^server-(.*?)-\d{4}-.*$/, '$1');
    const found: Check[] = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return found.map((check) => ({
      status: check.status,
      line: `${scenario}: ${check.id}: ${check.errorMessage ?? ''}`,
    }));
  });
  const lines = (status: Check['status']) =>
    checks.filter((check) => check.status === status).map(({ line }) => line);
  return {
    passed: lines('SUCCESS').length,
    failed: lines('FAILURE').length,
    failures: lines('FAILURE'),
    warnings: lines('WARNING'),
  };
}
