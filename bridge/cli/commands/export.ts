import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { sweepTemporary, writeWhole } from '../../base/json-file.ts';
import { BridgeError } from '../../contract/errors.ts';
import {
  declareEntryChoice,
  type EntryChoice,
  type EntryFlags,
  readEntryChoice,
  withAccountId,
} from '../activity-filter.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';

export interface ExportOptions {
  readonly choice: EntryChoice;
  readonly format: 'csv' | 'jsonl';
  /** Stdout when absent. */
  readonly output: string | undefined;
}

interface ExportFlags extends EntryFlags {
  readonly format?: 'csv' | 'jsonl';
  readonly output?: string;
}

export const command = bridgeCommand<ExportFlags, ExportOptions>({
  usage: 'export',
  summary: 'write the activity log as CSV or JSON Lines',
  details: 'Newest first, without secrets. A file is readable by you only.',
  declare: (declared: Command) => {
    declareEntryChoice(declared);
    declared
      .addOption(
        new Option('--format <format>', 'by default what the file is called, else csv').choices([
          'csv',
          'jsonl',
        ]),
      )
      .option('-o, --output <file>', 'write to this file instead of to stdout');
  },
  parse: (_, flags) => ({
    choice: readEntryChoice(flags),
    format: flags.format ?? (/\.(jsonl|ndjson)$/i.test(flags.output ?? '') ? 'jsonl' : 'csv'),
    output: flags.output,
  }),
  run: exportLog,
});

/**
 * Writes the export piece by piece. With a file, stdout tells where it is and how large. The file is readable by its owner
 * only, and has its name only once it is complete.
 */
export async function exportLog(options: ExportOptions, parts: CommandParts): Promise<Shown | undefined> {
  const { control, terminal, json, signal } = parts;
  const { format, output } = options;
  if (json && output === undefined) {
    throw new BridgeError(
      'invalid-input',
      'An export is no single JSON document. Use --output, or leave out --json.',
    );
  }
  const filter = await withAccountId(options.choice, control, signal);
  const pieces = await control.activity.export({ format, filter }, { signal });
  if (output === undefined) {
    for await (const piece of pieces) await terminal.write(piece);
    signal.throwIfAborted();
    return undefined;
  }
  // An export that was killed leaves a part of the log behind.
  await sweepTemporary(dirname(output));
  const bytes = await writeWhole(output, encoded(pieces, signal));
  return { value: { output, format, bytes }, lines: [`Wrote ${bytes} bytes to ${output}.`] };
}

async function* encoded(pieces: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield Buffer.from(piece);
  // Then they ended early, and without a word.
  signal.throwIfAborted();
}
