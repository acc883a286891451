import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { watchProcess } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { forwardWithHeaders } from './with-header.ts';

/** Which official suite: 0.2 is `0.2.0-alpha.12` with all scenarios of a revision, 0.1 is `0.1.16` with its active ones. */
export type SuiteVersion = '0.2' | '0.1';

/** The MCP revision that is spoken in a scenario. Suite 0.1 knows only 2025-11-25. */
export type Wire = '2025-11-25' | '2026-07-28';

export interface SuiteRun {
  readonly version: SuiteVersion;
  /** 2025-11-25 when absent. */
  readonly wire?: Wire;
  /** The MCP endpoint under test, on loopback. */
  readonly url: string;
  /** Sent with every request. The suites cannot do this themselves, so a forwarder on loopback adds them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the suite said. */
export interface SuiteResult {
  readonly passed: number;
  readonly failures: Complaints;
  readonly warnings: Complaints;
  /** What it could not try. */
  readonly skipped: Complaints;
}

/**
 * What the suite complains of, by `scenario: check id: check name`. Where a scenario makes the same check several times,
 * `(2)` and so on follow for those after the first that failed.
 */
export type Complaints = Readonly<Record<string, string>>;

interface Check {
  readonly id: string;
  readonly name: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED';
  readonly errorMessage?: string;
}

interface Suite {
  readonly package: string;
  readonly options: (wire: Wire) => readonly string[];
}

const suites: Readonly<Record<SuiteVersion, Suite>> = {
  '0.2': {
    package: '@modelcontextprotocol/conformance',
    options: (wire) => ['--suite', 'all', '--spec-version', wire, '--timeout', '15000'],
  },
  '0.1': { package: 'conformance-0.1', options: () => ['--suite', 'active'] },
};

/** A healthy run takes two seconds; a server that never answers would hold the older suite for ever. */
const LIMIT_MS = 90_000;

/**
 * Runs the official conformance suite, as published, against a server and reads its verdicts.
 * @throws Error when the suite could not run to its end; the text ends with what it printed last.
 */
export async function runSuite({
  version,
  wire = '2025-11-25',
  url,
  headers,
}: SuiteRun): Promise<SuiteResult> {
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
      ...suite.options(wire),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      timeout: LIMIT_MS,
    },
  );
  watchProcess(child, `conformance suite ${version} at ${wire}`);
  const [printed, complained, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const result = readResults(results.path);
  const failed = Object.keys(result.failures).length;
  const total = /Total: (\d+) passed, (\d+) failed/.exec(printed);
  if (total === null || Number(total[1]) !== result.passed || Number(total[2]) !== failed) {
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
    return found.map((check) => ({ ...check, key: `${scenario}: ${check.id}: ${check.name}` }));
  });
  const complaints = (status: Check['status']) => {
    const found: Record<string, string> = {};
    for (const check of checks.filter((one) => one.status === status)) {
      let key = check.key;
      for (let time = 2; key in found; time += 1) key = `${check.key} (${time})`;
      found[key] = check.errorMessage ?? '';
    }
    return found;
  };
  return {
    passed: checks.filter(({ status }) => status === 'SUCCESS').length,
    failures: complaints('FAILURE'),
    warnings: complaints('WARNING'),
    skipped: complaints('SKIPPED'),
  };
}
