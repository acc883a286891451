import type { Command } from 'commander';
import { pathsFor } from '../base/paths.ts';
import { asBridgeError, BridgeError, trouble } from '../contract/errors.ts';
import type { CliCommand, Installation, Shown, Surroundings } from './command.ts';
import type { Terminal } from './terminal.ts';

/** The process a command runs in, as far as it matters. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly program: () => Promise<Command>;
  readonly installation?: Installation | undefined;
}

/** Flags every command has. */
export interface GlobalFlags {
  readonly home?: string;
  readonly json?: boolean;
}

/** As a shell reports a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Runs a command to its end and prints what it found out. @returns the exit code. */
export async function execute(
  command: CliCommand,
  args: readonly string[],
  flags: GlobalFlags & Record<string, unknown>,
  context: Context,
): Promise<number> {
  const { terminal, signal } = context;
  const json = flags.json === true;
  try {
    const surroundings: Surroundings = { ...context, json, paths: pathsFor(flags.home, context.environment) };
    return await start(command, args, flags, surroundings);
  } catch (error) {
    if (signal.aborted || isGivenUp(error)) return INTERRUPTED;
    await report(error, json, terminal);
    return trouble[asBridgeError(error).code].exit;
  }
}

async function start(
  command: CliCommand,
  args: readonly string[],
  flags: Record<string, unknown>,
  surroundings: Surroundings,
): Promise<number> {
  if (command.kind === 'plain') return show(await command.start(args, flags, surroundings), surroundings);
  const { Owner } = await import('../control/owner.ts');
  const { paths, signal } = surroundings;
  await using owner = new Owner({
    paths,
    client: 'gangway',
    // Only who finds no owner needs the whole bridge.
    start: async () => (await import('./host.ts')).hostBridge(surroundings, { http: command.door }),
    signal,
  });
  const parts = { ...surroundings, control: owner.client, isHosted: () => owner.isHosted };
  return await show(await command.start(args, flags, parts), surroundings);
}

async function show(shown: Shown | undefined, { terminal, json }: Surroundings): Promise<number> {
  if (!shown) return 0;
  const text = json ? JSON.stringify(shown.value, null, 2) : shown.lines.join('\n');
  if (text !== '') await terminal.write(`${text}\n`);
  return shown.exit ?? 0;
}

/** Says what went wrong: to people on stderr, to a program as one line of JSON on stdout. */
export async function report(error: unknown, json: boolean, terminal: Terminal): Promise<void> {
  const { code, message, details, cause } = asBridgeError(error);
  terminal.say(`${terminal.styleError('red', 'gangway:')} ${message}`);
  if (code === 'internal' && cause instanceof Error) {
    const place = cause.stack?.split('\n').find((line) => line.includes('/bridge/'));
    terminal.say(`  ${cause.name}${place ? ` ${place.trim().slice(0, 200)}` : ''}`);
  }
  if (json) await terminal.write(`${JSON.stringify({ error: { code, message, details } })}\n`);
}

function isGivenUp(error: unknown): boolean {
  return !(error instanceof BridgeError) && error instanceof Error && error.name === 'AbortError';
}
