import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { runWords } from '#bridge/cli/program.ts';
import { DoctorReport } from '#contract/doctor.ts';
import { canary } from '../canary/canary.ts';
import { allowSecrets } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { contextOf, testTerminal } from '../cli/a-terminal.ts';
import { type Finished, gangway, type RunOptions } from '../cli/processes.ts';
import { rememberDerived } from '../crash/chance.ts';
import { startPlain } from '../workspaces/plain.ts';

// All homes that are alike have the same passphrase, and each command here is a start of its own.
rememberDerived();

/** A data folder in daily use, of a person of its own. */
export interface DoctorHome {
  readonly paths: Paths;
  /** The person's home folder. */
  readonly person: string;
  /** For commands in this home. */
  readonly options: RunOptions;
  /** Runs a command in this process; a key comes on stdin. @throws Error when it fails. */
  run(words: readonly string[], key?: string): Promise<string>;
  /** `gangway doctor --json` in this process, which starts much faster than one of its own. */
  doctor(environment?: NodeJS.ProcessEnv): Promise<Diagnosis>;
  /** The same as a process of its own. */
  doctorApart(): Promise<Diagnosis>;
}

export interface Diagnosis {
  readonly code: number | null;
  readonly report: DoctorReport;
  /** `state id subject` of everything that is the matter, but that no app is set up yet. */
  readonly troubles: readonly string[];
}

/**
 * Homes that are alike: one account at a workspace without a sign-in, saved sign-ins under a passphrase, the HTTP door at
 * the port it took at its first start. Each is a copy of one that the real command line made.
 */
export async function alike(): Promise<{ url: string; copy(): Promise<DoctorHome> } & AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const workspace = starting.use(await startPlain({ name: 'acme' }));
  const pattern = await emptyHome();
  await pattern.run(addWords(workspace.url, 'Acme'));
  // The door takes its port at the first start that opens it.
  await pattern.doctor();
  const running = starting.move();
  return {
    url: workspace.url,
    copy: async () => {
      const home = await emptyHome({ passphrase: pattern.options.environment?.GANGWAY_PASSPHRASE_FILE });
      await cp(pattern.paths.home, home.paths.home, { recursive: true });
      return home;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The words that add an account at an address of this computer; without a sign-in unless one is named. */
export function addWords(url: string, label: string, ...more: string[]): string[] {
  const way = more.some((word) => word.startsWith('--sign-in') || word === '--key-stdin')
    ? []
    : ['--sign-in', 'none'];
  return ['add', 'custom', '--url', url, '--own-network', '--label', label, ...way, ...more];
}

export interface HomeOptions {
  readonly vault?: 'passphrase' | 'keychain';
  /** The file of the passphrase; one of its own when absent. */
  readonly passphrase?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
}

/** A person who never started Gangway. */
export async function emptyHome({
  vault = 'passphrase',
  passphrase,
  environment: more = {},
}: HomeOptions = {}): Promise<DoctorHome> {
  const { path } = await temporaryHome();
  const person = join(path, 'person');
  await mkdir(person);
  const home = join(path, 'data');
  const environment: NodeJS.ProcessEnv = {
    ...more,
    HOME: person,
    XDG_CONFIG_HOME: undefined,
    GANGWAY_VAULT: vault,
    GANGWAY_PASSPHRASE_FILE: passphrase ?? (await passphraseFile(path)),
  };
  const options: RunOptions = { home, environment };
  return {
    paths: pathsFor(home, {}),
    person,
    options,
    run: async (words, key = '') => {
      const { code, stdout, stderr } = await runHere(words, { ...options, input: key });
      if (code !== 0) throw new Error(`gangway ${words[0]} ended with ${code}: ${stderr}`);
      return stdout;
    },
    doctor: async (more = {}) => {
      const given = { home, environment: { ...environment, ...more } };
      return diagnosisOf(await runHere(['doctor', '--json'], given));
    },
    doctorApart: async () => diagnosisOf(await gangway(['doctor', '--json'], options)),
  };
}

/** Runs a command as its process would, with these variables for as long as it runs. One at a time. */
async function runHere(
  words: readonly string[],
  { home, environment, input }: RunOptions,
): Promise<Finished> {
  const shown = testTerminal();
  shown.stdin.end(input ?? '');
  for (const [name, value] of Object.entries({ ...environment, GANGWAY_HOME: home })) vi.stubEnv(name, value);
  try {
    const code = await runWords(words, contextOf(shown, process.env));
    return { code, stdout: shown.stdout(), stderr: shown.stderr() };
  } finally {
    vi.unstubAllEnvs();
  }
}

async function passphraseFile(folder: string): Promise<string> {
  const file = join(folder, 'passphrase');
  allowSecrets({ place: `file ${file}`, because: 'it is the file of the passphrase' });
  await writeFile(file, `${canary('generic')}\n`, { mode: 0o600 });
  return file;
}

function diagnosisOf({ code, stdout, stderr }: Finished): Diagnosis {
  if (stderr !== '') throw new Error(`gangway doctor complained: ${stderr}`);
  const report = DoctorReport.parse(JSON.parse(stdout));
  const troubles = report.checks.filter(({ state, id }) => /bad|notice/.test(state) && id !== 'no-client');
  for (const { id, text, fix } of report.checks) {
    if (text.length > 300 || (fix?.length ?? 0) > 300) throw new Error(`${id} says too much.`);
  }
  for (const { id, fix } of troubles) if (!fix) throw new Error(`${id} names nothing to do.`);
  return { code, report, troubles: troubles.map(({ state, id, subject }) => `${state} ${id} ${subject}`) };
}

/** The words of one check. @throws Error when there is none of this id. */
export function saidOf({ report }: Diagnosis, id: string): string {
  const check = report.checks.find((one) => one.id === id);
  if (!check) throw new Error(`The report has no ${id}.`);
  return `${check.text} ${check.fix ?? ''}`;
}
