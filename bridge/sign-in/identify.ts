import { newAccountId } from '../accounts/accounts.ts';
import type { Account } from '../contract/account.ts';
import { asBridgeError } from '../contract/errors.ts';
import { type Credential, withGrant } from '../credentials/credential.ts';
import type { Grant } from '../credentials/grant.ts';
import type { TokenAnswer } from '../oauth/tokens.ts';
import { SignInFailed } from './failure.ts';
import type { SignInParts } from './flow.ts';
import type { Found } from './who.ts';

/**
 * Asks the workspace who the fresh tokens speak as, under an id of their own, so that no request of a client goes out
 * with them. Where the workspace has no words for that, the authorization server's claims name the person.
 * @throws SignInFailed when the workspace refuses tokens that were just granted.
 */
export async function identify(
  account: Account,
  grant: Grant,
  claims: TokenAnswer['claims'],
  credential: Credential | undefined,
  { authorizer, check, log }: Pick<SignInParts, 'authorizer' | 'check' | 'log'>,
  signal: AbortSignal,
): Promise<{ found: Found; notes: string[] }> {
  const trial: Account = { ...account, id: newAccountId(), state: 'ready' };
  using _held = authorizer.hold(trial.id, withGrant(credential, grant));
  const { subject, name } = claims;
  const { issuer } = grant;
  try {
    const { identity, notes } = await check(trial, signal);
    const isNamedByWorkspace = identity.subject !== undefined || name === undefined;
    const summary = isNamedByWorkspace ? identity.summary : `${name} at ${identity.server}`;
    return { found: { identity: { ...identity, summary }, subject, issuer, summary }, notes: [...notes] };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = asBridgeError(error);
    if (code === 'sign-in-needed') {
      throw new SignInFailed(
        'refused',
        `${account.label}: the workspace does not accept the sign-in that its own server just granted.`,
        'Try again; if it stays so, tell the provider of the workspace.',
      );
    }
    log.warn('sign-in.not-checked', { account: account.id, code });
    const summary = name ?? 'somebody the workspace could not name yet';
    const note = `Signed in, but the workspace could not be asked who you are: ${message}`;
    return { found: { identity: undefined, subject, issuer, summary }, notes: [note] };
  }
}
