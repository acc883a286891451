import * as oauth from 'oauth4webapi';
import { answered, hostOf, troubleOfFailure } from './classify.ts';
import type { OAuthClient } from './client.ts';
import { authenticationOf, clientOf } from './client-authentication.ts';
import type { AuthorizationServer } from './discovery.ts';
import type { OAuthFetch } from './http.ts';
import { readTokenAnswer } from './token-answer.ts';
import type { TokenAnswer } from './tokens.ts';
import { OAuthTrouble } from './trouble.ts';

/** One sign-in that came back with a code, as it was recorded before the browser opened. */
export interface CodeExchange {
  readonly server: AuthorizationServer;
  readonly client: OAuthClient;
  readonly redirectUri: string;
  /** PKCE (RFC 7636 section 4.1). */
  readonly verifier: string;
  /** Resource indicator, sent as it is (RFC 8707 section 2.2). */
  readonly resource: string | undefined;
  /** The parameters with which the browser came back. */
  readonly parameters: URLSearchParams;
  /** The state they must carry. */
  readonly state: string;
}

/**
 * Exchanges a code for tokens (RFC 6749 section 4.1.3) at the recorded token endpoint. One request and never a second
 * one: a code works once, and servers end the tokens of a code that comes twice.
 *
 * @param fetch keeps the request within safe addresses and bounds
 * @throws OAuthTrouble `unsafe` when the parameters do not belong to this sign-in (nothing was sent) or the tokens
 *   cannot be used; `ambiguous` when the answer was lost; otherwise as `classify` says
 */
export async function exchangeCode(
  { server, client, redirectUri, verifier, resource, parameters, state }: CodeExchange,
  fetch: OAuthFetch,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const host = hostOf(server.tokenEndpoint);
  const issuer: oauth.AuthorizationServer = {
    issuer: server.issuer,
    token_endpoint: server.tokenEndpoint,
    authorization_response_iss_parameter_supported: server.issInResponse,
  };
  const self = clientOf(client);
  const authentication = authenticationOf(client, host);
  const callback = checkedCallback(issuer, self, parameters, state, host);
  const answer = await oauth
    .authorizationCodeGrantRequest(issuer, self, authentication, callback, redirectUri, verifier, {
      ...(resource === undefined ? {} : { additionalParameters: { resource } }),
      signal,
      [oauth.customFetch]: fetch,
      // Whether http may be used is decided by `fetch`, which knows the account.
      [oauth.allowInsecureRequests]: true,
    })
    .then(answered)
    .catch((failure: unknown) => {
      throw troubleOfFailure(failure, 'exchange', host, signal);
    });
  return readTokenAnswer(answer, 'exchange', host, (cleaned) =>
    oauth.processAuthorizationCodeResponse(issuer, self, cleaned),
  );
}

/** The parameters again, after oauth4webapi has looked at state and issuer (RFC 9207 section 2.4). */
function checkedCallback(
  issuer: oauth.AuthorizationServer,
  self: oauth.Client,
  parameters: URLSearchParams,
  state: string,
  host: string,
): URLSearchParams {
  try {
    const checked = oauth.validateAuthResponse(issuer, self, parameters, state);
    if (checked.getAll('code').length === 1 && checked.get('code')) return checked;
  } catch {
    // The library's error holds the parameters, and with them the code.
  }
  const message = `The answer in the browser does not belong to this sign-in at ${host}. Please sign in again.`;
  throw new OAuthTrouble('unsafe', message, { host });
}
