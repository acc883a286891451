import { PassThrough, Writable } from 'node:stream';
import type { Command } from 'commander';
import { pathsFor } from '#bridge/base/paths.ts';
import type { CommandParts, Surroundings } from '#bridge/cli/command.ts';
import type { Context } from '#bridge/cli/execute.ts';
import { Terminal } from '#bridge/cli/terminal.ts';
import type { ControlClient } from '#bridge/control/client.ts';

/** A terminal a test can type at and read. */
export interface TestTerminal {
  readonly terminal: Terminal;
  readonly stdin: PassThrough;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when stderr shows this text. */
  shows(text: string): Promise<void>;
}

export function testTerminal(isTTY = false): TestTerminal {
  const stdin = new PassThrough();
  const out = collector();
  const error = collector();
  const streams = {
    stdin: Object.assign(stdin, { isTTY }),
    stdout: out.stream,
    stderr: Object.assign(error.stream, { isTTY }),
  };
  return {
    terminal: new Terminal(streams),
    stdin,
    stdout: out.text,
    stderr: error.text,
    shows: (text) => error.until((shown) => shown.includes(text)),
  };
}

function collector() {
  let text = '';
  const waiting = new Set<() => void>();
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      for (const look of waiting) look();
      done();
    },
  });
  const until = (isThere: (text: string) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isThere(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { stream, text: () => text, until };
}

/** What `runWords` needs, in a data folder of the test's own. */
export function contextOf(
  { terminal }: TestTerminal,
  environment: NodeJS.ProcessEnv = {},
  signal: AbortSignal = new AbortController().signal,
): Context {
  return { terminal, environment, signal, program: noProgram };
}

/** What a command gets, over a bridge that runs already. */
export function partsOf(
  { terminal }: TestTerminal,
  control: ControlClient,
  change: Partial<Surroundings & { isHosted: () => boolean }> = {},
): CommandParts {
  return {
    paths: pathsFor('/nowhere', {}),
    environment: {},
    terminal,
    json: false,
    signal: new AbortController().signal,
    program: noProgram,
    control,
    isHosted: () => false,
    ...change,
  };
}

async function noProgram(): Promise<Command> {
  throw new Error('This command does not look at the others.');
}
