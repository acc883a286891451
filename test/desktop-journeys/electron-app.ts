import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { type BuiltApp, buildApp } from '../desktop-host/built-app.ts';
import { findElectron } from './electron-program.ts';

/** The built app, to be started in the real Electron. */
export interface ElectronBuild extends AsyncDisposable {
  /** Opens the app with this data folder and waits for its window. */
  open(home: string): Promise<OpenApp>;
  /** Starts its program with these words, as a person or the system does, and waits for its end. */
  run(home: string, words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended>;
}

export interface OpenApp extends AsyncDisposable {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Quits as a person does; resolves with the exit code. */
  quit(): Promise<number | null>;
}

export interface Ended {
  readonly exitCode: number | null;
  /** What it wrote to its standard error. */
  readonly said: string;
}

const PATIENCE_MS = 60_000;

/** @throws Error where Electron's binary is not; `run.ts` looks before. */
export async function buildForElectron(): Promise<ElectronBuild> {
  const program = findElectron();
  if (program === undefined) throw new Error("Electron's binary is not here.");
  const built = await buildApp();
  return {
    open: (home) => openApp(program, built, home),
    run: async (home, words, environment = {}) => {
      const child = spawn(program, [built.folder, ...words], {
        env: { ...environmentOf(home), ...environment },
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: PATIENCE_MS,
        killSignal: 'SIGKILL',
      });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      await once(child, 'close');
      return { exitCode: child.exitCode, said };
    },
    [Symbol.asyncDispose]: () => built[Symbol.asyncDispose](),
  };
}

async function openApp(program: string, { folder }: BuiltApp, home: string): Promise<OpenApp> {
  const app = await _electron.launch({
    executablePath: program,
    args: [folder],
    env: environmentOf(home),
    timeout: PATIENCE_MS,
  });
  const child: ChildProcess = app.process();
  const ended = once(child, 'exit').then(() => child.exitCode);
  const page = await app.firstWindow({ timeout: PATIENCE_MS });
  page.setDefaultTimeout(20_000);
  return {
    app,
    page,
    quit: async () => {
      // The app ends while it answers.
      await app.evaluate((electron) => electron.app.quit()).catch(() => undefined);
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await app.close();
    },
  };
}

/** Terminals inside of Electron apps set the variable that makes a plain Node of Electron. */
function environmentOf(home: string): Record<string, string> {
  const all = {
    ...process.env,
    GANGWAY_HOME: home,
    GANGWAY_VAULT: 'memory',
    ELECTRON_RUN_AS_NODE: undefined,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
