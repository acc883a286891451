import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, onTestFinished } from 'vitest';
import { buildNativeShim, nativeShim } from './native-shim.ts';

/** There are two shims, which do the same: one for Node, and one that a processor runs as it is. */
export type ShimKind = 'TypeScript' | 'native';

/** The words that start a shim. */
export function shimCommand(
  kind: ShimKind,
  nodeArgs: readonly string[] = [],
): [executable: string, ...string[]] {
  if (kind === 'native') return [nativeShim];
  return [process.execPath, ...nodeArgs, join(import.meta.dirname, '../../bridge/shim/main.ts')];
}

/** The same tests for both shims. */
export function describeShims(tests: (kind: ShimKind) => void): void {
  describe.each<ShimKind>(['TypeScript', 'native'])('the %s shim', (kind) => {
    if (kind === 'native') beforeAll(() => void buildNativeShim(), 300_000);
    tests(kind);
  });
}

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
  readonly kind: ShimKind;
  /** Given as `--home`, if it is given. */
  readonly home?: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  /** Words of a program that becomes the shim. */
  readonly through?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Leave stderr unread. */
  readonly deaf?: boolean;
  /** An open file to be its stderr. */
  readonly stderr?: number;
}

/** Starts a shim; it is killed at the end of the test if it still lives. */
export function startShim({
  kind,
  home,
  args = [],
  nodeArgs = [],
  through = [],
  ...options
}: ShimOptions): RunningShim {
  const place = home === undefined ? [] : ['--home', home];
  return startWords([...through, ...shimCommand(kind, nodeArgs), ...place, ...args], options);
}

/** The same with the words of an entry in a client's settings. */
export function startWords(
  [executable = '', ...words]: readonly string[],
  { env = {}, deaf = false, stderr }: Pick<ShimOptions, 'env' | 'deaf' | 'stderr'> = {},
): RunningShim {
  const child = spawn(executable, words, {
    stdio: ['pipe', 'pipe', stderr ?? 'pipe'],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
  });
  const exit = new Promise<number | string | null>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new TypeError('a shim without pipes');
  stdin.on('error', () => undefined);
  let errors = '';
  if (!deaf)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  const reader = createInterface({ input: stdout, crlfDelay: Number.POSITIVE_INFINITY });
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
    say: (message) => void stdin.write(`${JSON.stringify(message)}\n`),
    write: (bytes) => void stdin.write(bytes),
    stderr: () => errors,
    rest: async () => {
      await over;
      return lines.splice(0);
    },
  };
}
