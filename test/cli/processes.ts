import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../bridge/cli/main.ts', import.meta.url));

export interface RunOptions {
  /** Data folder, given as GANGWAY_HOME. */
  readonly home: string;
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** The folder it is started in; that of the tests when absent. */
  readonly cwd?: string;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function environmentOf({ home, environment }: RunOptions): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(GANGWAY_|FORCE_COLOR|NODE_OPTIONS|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(kept), GANGWAY_HOME: home, GANGWAY_VAULT: 'memory', ...environment };
}

/** Runs `gangway` in a process of its own, to its end. */
export async function gangway(words: readonly string[], options: RunOptions): Promise<Finished> {
  const child = spawn(process.execPath, [MAIN, ...words], { env: environmentOf(options), cwd: options.cwd });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: await stdout, stderr: await stderr };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** A `gangway` that goes on running. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Lines of stdout, one after the other; undefined at the end. */
  line(): Promise<string | undefined>;
  /** Sends a signal and waits for the end. @returns the exit code; null when the signal itself ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  readonly stderr: Promise<string>;
}

export function startGangway(words: readonly string[], options: RunOptions): Running {
  const child = spawn(process.execPath, [MAIN, ...words], { env: environmentOf(options), cwd: options.cwd });
  const stderr = textOf(child.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.end(options.input ?? '');
  const closed = once(child, 'close') as Promise<[number | null]>;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = await closed;
    return code;
  };
  return {
    child,
    stderr,
    end,
    line: async () => {
      const { done, value } = await lines.next();
      return done ? undefined : value;
    },
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  };
}

/** `gangway serve`, ready. */
export async function startServe(
  options: RunOptions,
  ...words: string[]
): Promise<Running & { socket: string; url: string | null }> {
  const running = startGangway(['serve', '--json', ...words], options);
  const line = await running.line();
  if (line === undefined) throw new Error(`serve did not start: ${await running.stderr}`);
  const { ready, socket, url } = JSON.parse(line) as { ready: true; socket: string; url: string | null };
  if (ready !== true) throw new Error(`serve did not start: ${line}`);
  return { ...running, socket, url };
}
