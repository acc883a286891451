import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export const SHIM: string = join(import.meta.dirname, '../../bridge/shim/main.ts');

/** A shim as an AI app would run it. */
export interface RunningShim {
  readonly child: ChildProcess;
  /** Writes a message as one line. */
  say(message: unknown): void;
  write(bytes: string | Buffer): void;
  /** The next line of stdout, parsed. */
  next(): Promise<Record<string, unknown>>;
  /** The next line of stdout as it is. */
  nextLine(): Promise<string>;
  /** Exit code or signal. */
  readonly exit: Promise<number | string | null>;
  stderr(): string;
  /** Everything stdout carried after `nextLine` was called last. */
  rest(): Promise<string[]>;
}

export interface ShimOptions {
  readonly home: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Leave stderr unread. */
  readonly deaf?: boolean;
}

/** Starts a shim; it is killed at the end of the test if it still lives. */
export function startShim({
  home,
  args = [],
  nodeArgs = [],
  env = {},
  deaf = false,
}: ShimOptions): RunningShim {
  const child = spawn(process.execPath, [...nodeArgs, SHIM, '--home', home, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...env },
  });
  const exit = new Promise<number | string | null>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  child.stdin.on('error', () => undefined);
  let errors = '';
  if (!deaf)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  const reader = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
  const over = new Promise<void>((resolve) => reader.on('close', resolve));
  reader.on('line', (line) => {
    const taker = waiting.shift();
    if (taker) taker(line);
    else lines.push(line);
  });
  const nextLine = async (): Promise<string> => {
    const line = lines.shift();
    if (line !== undefined) return line;
    return new Promise<string>((resolve) => waiting.push(resolve));
  };
  return {
    child,
    exit,
    nextLine,
    next: async () => JSON.parse(await nextLine()),
    say: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    write: (bytes) => void child.stdin.write(bytes),
    stderr: () => errors,
    rest: async () => {
      await over;
      return lines.splice(0);
    },
  };
}
