import type { AccountView } from '../../contract/control.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { table } from '../table.ts';
import { environmentOf, healthOf, markOf } from '../words.ts';

export const command = bridgeCommand({
  usage: 'accounts',
  summary: 'list the accounts and how they are',
  parse: () => undefined,
  run: (_, parts) => listAccounts(parts),
});

/** All accounts with their marks, who they are and what to do about them. */
export async function listAccounts({ control, terminal, signal }: CommandParts): Promise<Shown> {
  const accounts = await control.accounts.list(undefined, { signal });
  if (accounts.length === 0) {
    return { value: accounts, lines: ['No account yet. Add your first workspace: gangway add --help'] };
  }
  const rows = accounts.map((account) => rowOf(account));
  const heading = ['', 'LABEL', 'NAME', 'KIND', 'ENVIRONMENT', 'YOU ARE', 'ACTING AS', 'HEALTH'];
  return {
    value: accounts,
    lines: [
      ...table([heading, ...rows], (line) => terminal.style('dim', line)),
      '',
      terminal.style('dim', '* current account   + active account of its kind'),
    ],
  };
}

function rowOf(account: AccountView): string[] {
  return [
    markOf(account),
    account.label,
    account.slug,
    account.connector,
    environmentOf(account),
    account.identity?.summary ?? '-',
    actingAs(account),
    healthOf(account),
  ];
}

/** The chosen member; marked when it is one for the time being. */
function actingAs(account: AccountView): string {
  const user = account.actingAs ?? account.user;
  if (!user) return '-';
  return account.actingAs ? `${user.value} (for now)` : user.value;
}
