import * as oauth from 'oauth4webapi';
import type { Secret } from '../base/secret.ts';
import { answered, hostOf, troubleOf, troubleOfFailure } from './classify.ts';
import type { OAuthClient } from './client.ts';
import { authenticationOf, clientOf } from './client-authentication.ts';
import type { OAuthFetch } from './http.ts';

/** A token that is to end. */
export interface TokenRevocation {
  readonly endpoint: string;
  readonly client: OAuthClient;
  readonly token: Secret;
  readonly hint: 'refresh_token' | 'access_token';
}

/**
 * Tells the server that a token is no longer wanted (RFC 7009 section 2.1). Any 2xx means done; servers answer so for
 * tokens they do not know, too.
 *
 * @param fetch keeps the request within safe addresses and bounds
 * @throws OAuthTrouble as `classify` says, with `retryAfterSeconds` when the server named a time
 */
export async function revokeToken(
  { endpoint, client, token, hint }: TokenRevocation,
  fetch: OAuthFetch,
  signal: AbortSignal,
): Promise<void> {
  const host = hostOf(endpoint);
  const server: oauth.AuthorizationServer = { issuer: client.issuer, revocation_endpoint: endpoint };
  const authentication = authenticationOf(client, host);
  const answer = await oauth
    .revocationRequest(server, clientOf(client), authentication, token.reveal(), {
      additionalParameters: { token_type_hint: hint },
      signal,
      [oauth.customFetch]: fetch,
      // Whether http may be used is decided by `fetch`, which knows the account.
      [oauth.allowInsecureRequests]: true,
    })
    .then(answered)
    .catch((failure: unknown) => {
      throw troubleOfFailure(failure, 'revocation', host, signal);
    });
  if (answer.status < 200 || answer.status > 299) throw troubleOf(answer, 'revocation', host);
}
