import { afterEach, beforeEach, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Secret } from '#bridge/base/secret.ts';
import type { AuthorizationServer } from '#bridge/oauth/discovery.ts';
import { type CodeExchange, exchangeCode } from '#bridge/oauth/exchange.ts';
import { OAuthHttp } from '#bridge/oauth/http.ts';
import type { TokenAnswer } from '#bridge/oauth/tokens.ts';
import { canary } from '../canary/canary.ts';
import { clientOf } from './client-of.ts';
import { type HostileServer, json, PATHS, startHostile } from './hostile.ts';
import { jwt, troubleIn } from './token-steps.ts';

const REDIRECT = 'http://127.0.0.1:49152/callback';
let server: HostileServer;
let http: OAuthHttp;

beforeEach(async () => {
  server = await startHostile();
  http = new OAuthHttp();
});
afterEach(async () => {
  await http[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function recorded(changes: Partial<AuthorizationServer> = {}): AuthorizationServer {
  return {
    issuer: server.origin,
    authorizationEndpoint: `${server.origin}${PATHS.authorize}`,
    tokenEndpoint: `${server.origin}${PATHS.token}`,
    authentications: ['none'],
    takesClientMetadata: false,
    issInResponse: true,
    scopes: undefined,
    metadata: { issuer: server.origin, token_endpoint: `${server.origin}/newer-token` },
    ...changes,
  };
}

interface Secrets {
  readonly code: string;
  readonly state: string;
  readonly verifier: string;
}

function secrets(): Secrets {
  return { code: canary('generic'), state: canary('generic'), verifier: canary('generic') };
}

function exchange(
  { code, state, verifier }: Secrets = secrets(),
  changes: Partial<CodeExchange> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<TokenAnswer> {
  const request: CodeExchange = {
    server: recorded(),
    client: clientOf(server.origin),
    redirectUri: REDIRECT,
    verifier,
    resource: 'https://Mcp.Example',
    parameters: new URLSearchParams({ code, state, iss: server.origin }),
    state,
    ...changes,
  };
  return exchangeCode(request, http.fetch('loopback', limits.tokenMs), signal);
}

test('the code goes to the recorded token endpoint only, with verifier, redirect address and resource', async () => {
  const tokens = server.tokens({ scope: 'read', id_token: jwt({ sub: 'u1', email: 'ana@pelcro.example' }) });
  server.on(PATHS.token, tokens);
  const own = secrets();
  const answer = await exchange(own);
  expect(answer.accessToken.reveal()).toBe(tokens.access_token);
  expect(answer.refreshToken?.reveal()).toBe(tokens.refresh_token);
  expect(answer).toMatchObject({
    expiresInS: 3600,
    scope: 'read',
    claims: { subject: 'u1', name: 'ana@pelcro.example' },
    notes: [],
  });
  expect(server.seen).toHaveLength(1);
  expect(server.seen[0]).toMatchObject({ method: 'POST', target: PATHS.token });
  expect([...(server.seen[0]?.form ?? [])].sort()).toEqual([
    ['client_id', 'client-1'],
    ['code', own.code],
    ['code_verifier', own.verifier],
    ['grant_type', 'authorization_code'],
    ['redirect_uri', REDIRECT],
    ['resource', 'https://Mcp.Example'],
  ]);
});

test('without a resource none is sent', async () => {
  await exchange(secrets(), { resource: undefined });
  expect(server.asked(PATHS.token)[0]?.form.has('resource')).toBe(false);
});

test('a confidential client proves itself', async () => {
  const secret = new Secret(canary('generic'));
  await exchange(secrets(), {
    client: clientOf(server.origin, { secret, authentication: 'client_secret_post' }),
  });
  expect(server.asked(PATHS.token)[0]?.form.get('client_secret')).toBe(secret.reveal());
});

test('what the browser brought must belong to this sign-in, or nothing is sent', async () => {
  const own = secrets();
  const { code, state } = own;
  const iss = server.origin;
  const foreign: [string, string][][] = [
    [
      ['code', code],
      ['iss', iss],
    ],
    [
      ['code', code],
      ['state', canary('generic')],
      ['iss', iss],
    ],
    [
      ['code', code],
      ['state', state],
    ],
    [
      ['code', code],
      ['state', state],
      ['iss', `${iss}/`],
    ],
    [
      ['code', code],
      ['state', state],
      ['state', state],
      ['iss', iss],
    ],
    [
      ['code', code],
      ['code', code],
      ['state', state],
      ['iss', iss],
    ],
    [
      ['code', ''],
      ['state', state],
      ['iss', iss],
    ],
    [
      ['state', state],
      ['iss', iss],
    ],
    [
      ['error', 'access_denied'],
      ['code', code],
      ['state', state],
      ['iss', iss],
    ],
  ];
  for (const parameters of foreign) {
    const callback = new URLSearchParams(parameters);
    const trouble = await troubleIn(() => exchange(own, { parameters: callback }));
    expect(trouble.kind).toBe('unsafe');
    expect(trouble.message).toContain('does not belong to this sign-in');
  }
  expect(server.seen).toEqual([]);
});

test('an issuer in the answer is optional where the server did not promise it, but never a wrong one', async () => {
  const own = secrets();
  const quiet = recorded({ issInResponse: false });
  const { code, state } = own;
  await exchange(own, { server: quiet, parameters: new URLSearchParams({ code, state }) });
  const wrong = new URLSearchParams({ code, state, iss: 'https://evil.example' });
  const trouble = await troubleIn(() => exchange(own, { server: quiet, parameters: wrong }));
  expect(trouble.kind).toBe('unsafe');
  expect(server.seen).toHaveLength(1);
});

test('a lost answer is ambiguous: no second request, sign in again', async () => {
  server.on(PATHS.token, (_, response) => void response.destroy());
  const trouble = await troubleIn(() => exchange());
  expect(trouble.kind).toBe('ambiguous');
  expect(trouble.message).toBe(
    `The connection to ${new URL(server.origin).host} dropped after the request was sent, so nobody knows whether it worked. Please sign in again.`,
  );
  expect(server.seen).toHaveLength(1);
});

test('a busy server is asked once', async () => {
  server.on(PATHS.token, (_, response) => void response.writeHead(503, { 'retry-after': '1' }).end());
  const trouble = await troubleIn(() => exchange());
  expect(trouble).toMatchObject({ kind: 'transient', facts: { status: 503, retryAfterSeconds: 1 } });
  expect(server.seen).toHaveLength(1);
});

test('a refused code is told as such', async () => {
  server.on(PATHS.token, (_, response) =>
    json(response, { error: 'invalid_grant', error_description: canary('generic') }, 400),
  );
  const trouble = await troubleIn(() => exchange());
  expect(trouble.kind).toBe('grant-lost');
  expect(trouble.message).toContain('did not accept this sign-in (invalid_grant)');
});

test('a redirect is not followed', async () => {
  server.on(PATHS.token, (_, response) => {
    response.writeHead(307, { location: `${server.origin}/elsewhere` }).end();
  });
  expect((await troubleIn(() => exchange())).kind).toBe('transient');
  expect(server.seen).toHaveLength(1);
});

test('tokens of another kind are refused', async () => {
  server.on(PATHS.token, server.tokens({ token_type: 'DPoP' }));
  expect((await troubleIn(() => exchange())).kind).toBe('unsafe');
});

test('an abort rejects with its reason', async () => {
  const abort = new AbortController();
  const reason = new Error('the person cancelled');
  server.on(PATHS.token, () => abort.abort(reason));
  await expect(exchange(secrets(), {}, abort.signal)).rejects.toBe(reason);
});
