import type { ForeignEntry } from '../../contract/clients.ts';
import { changeLines } from '../change-lines.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { table } from '../table.ts';

export interface MigrateOptions {
  /** Of an entry that was listed before; without one they are listed. */
  readonly id?: string;
  readonly label?: string;
  /** Short name of the account to use instead of adding one. */
  readonly account?: string;
  readonly preview: boolean;
}

interface MigrateFlags {
  readonly label?: string;
  readonly account?: string;
  readonly preview?: boolean;
}

export const command = bridgeCommand<MigrateFlags, MigrateOptions>({
  usage: 'migrate [id]',
  summary: 'find servers that apps reach without Gangway, and bring one here',
  details: [
    'Without an id the settings of the apps on this computer are opened and such servers listed: those started by',
    'mcp-remote, and those with an address of their own. With an id the server becomes an account, its headers move into',
    'the vault, and the entry leads to Gangway. A copy of the file is kept: "gangway restore" puts it back.',
  ].join('\n'),
  declare: (declared) =>
    declared
      .option('--label <label>', 'name of the account that is added')
      .option('--account <name>', 'add none, use this one: it must be the same person at the same address')
      .option('--preview', 'show the change, make none'),
  door: true,
  parse: ([id], { label, account, preview = false }) => ({
    preview,
    ...(id === undefined ? {} : { id }),
    ...(label === undefined ? {} : { label }),
    ...(account === undefined ? {} : { account }),
  }),
  run: migrate,
});

/** Lists such entries, or brings one here. @throws BridgeError with the entry as it was. */
export async function migrate(
  { id, label, account, preview }: MigrateOptions,
  parts: CommandParts,
): Promise<Shown> {
  const { control, terminal, signal } = parts;
  if (id === undefined) return listForeign(parts);
  const wanted = {
    id,
    ...(label === undefined ? {} : { label }),
    ...(account === undefined ? {} : { account }),
  };
  const change = await control.clients.previewMigration(wanted, { signal });
  if (preview) return { value: change, lines: changeLines(change, terminal) };
  const done = await control.clients.write({ token: change.token }, { signal });
  return { value: done, lines: done.said };
}

async function listForeign({ control, terminal, signal }: CommandParts): Promise<Shown> {
  const found = await control.clients.foreign(undefined, { signal });
  const unread = found.unread.map(({ client, text }) => `! ${client}: ${text}`);
  if (found.entries.length === 0) {
    return { value: found, lines: ['No app on this computer reaches a server without Gangway.', ...unread] };
  }
  const rows = found.entries.map((entry) => [
    entry.id,
    entry.client,
    entry.entry,
    entry.host,
    signInOf(entry),
  ]);
  const heading = ['ID', 'CLIENT', 'ENTRY', 'HOST', 'SIGNS IN WITH'];
  return {
    value: found,
    lines: [
      ...table([heading, ...rows], (line) => terminal.style('dim', line)),
      ...unread,
      '',
      'Bring one here with: gangway migrate ID',
    ],
  };
}

function signInOf({ oauth, headers, account }: ForeignEntry): string {
  const way = oauth ? 'the browser' : headers.length > 0 ? headers.join(', ') : 'nothing';
  return account === null ? way : `${way}; --account ${account} if it is the same`;
}
