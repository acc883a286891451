import { implement } from '@orpc/server';
import type { Account } from '../contract/account.ts';
import { control } from '../contract/control.ts';
import type { SignedOut } from '../contract/sign-in.ts';
import type { HandlerParts } from './handlers.ts';
import { forever } from './signals.ts';

type AccountParts = Pick<HandlerParts, 'accounts' | 'asking' | 'registry' | 'sessions' | 'switching'>;

/** Adding, switching and changing accounts. */
export function accountProcedures(parts: AccountParts) {
  const os = implement(control.accounts);
  const { accounts, switching } = parts;
  return {
    list: os.list.handler(() => accounts.list()),
    add: os.add.handler(({ input, signal }) => accounts.add(input, signal ?? forever())),
    check: os.check.handler(({ input, signal }) => accounts.check(input.account, signal ?? forever())),
    tools: os.tools.handler(({ input, signal }) => parts.asking.tools(input.account, signal ?? forever())),
    use: os.use.handler(({ input }) => switching.use(input.account)),
    actAs: os.actAs.handler(({ input }) => switching.actAs(input.account, input.user)),
    rotateKey: os.rotateKey.handler(({ input, signal }) =>
      accounts.rotateKey(input.account, input.key, input.check, signal ?? forever()),
    ),
    update: os.update.handler(({ input: { account, ...change } }) => accounts.update(account, change)),
    remove: os.remove.handler(({ input, signal }) =>
      removeAccount(parts, input.account, signal ?? forever()),
    ),
  };
}

/** Counts first how many clients use the account, because afterwards nothing is bound to it any more. */
async function removeAccount(
  { accounts, registry, sessions }: AccountParts,
  name: string,
  signal: AbortSignal,
): Promise<{ removed: Account; openSessions: number; signedOut: SignedOut }> {
  const account = registry.find(name);
  const openSessions = sessions.countOn(account);
  return { ...(await accounts.remove(account.id, signal)), openSessions };
}
