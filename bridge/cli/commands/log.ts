import { type Command, InvalidArgumentError } from 'commander';
import type { ActivityEntry } from '../../contract/activity.ts';
import { BridgeError } from '../../contract/errors.ts';
import {
  declareEntryChoice,
  type EntryChoice,
  type EntryFlags,
  readEntryChoice,
  withAccountId,
} from '../activity-filter.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { padded, table } from '../table.ts';
import { localTime } from '../words.ts';

export interface LogOptions {
  readonly choice: EntryChoice;
  readonly limit: number;
  readonly follow: boolean;
  readonly clear: boolean;
}

interface LogFlags extends EntryFlags {
  readonly limit: number;
  readonly follow?: boolean;
  readonly clear?: boolean;
}

const HEADING = ['TIME', 'CLIENT', 'ACCOUNT', 'ACTING AS', 'WHAT', 'OUTCOME', 'TOOK'];
/** Columns of a followed log cannot wait for their longest cell. */
const WIDTHS = [8, 14, 16, 16, 28, 12, 8];

export const command = bridgeCommand<LogFlags, LogOptions>({
  usage: 'log',
  summary: 'what clients did',
  declare: (declared: Command) => {
    declareEntryChoice(declared);
    declared
      .option('-n, --limit <number>', 'the latest so many', readLimit, 50)
      .option('-f, --follow', 'go on with what happens from now on')
      .option('--clear', 'remove the whole log');
  },
  parse: parseLog,
  run: async (options, parts) => {
    if (options.clear) return clearLog(parts);
    return options.follow ? followLog(options, parts) : showLog(options, parts);
  },
});

/** @throws BridgeError `invalid-input` when `--clear` comes with anything else. */
export function parseLog(_: readonly string[], flags: LogFlags): LogOptions {
  const choice = readEntryChoice(flags);
  const { limit, follow = false, clear = false } = flags;
  if (clear && (follow || Object.keys(choice).length > 0)) {
    throw new BridgeError(
      'invalid-input',
      '--clear removes the whole log, so nothing can be chosen with it.',
    );
  }
  return { choice, limit, follow, clear };
}

/** The latest entries, the newest one last. As JSON: newest first, as the contract has them. */
export async function showLog({ choice, limit }: LogOptions, parts: CommandParts): Promise<Shown> {
  const { control, terminal, signal } = parts;
  const filter = await withAccountId(choice, control, signal);
  const entries = await control.activity.list({ ...filter, limit }, { signal });
  if (entries.length === 0) {
    const hasChoice = Object.keys(choice).length > 0;
    const line = hasChoice ? 'Nothing fits.' : 'Nothing yet. Ask your assistant to list something.';
    return { value: entries, lines: [line] };
  }
  const now = new Date();
  const rows = entries.map((entry) => cellsOf(entry, now)).reverse();
  return { value: entries, lines: table([HEADING, ...rows], (line) => terminal.style('dim', line)) };
}

/** The latest entries and then every new one, until Ctrl-C. As JSON: one document per line, oldest first. */
export async function followLog(options: LogOptions, parts: CommandParts): Promise<undefined> {
  try {
    for await (const entry of entriesOf(options, parts)) {
      await parts.terminal.write(`${parts.json ? JSON.stringify(entry) : lineOf(entry)}\n`);
    }
  } catch (error) {
    if (!parts.signal.aborted) throw error;
  }
  if (parts.signal.aborted) return undefined;
  throw new BridgeError('stopping', 'Gangway has stopped, so nothing new will come. Start it again.');
}

async function* entriesOf(
  { choice, limit }: LogOptions,
  { control, signal }: CommandParts,
): AsyncGenerator<ActivityEntry, void> {
  const filter = await withAccountId(choice, control, signal);
  const past = await control.activity.list({ ...filter, limit }, { signal });
  // When nothing fitted so far, what comes next is still what comes after the newest of all entries.
  const [newest] = past.length > 0 ? past : await control.activity.list({ limit: 1 }, { signal });
  yield* past.toReversed();
  yield* await control.activity.follow({ ...filter, afterId: newest?.id ?? 0 }, { signal });
}

async function clearLog({ control, terminal, json, signal }: CommandParts): Promise<Shown> {
  if (!json && terminal.isInteractive && !(await terminal.askYesNo('Remove the whole log?', signal))) {
    throw new BridgeError('invalid-input', 'Nothing was removed.');
  }
  const result = await control.activity.clear(undefined, { signal });
  return { value: result, lines: [`Removed ${result.removed} entries.`] };
}

function cellsOf(entry: ActivityEntry, now: Date): string[] {
  return [
    localTime(entry.at, now),
    entry.client,
    entry.accountLabel ?? '-',
    entry.user ?? '-',
    entry.target === null ? entry.method : `${entry.method.replace(/\/.*/, '')} ${entry.target}`,
    `${entry.outcome}${entry.code === null ? '' : ` ${entry.code}`}`,
    `${Math.round(entry.durationMs)} ms`,
  ];
}

function lineOf(entry: ActivityEntry): string {
  const [line = ''] = table([
    cellsOf(entry, new Date()).map((cell, column) => padded(cell, WIDTHS[column] ?? 0)),
  ]);
  return line;
}

function readLimit(typed: string): number {
  const limit = Number(typed);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 10_000) return limit;
  throw new InvalidArgumentError('It is a number from 1 to 10000.');
}
