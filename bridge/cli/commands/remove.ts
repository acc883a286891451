import { BridgeError } from '../../contract/errors.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { signedOutLines } from '../signed-out.ts';
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
  summary: 'remove an account and its saved secrets',
  details:
    'A key stays valid at the workspace until you delete it there. An account that signs in in the browser is ' +
    'signed out first.',
  declare: (declared) => declared.option('-y, --yes', 'do not ask'),
  parse: ([account = ''], flags) => ({ account, yes: flags.yes ?? false }),
  run: removeAccount,
});

/** Removes an account, asking first where somebody is there to answer. */
export async function removeAccount(options: RemoveOptions, parts: CommandParts): Promise<Shown> {
  const { control, terminal, json, signal } = parts;
  if (!options.yes && !json && terminal.isInteractive) {
    const question = `Remove ${options.account} and its saved secrets?`;
    if (!(await terminal.askYesNo(question, signal))) {
      throw new BridgeError('invalid-input', 'Nothing was removed.');
    }
  }
  const result = await control.accounts.remove({ account: options.account }, { signal });
  const { removed, openSessions, signedOut } = result;
  const hasKey = removed.signIn.kind === 'key' || removed.secretHeaders.length > 0;
  const lines = [`Removed ${removed.label}.`];
  if (hasKey) lines.push('Its key is still valid at the workspace; delete it there too.');
  if (removed.signIn.kind === 'oauth') lines.push(...signedOutLines(removed, signedOut));
  if (openSessions > 0) lines.push(`${counted(openSessions, 'conversation')} used it and can no longer.`);
  return { value: result, lines };
}
