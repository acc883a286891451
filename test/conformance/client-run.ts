import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { watchProcess } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import type { Door } from '../flows/world.ts';
import { signInDriver } from './client-driver.ts';
import { DriverSeat } from './driver.ts';
import { passDriver } from './pass-driver.ts';
import type { SuiteVersion, Wire } from './run.ts';

export interface ScenarioRun {
  readonly version: SuiteVersion;
  readonly wire: Wire;
  /** Name in the suite, such as `auth/basic-cimd`. */
  readonly scenario: string;
  /** Runs a client of SDK 2.x at this door of the bridge; without it, the bridge as the OAuth client is tried. */
  readonly door?: Door;
  /** Words of another program under test, which gets the server's address as its last. */
  readonly program?: readonly string[];
}

export interface ScenarioResult {
  readonly passed: number;
  /** One line per failed check and per warning: its id and what the suite complains of. */
  readonly complaints: readonly string[];
  /** Exit code of the program. */
  readonly exit: number;
  /** What one of our own drivers reports. */
  readonly report: unknown;
}

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED';
  readonly description: string;
  readonly errorMessage?: string;
}

const packages: Readonly<Record<SuiteVersion, string>> = {
  '0.2': '@modelcontextprotocol/conformance',
  '0.1': 'conformance-0.1',
};
/** Longer than any scenario takes. */
const SCENARIO_MS = 25_000;
const SUITE_MS = 28_000;

/**
 * Runs one scenario of an official suite, as published, against the bridge as the OAuth client, or as what stands
 * between a client and the scenario's server. Where the suite would not offer the scenario at this wire, it is made to.
 * @throws Error when the suite or the driver could not run to its end; the text ends with what it printed last.
 */
export async function runScenario({
  version,
  wire,
  scenario,
  door,
  program,
}: ScenarioRun): Promise<ScenarioResult> {
  await using results = await temporaryHome();
  const driver = door === undefined ? signInDriver : passDriver(door);
  await using seat = await DriverSeat.open(join(results.path, 'gangway'), driver);
  const words = program ?? seat.words;
  // The suites cut the command at its blanks, join it again and hand it to a shell.
  const command = words.map((word) => `'${word}'`).join(' ');
  const at = version === '0.2' ? ['--spec-version', wire, '--force'] : [];
  const limit = ['--timeout', String(SCENARIO_MS)];
  const { said, code } = await suite(
    version,
    ['client', '--command', command, '--scenario', scenario, '-o', results.path, ...at, ...limit],
    `conformance ${version} ${scenario}`,
  );
  const [file, ...others] = globSync('**/checks.json', { cwd: results.path });
  const total = /Passed: (\d+)\/\d+, (\d+) failed, (\d+) warnings/.exec(said);
  if (file === undefined || others.length > 0 || total === null || said.includes('CLIENT TIMED OUT')) {
    throw new Error(`${scenario} did not finish (exit ${code}).\n${said.slice(-2000)}`);
  }
  const checks: Check[] = JSON.parse(readFileSync(join(results.path, file), 'utf8'));
  const complaints = checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, errorMessage, description }) => `${id}: ${errorMessage ?? description}`);
  const passed = checks.filter(({ status }) => status === 'SUCCESS').length;
  if (Number(total[1]) !== passed || Number(total[2]) + Number(total[3]) !== complaints.length) {
    throw new Error(`${scenario} counts its checks in another way.\n${said.slice(-2000)}`);
  }
  if (program === undefined && !seat.driven)
    throw new Error(`${scenario} started no client.\n${said.slice(-2000)}`);
  const driven = await seat.driven;
  return {
    passed,
    complaints,
    exit: Number(/Client exited with code (-?\d+)/.exec(said)?.[1] ?? 0),
    report: driven?.report,
  };
}

/** Names of a suite's scenarios for clients. */
export interface ListedScenarios {
  /** Those that a revision requires; all that the suite knows when none was named. */
  readonly scored: readonly string[];
  /** Those that the suite runs beside them and counts nowhere. */
  readonly unscored: readonly string[];
}

/** @throws Error when the suite lists none. */
export async function listScenarios(version: SuiteVersion, requiredBy?: Wire): Promise<ListedScenarios> {
  const options = requiredBy === undefined ? [] : ['--requirements', requiredBy];
  const { said } = await suite(version, ['list', '--client', ...options], `conformance ${version} list`);
  const [, list = ''] = said.split('Client scenarios (test against a client):');
  const [required = '', beside = ''] = list.split('never scored:');
  const scored = [...required.matchAll(/^\s+- (\S+)/gm)].map(([, name]) => name ?? '');
  const unscored = [...beside.matchAll(/^\s+- (\S+) \[client\]$/gm)].map(([, name]) => name ?? '');
  if (scored.length === 0) {
    throw new Error(`Conformance suite ${version} lists nothing.\n${said.slice(-2000)}`);
  }
  return { scored: scored.sort(), unscored: unscored.sort() };
}

async function suite(
  version: SuiteVersion,
  words: readonly string[],
  label: string,
): Promise<{ said: string; code: number | null }> {
  const folder = dirname(createRequire(import.meta.url).resolve(`${packages[version]}/package.json`));
  const child = spawn(process.execPath, [join(folder, 'dist/index.js'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    timeout: SUITE_MS,
  });
  watchProcess(child, label);
  const [printed, complained, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { said: `${printed}${complained}`, code: code as number | null };
}
