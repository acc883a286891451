import type { ClientId } from '../../contract/clients.ts';
import { BridgeError } from '../../contract/errors.ts';
import { clientArgument, clientNamed, viewOf } from '../client-name.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { table } from '../table.ts';
import { localTime } from '../words.ts';

export type RestoreOptions =
  | { readonly kind: 'one'; readonly client: ClientId; readonly backup?: string }
  | { readonly kind: 'list'; readonly client: ClientId }
  | { readonly kind: 'all' };

interface RestoreFlags {
  readonly backup?: string;
  readonly list?: boolean;
  readonly all?: boolean;
}

export const command = bridgeCommand<RestoreFlags, RestoreOptions>({
  usage: 'restore',
  summary: 'put the settings file of an AI app back as it was',
  details: [
    'Without --backup the file is as it was before Gangway, byte for byte; that is refused when somebody else changed it',
    'since. What a backup replaces is kept as a backup, too.',
    '',
    'Before you remove Gangway from this computer: gangway restore --all. Exit code 3 when a file could not be put back.',
  ].join('\n'),
  declare: (declared) =>
    declared
      .addArgument(clientArgument('[client]'))
      .option('--list', 'show the copies there are')
      .option('--backup <id>', 'put this copy back')
      .option('--all', 'put back every file that Gangway changed'),
  parse: parseRestore,
  run: restore,
});

/** @throws BridgeError `invalid-input` unless exactly one thing is asked for. */
export function parseRestore(
  [client]: readonly string[],
  { backup, list, all }: RestoreFlags,
): RestoreOptions {
  if (all && client === undefined && backup === undefined && !list) return { kind: 'all' };
  if (all || client === undefined || (list && backup !== undefined)) {
    throw new BridgeError(
      'invalid-input',
      'Name an app, with one of --list and --backup ID or none, or give --all alone.',
    );
  }
  const id = clientNamed(client);
  if (list) return { kind: 'list', client: id };
  return { kind: 'one', client: id, ...(backup === undefined ? {} : { backup }) };
}

/** Puts files back, or lists the copies. */
export async function restore(options: RestoreOptions, parts: CommandParts): Promise<Shown> {
  const { control, signal } = parts;
  switch (options.kind) {
    case 'all': {
      const results = await control.clients.restoreAll(undefined, { signal });
      const lines = results.map(({ restored, text }) => `${restored ? '✓' : '!'} ${text}`);
      return {
        value: results,
        lines: lines.length > 0 ? lines : ['Gangway changed no file, so there is nothing to put back.'],
        ...(results.every(({ restored }) => restored) ? {} : { exit: 3 }),
      };
    }
    case 'list':
      return listBackups(options.client, parts);
    case 'one': {
      const { client, backup } = options;
      const done = await control.clients.restore(
        { client, ...(backup === undefined ? {} : { backup }) },
        { signal },
      );
      return { value: done, lines: done.said };
    }
    default:
      return options satisfies never;
  }
}

async function listBackups(client: ClientId, { control, terminal, signal }: CommandParts): Promise<Shown> {
  const { backups, name } = viewOf(await control.clients.list(undefined, { signal }), client);
  if (backups.length === 0) return { value: backups, lines: [`There is no copy of a file of ${name}.`] };
  const now = new Date();
  const rows = backups.map(({ id, at, bytes, path }) => [id, localTime(at, now), String(bytes), path]);
  return {
    value: backups,
    lines: table([['ID', 'MADE', 'BYTES', 'FILE'], ...rows], (line) => terminal.style('dim', line)),
  };
}
