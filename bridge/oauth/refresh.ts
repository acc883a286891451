import * as oauth from 'oauth4webapi';
import type { Secret } from '../base/secret.ts';
import { answered, hostOf, troubleOfFailure } from './classify.ts';
import type { OAuthClient } from './client.ts';
import { authenticationOf, clientOf } from './client-authentication.ts';
import type { OAuthFetch } from './http.ts';
import { readTokenAnswer } from './token-answer.ts';
import type { TokenAnswer } from './tokens.ts';

/** A refresh token with everything it is bound to. */
export interface TokenRefresh {
  /** As stored with the token, never as metadata names it by now. */
  readonly tokenEndpoint: string;
  readonly issuer: string;
  readonly client: OAuthClient;
  readonly refreshToken: Secret;
  /** Resource indicator, the same string as at the sign-in (RFC 8707 section 2.2). */
  readonly resource: string | undefined;
  /** Sent only when given; a server without it grants what it granted before (RFC 6749 section 6). */
  readonly scope?: string;
}

/**
 * Exchanges a refresh token for tokens (RFC 6749 section 6). One request, never repeated here: the token may be used
 * up by it.
 *
 * @param fetch keeps the request within safe addresses and bounds
 * @throws OAuthTrouble `ambiguous` when the answer was lost; `unsafe` when the tokens cannot be used; otherwise as
 *   `classify` says
 */
export async function refreshTokens(
  { tokenEndpoint, issuer, client, refreshToken, resource, scope }: TokenRefresh,
  fetch: OAuthFetch,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const host = hostOf(tokenEndpoint);
  const server: oauth.AuthorizationServer = { issuer, token_endpoint: tokenEndpoint };
  const self = clientOf(client);
  const authentication = authenticationOf(client, host);
  const answer = await oauth
    .refreshTokenGrantRequest(server, self, authentication, refreshToken.reveal(), {
      additionalParameters: {
        ...(resource === undefined ? {} : { resource }),
        ...(scope === undefined ? {} : { scope }),
      },
      signal,
      [oauth.customFetch]: fetch,
      // Whether http may be used is decided by `fetch`, which knows the account.
      [oauth.allowInsecureRequests]: true,
    })
    .then(answered)
    .catch((failure: unknown) => {
      throw troubleOfFailure(failure, 'refresh', host, signal);
    });
  return readTokenAnswer(answer, 'refresh', host, (cleaned) =>
    oauth.processRefreshTokenResponse(server, self, cleaned),
  );
}
