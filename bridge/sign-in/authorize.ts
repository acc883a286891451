import { limits } from '../base/limits.ts';
import { reachOfHost } from '../connectors/reach.ts';
import type { Account } from '../contract/account.ts';
import { authorizationRequest, newState, newVerifier } from '../oauth/authorization.ts';
import type { OAuthClient } from '../oauth/client.ts';
import type { Discovered } from '../oauth/discovery.ts';
import { exchangeCode } from '../oauth/exchange.ts';
import { boundsOf, type OAuthHttp } from '../oauth/http.ts';
import { type CallbackResult, openListener } from '../oauth/listener.ts';
import type { TokenAnswer } from '../oauth/tokens.ts';
import { OAuthTrouble } from '../oauth/trouble.ts';
import type { Desk } from './attempt.ts';
import type { Clients } from './clients.ts';
import { SignInFailed } from './failure.ts';
import { askUnusualHost } from './questions.ts';

export interface AuthorizeParts {
  readonly http: OAuthHttp;
  readonly clients: Clients;
  readonly now: () => Date;
}

/** What came of sending the person to the authorization server. */
export type Authorized =
  | { readonly kind: 'granted'; readonly tokens: TokenAnswer; readonly client: OAuthClient }
  /** The server refuses the scope. */
  | { readonly kind: 'scope-refused' }
  /** The server does not recognise the client that was registered earlier. */
  | { readonly kind: 'client-refused'; readonly client: OAuthClient };

/**
 * One round: a listener of its own, a link for the person, the answer, and the exchange of its code. The code goes only
 * to the token endpoint that was found before the person left (RFC 6749 section 4.1, RFC 8252 section 7.3).
 * @throws OAuthTrouble, SignInFailed; the signal's reason.
 */
export async function authorize(
  desk: Desk,
  account: Account,
  found: Discovered,
  scope: string | undefined,
  parts: AuthorizeParts,
): Promise<Authorized> {
  const { server, resource } = found;
  const { signal } = desk;
  const [state, verifier] = [newState(), newVerifier()];
  const known = await parts.clients.known(account, server, signal);
  await using waiting = new AsyncDisposableStack();
  const listener = waiting.use(
    await openListener({
      ports: known?.ports ?? [],
      expected: { state, issuer: server.issuer, issInResponse: server.issInResponse },
      expiresMs: limits.signInMs,
      signal,
    }),
  );
  const client = await clientFor(desk, account, known, found, listener.port, parts);
  const bounds = boundsOf(account);
  const request = authorizationRequest({
    server,
    client,
    redirectUri: listener.redirectUri,
    ...(scope === undefined ? {} : { scope }),
    resource,
    state,
    verifier,
    bounds,
  });
  const { unusual, host, link } = request;
  if (unusual && reachOfHost(new URL(link).hostname) !== 'loopback') {
    await desk.ask(askUnusualHost(host, unusual));
  }
  const expiresAt = new Date(parts.now().getTime() + limits.signInMs).toISOString();
  desk.show({ step: 'waiting', host, link, expiresAt });
  const answer = await listener.answer;
  // From here on it tells late browsers that it is over, and closes by itself, or by the signal.
  waiting.move();
  if (answer.kind === 'expired' || answer.kind === 'cancelled') await parts.clients.doubtUnlessProven(client);
  signal.throwIfAborted();
  if (answer.kind !== 'code') return withoutCode(answer, host, client);
  desk.show({ step: 'exchanging', host });
  const fetch = parts.http.fetch(bounds, limits.tokenMs);
  const { redirectUri } = listener;
  const { parameters } = answer;
  const code = { server, client, redirectUri, verifier, resource, parameters, state };
  try {
    using patient = aLittleAfter(signal);
    const tokens = await exchangeCode(code, fetch, patient.signal);
    parts.clients.prove(client);
    return { kind: 'granted', tokens, client };
  } catch (error) {
    if (!(error instanceof OAuthTrouble) || error.kind !== 'client-lost' || client.kind === 'own')
      throw error;
    return { kind: 'client-refused', client };
  }
}

/**
 * An exchange is not given up at once by a cancellation: the code is used up by then, and the tokens have to be given
 * back. A server that takes its time keeps nobody waiting for that.
 */
function aLittleAfter(signal: AbortSignal): Disposable & { readonly signal: AbortSignal } {
  const [giveUp, over] = [new AbortController(), new AbortController()];
  const onAbort = (): void => {
    const timer = setTimeout(() => giveUp.abort(signal.reason), limits.shutdownMs);
    over.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true, signal: over.signal });
  return { signal: giveUp.signal, [Symbol.dispose]: () => over.abort() };
}

/** The known client where its redirect address can be used, else a new registration. */
async function clientFor(
  desk: Desk,
  account: Account,
  known: OAuthClient | undefined,
  { server }: Discovered,
  port: number,
  { http, clients }: AuthorizeParts,
): Promise<OAuthClient> {
  if (known && (known.ports.length === 0 || known.ports.includes(port))) return known;
  desk.show({ step: 'registering', host: new URL(server.issuer).host });
  if (server.registrationEndpoint === undefined) {
    throw new SignInFailed(
      'refused',
      `${new URL(server.issuer).host} lets no app register by itself.`,
      'Register Gangway there, then add the account with --client-id.',
    );
  }
  const bounds = boundsOf(account);
  return clients.register(server, port, bounds, http.fetch(bounds, limits.tokenMs), desk.signal);
}

function withoutCode(
  answer: Exclude<CallbackResult, { kind: 'code' }>,
  host: string,
  client: OAuthClient,
): Authorized {
  switch (answer.kind) {
    case 'denied':
      if (answer.error === 'invalid_scope') return { kind: 'scope-refused' };
      if (/^(invalid|unauthorized)_client$/.test(answer.error) && client.kind !== 'own') {
        return { kind: 'client-refused', client };
      }
      throw denied(answer.error, answer.description, host);
    case 'refused':
      throw new SignInFailed(
        'refused',
        `The answer did not come from the server this sign-in began with (${host}), so it was not used.`,
        'Start again. If it happens again, tell the provider of the workspace.',
      );
    case 'empty':
      throw new SignInFailed('bad-answer', `${host} sent no answer with the sign-in.`, 'Start again.');
    case 'expired':
    case 'cancelled':
      throw new SignInFailed('timeout', 'This sign-in has expired.', 'Start again.');
    default:
      return answer satisfies never;
  }
}

function denied(error: string, description: string | undefined, host: string): SignInFailed {
  if (error === 'access_denied') {
    return new SignInFailed('refused', 'You chose not to allow access.', 'Start again when you want to.');
  }
  const said = description ? `${error}: ${description}` : error;
  return new SignInFailed('refused', `${host} did not sign you in. It says: "${said}"`, 'Start again.');
}
