import { accountNamed } from '../account-name.ts';
import { withChecklist } from '../checklist.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { healthOf } from '../words.ts';

export interface CheckOptions {
  readonly account: string;
}

export const command = bridgeCommand<unknown, CheckOptions>({
  usage: 'check <account>',
  summary: 'ask the workspace again who you are',
  parse: ([account = '']) => ({ account }),
  run: checkAccount,
});

/** Checks an account. @throws BridgeError that says why it does not work. */
export async function checkAccount({ account: name }: CheckOptions, parts: CommandParts): Promise<Shown> {
  const { control, terminal, signal } = parts;
  const before = accountNamed(await control.accounts.list(undefined, { signal }), name);
  // Without a sign-in nothing is sent, so there is no way to tell how far it would come.
  const isAsked = before?.signIn.kind !== 'oauth' || before.state === 'ready';
  const checked = await withChecklist(terminal, name, isAsked, () =>
    control.accounts.check({ account: name }, { signal }),
  );
  return { value: checked, lines: [`${checked.account.label}: ${healthOf(checked.account)}`] };
}
