import { BridgeError } from '../../contract/errors.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { counted } from '../words.ts';

export interface RemoveOptions {
  readonly account: string;
  readonly yes: boolean;
}

interface RemoveFlags {
  readonly yes?: boolean;
}

export const command = bridgeCommand<RemoveFlags, RemoveOptions>({
  usage: 'remove <account>',
  summary: 'remove an account and its saved key',
  details: 'The key stays valid at the workspace until you delete it there.',
  declare: (declared) => declared.option('-y, --yes', 'do not ask'),
  parse: ([account = ''], flags) => ({ account, yes: flags.yes ?? false }),
  run: removeAccount,
});

/** Removes an account, asking first where somebody is there to answer. */
export async function removeAccount(options: RemoveOptions, parts: CommandParts): Promise<Shown> {
  const { control, terminal, json, signal } = parts;
  if (!options.yes && !json && terminal.isInteractive) {
    const question = `Remove ${options.account} and its saved key?`;
    if (!(await terminal.askYesNo(question, signal))) {
      throw new BridgeError('invalid-input', 'Nothing was removed.');
    }
  }
  const result = await control.accounts.remove({ account: options.account }, { signal });
  const { removed, openSessions } = result;
  const hasKey = removed.signIn.kind !== 'none' || removed.secretHeaders.length > 0;
  const rest = hasKey ? ' Its key is still valid at the workspace; delete it there too.' : '';
  const lines = [`Removed ${removed.label}.${rest}`];
  if (openSessions > 0) lines.push(`${counted(openSessions, 'conversation')} used it and can no longer.`);
  return { value: result, lines };
}
