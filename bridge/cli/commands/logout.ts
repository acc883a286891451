import { accountNamed } from '../account-name.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { signedOutLines } from '../signed-out.ts';

export interface LogoutOptions {
  readonly account: string;
}

export const command = bridgeCommand<unknown, LogoutOptions>({
  usage: 'logout <account>',
  summary: 'sign out of an account and keep it',
  details:
    'For accounts that you signed in to in the browser. Gangway forgets the sign-in at once and tells the server; ' +
    'sign in again with: gangway login ACCOUNT',
  parse: ([account = '']) => ({ account }),
  run: logout,
});

/** Signs out. @throws BridgeError for an account that has no sign-in of this kind. */
export async function logout({ account: name }: LogoutOptions, parts: CommandParts): Promise<Shown> {
  const { control, signal } = parts;
  // Read before, while the account still knows who gave the sign-in.
  const account = accountNamed(await control.accounts.list(undefined, { signal }), name);
  const signedOut = await control.signIn.signOut({ account: account?.id ?? name }, { signal });
  if (!account) return { value: signedOut, lines: ['Signed out.'] };
  const [told, ...notes] = signedOutLines(account, signedOut);
  const first =
    signedOut.revocation === 'nothing-to-revoke'
      ? `${account.label} is signed out.`
      : `Signed out of ${account.label}.`;
  return { value: signedOut, lines: [`${first} ${told}`, ...notes] };
}
