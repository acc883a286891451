import type { Account } from '#contract/account.ts';
import { BridgeError } from '#contract/errors.ts';
import { never, type Secrets, type Stage } from './stage.ts';
import { firstGrant } from './tokens.ts';

/** An account that a person has still to sign in to. */
export async function addUnsigned({ accounts }: Stage): Promise<unknown> {
  return accounts.add(
    { connector: 'custom', url: 'http://127.0.0.1:4003/mcp', signIn: 'oauth', label: 'Acme' },
    never,
  );
}

/** Stores what the sign-in brought. @throws BridgeError `storage` when it is in memory only. */
export async function signIn(stage: Stage, secrets: Secrets): Promise<void> {
  await stage.grants.signedIn(onlyAccount(stage).id, firstGrant(secrets), never);
  requireSaved(stage);
}

/** The list of accounts says that nothing is needed any more. */
export async function listSignedIn(stage: Stage): Promise<void> {
  await stage.registry.update(onlyAccount(stage).id, ({ signInReason: _, ...one }) => ({
    ...one,
    state: 'ready',
  }));
}

/** Has the token of a request renewed. @throws BridgeError `storage` when the new tokens are in memory only. */
export async function renew(stage: Stage): Promise<void> {
  await stage.grants.accessToken(onlyAccount(stage), never);
  requireSaved(stage);
}

/** What the account says to people then; the request itself goes through. */
function requireSaved(stage: Stage): void {
  const { state, text } = stage.grants.standing(onlyAccount(stage).id);
  if (state !== 'ready') throw new BridgeError('storage', text);
}

/** An owner that stops saves what it has in memory. */
export async function stopKeeping({ grants }: Stage): Promise<void> {
  await grants[Symbol.asyncDispose]();
}

function onlyAccount({ registry }: Stage): Account {
  const [account] = registry.snapshot.accounts;
  if (!account) throw new Error('There is no account.');
  return account;
}
