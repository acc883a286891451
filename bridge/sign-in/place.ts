import type { Account } from '../contract/account.ts';
import type { Grant } from '../credentials/grant.ts';
import { isSameOrigin } from '../oauth/address.ts';
import { type Discovered, discover, endpointMoved, type StoredEndpoints } from '../oauth/discovery.ts';
import { boundsOf, type OAuthHttp } from '../oauth/http.ts';
import type { Desk } from './attempt.ts';
import { SignInFailed } from './failure.ts';
import { askLegacy, askMoved } from './questions.ts';

/**
 * Finds where this account signs in. What may be an attack as well as a change - an old method, another authorization
 * server, a token endpoint elsewhere - is asked of the person first.
 * @throws OAuthTrouble, SignInFailed; the signal's reason when the person says no.
 */
export async function findPlace(
  desk: Desk,
  account: Account,
  before: Grant | undefined,
  http: OAuthHttp,
): Promise<Discovered> {
  const { upstream, signIn } = account;
  if (upstream.kind === 'command' || signIn.kind !== 'oauth') {
    throw new SignInFailed(
      'invalid-input',
      `${account.label} does not sign in in the browser.`,
      'Use its key.',
    );
  }
  const host = new URL(upstream.url).host;
  const pinnedIssuer = before?.issuer ?? account.grant?.issuer;
  const where = { url: upstream.url, bounds: boundsOf(account), legacy: signIn.legacy, pinnedIssuer };
  let found = await discover(where, http, desk.signal);
  if (found.kind === 'legacy') {
    await desk.ask(askLegacy(host));
    desk.show({ step: 'discovering' });
    found = await discover({ ...where, legacy: true }, http, desk.signal);
  }
  switch (found.kind) {
    case 'found': {
      const { server } = found.found;
      if (before?.issuer === server.issuer && endpointMoved(before, server)) {
        await desk.ask(askMoved(host, ...movedEndpoint(before, server)));
      }
      return found.found;
    }
    case 'moved':
      await desk.ask(askMoved(host, found.from, found.to));
      return found.found;
    case 'legacy':
    case 'none':
      throw new SignInFailed(
        'refused',
        `${host} offers no sign-in in the browser.`,
        'Use a key for this account, or no sign-in at all.',
      );
    default:
      return found satisfies never;
  }
}

/** The address that tokens went to and the one they would go to now: the token endpoint, else the revocation endpoint. */
function movedEndpoint(before: StoredEndpoints, now: StoredEndpoints): readonly [from: string, to: string] {
  const { tokenEndpoint: from, revocationEndpoint } = before;
  const to = now.tokenEndpoint;
  if (!isSameOrigin(from, to)) return [from, to];
  return [revocationEndpoint ?? from, now.revocationEndpoint ?? to];
}
