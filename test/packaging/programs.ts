import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end. */
export async function runProgram(
  program: string,
  words: readonly string[],
  place: Place = {},
): Promise<Ended> {
  const child = spawn(program, words, { ...place, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** A program that goes on running. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Lines of stdout, one after the other; undefined at the end. */
  line(): Promise<string | undefined>;
  /** Sends a signal and waits for the end. @returns the exit code; null when the signal itself ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  readonly stderr: Promise<string>;
}

export function startProgram(program: string, words: readonly string[], place: Place): Running {
  const child = spawn(program, words, { ...place, stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = text(child.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
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
