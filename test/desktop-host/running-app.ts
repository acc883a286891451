import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { vi } from 'vitest';
import { portFile } from './chromium-window.ts';
import { dyingWithUs, processesOf } from './processes.ts';
import type { Deed } from './record.ts';

const REGISTER = join(import.meta.dirname, 'register.ts');
const END_MS = 15_000;
const PATIENCE = { timeout: 30_000, interval: 100 };

export interface AppStart {
  /** The built `out/main/index.js`. */
  readonly main: string;
  /** Arguments after the program. */
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The app's data folder. */
  readonly home: string;
}

/** The built app under the desktop host. Disposing it ends what did not end by itself. */
export interface RunningApp extends AsyncDisposable {
  readonly pid: number;
  readonly exitCode: number | null;
  /** What it wrote to its standard error so far. */
  readonly said: string;
  /** What it did that is not on the screen, oldest first. */
  readonly deeds: readonly Deed[];
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
  /** The page in one of its windows, such as `window-1` or `dialog-1`, as soon as it is there. */
  page(window: string): Promise<AttachedPage>;
}

/** A look into a window from outside. Disposing it leaves the window as it is. */
export interface AttachedPage extends AsyncDisposable {
  readonly page: Page;
}

/** Starts it, without waiting for anything. */
export function startApp({ main, words, environment, home }: AppStart): RunningApp {
  const deeds = join(home, 'desktop-host.jsonl');
  const program = dyingWithUs('TERM', process.execPath, ['--import', REGISTER, main, ...words]);
  const child = spawn(...program, {
    env: {
      ...environment,
      GANGWAY_HOME: home,
      GANGWAY_VAULT: 'memory',
      DESKTOP_HOST_RECORD: deeds,
      DESKTOP_HOST_DEVTOOLS: '1',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return {
    pid: child.pid ?? 0,
    get exitCode() {
      return child.exitCode;
    },
    get said() {
      return said;
    },
    get deeds() {
      return linesOf(deeds).map((line): Deed => JSON.parse(line));
    },
    ended: once(child, 'exit').then(() => child.exitCode),
    page: (window) => attach(portFile(join(home, 'chromium'), window)),
    [Symbol.asyncDispose]: () => end(child, home),
  };
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

async function attach(file: string): Promise<AttachedPage> {
  // Chromium makes the file first and writes into it a moment later.
  const port = await vi.waitFor(() => {
    const [, written] = /^(\d+)\n/.exec(readFileSync(file, 'utf8')) ?? [];
    if (!written) throw new Error('The window has not said its port yet.');
    return written;
  }, PATIENCE);
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const page = await vi.waitFor(() => {
    const [found] = browser.contexts().flatMap((context) => context.pages());
    if (!found) throw new Error('The window has no page yet.');
    return found;
  }, PATIENCE);
  page.setDefaultTimeout(20_000);
  return { page, [Symbol.asyncDispose]: () => browser.close() };
}

/** Its Chromium ends with it, however it ends, unless it has to be killed. */
async function end(child: ChildProcess, home: string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const unwilling = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(unwilling);
  if (child.signalCode !== 'SIGKILL') return;
  for (const pid of processesOf(home)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with another one.
    }
  }
}
