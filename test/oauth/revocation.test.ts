import { afterEach, beforeEach, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Secret } from '#bridge/base/secret.ts';
import { OAuthHttp } from '#bridge/oauth/http.ts';
import { revokeToken, type TokenRevocation } from '#bridge/oauth/revocation.ts';
import type { OAuthTrouble } from '#bridge/oauth/trouble.ts';
import { canary } from '../canary/canary.ts';
import { clientOf } from './client-of.ts';
import { type Answer, type HostileServer, json, PATHS, startHostile } from './hostile.ts';
import { troubleIn } from './token-steps.ts';

let server: HostileServer;
let http: OAuthHttp;
let never: AbortSignal;

beforeEach(async () => {
  server = await startHostile();
  http = new OAuthHttp();
  never = new AbortController().signal;
});
afterEach(async () => {
  await http[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function revocation(changes: Partial<TokenRevocation> = {}): TokenRevocation {
  return {
    endpoint: `${server.origin}${PATHS.revoke}`,
    client: clientOf(server.origin),
    token: new Secret(canary('bearer')),
    hint: 'refresh_token',
    ...changes,
  };
}

function revoke(changes: Partial<TokenRevocation> = {}, ms: number = limits.revocationMs): Promise<void> {
  return revokeToken(revocation(changes), http.fetch('loopback', ms), never);
}

async function troubleAfter(answer: Answer, ms?: number): Promise<OAuthTrouble> {
  server.on(PATHS.revoke, answer);
  const trouble = await troubleIn(() => revoke({}, ms));
  expect(server.asked(PATHS.revoke)).toHaveLength(1);
  return trouble;
}

test.each(['refresh_token', 'access_token'] as const)('a %s is named in one form', async (hint) => {
  const token = new Secret(canary('bearer'));
  await revoke({ token, hint });
  const [seen, ...more] = server.seen;
  expect(more).toEqual([]);
  expect(seen?.method).toBe('POST');
  expect(seen?.target).toBe(PATHS.revoke);
  expect([...(seen?.form ?? [])].sort()).toEqual([
    ['client_id', 'client-1'],
    ['token', token.reveal()],
    ['token_type_hint', hint],
  ]);
});

test('the client proves itself as at the token endpoint', async () => {
  const own = canary('generic');
  const client = { secret: new Secret(`${own}:ü`), id: 'a:b', issuer: server.origin };
  await revoke({ client: clientOf(server.origin, { ...client, authentication: 'client_secret_basic' }) });
  const credentials = String(server.seen[0]?.headers.authorization).replace(/^Basic /, '');
  expect(Buffer.from(credentials, 'base64').toString()).toBe(`a%3Ab:${own}%3A%C3%BC`);
  await revoke({ client: clientOf(server.origin, { ...client, authentication: 'client_secret_post' }) });
  expect(server.seen[1]?.form.get('client_secret')).toBe(`${own}:ü`);
});

test.each([200, 201, 202, 204])('status %i means done, whatever the body', async (status) => {
  server.on(PATHS.revoke, (_, response) => {
    response
      .writeHead(status, { 'content-type': 'text/html' })
      .end(status === 204 ? undefined : '<h1>OK</h1>');
  });
  await expect(revoke()).resolves.toBeUndefined();
});

test('a server that cannot end this kind of token says so for good', async () => {
  const trouble = await troubleAfter((_, response) =>
    json(response, { error: 'unsupported_token_type' }, 400),
  );
  expect(trouble).toMatchObject({
    kind: 'configuration',
    facts: { error: 'unsupported_token_type', status: 400, host: new URL(server.origin).host },
  });
});

test('401 is a lost client with JSON and suspicious without', async () => {
  const lost = await troubleAfter((_, response) => json(response, { error: 'invalid_client' }, 401));
  expect(lost.kind).toBe('client-lost');
  server.on(PATHS.revoke, (_, response) => void response.writeHead(401).end('<h1>No</h1>'));
  expect((await troubleIn(() => revoke())).kind).toBe('suspicious');
});

test('503 names its wait in seconds', async () => {
  const trouble = await troubleAfter((_, response) => {
    response.writeHead(503, { 'retry-after': '120' }).end();
  });
  expect(trouble).toMatchObject({ kind: 'transient', facts: { retryAfterSeconds: 120, status: 503 } });
  expect(trouble.message).toMatch(/asks to wait 120 s\. Gangway tells it again later\.$/);
});

test('a redirect is not followed and counts as no answer', async () => {
  const trouble = await troubleAfter((_, response) => {
    response.writeHead(302, { location: `${server.origin}/elsewhere` }).end();
  });
  expect(trouble.kind).toBe('transient');
  expect(server.asked('/elsewhere')).toEqual([]);
});

test('a server that never answers is given up', async () => {
  const trouble = await troubleAfter(() => undefined, 100);
  expect(trouble.kind).toBe('ambiguous');
});

test('a connection that breaks is ambiguous', async () => {
  expect((await troubleAfter((_, response) => void response.destroy())).kind).toBe('ambiguous');
});

test('http outside this computer gets nothing', async () => {
  const outside = http.fetch('public', limits.revocationMs);
  const trouble = await troubleIn(() => revokeToken(revocation(), outside, never));
  expect(trouble.kind).toBe('unsafe');
  expect(server.seen).toEqual([]);
});

test('an abort rejects with its reason', async () => {
  const abort = new AbortController();
  const reason = new Error('Gangway stops');
  server.on(PATHS.revoke, () => abort.abort(reason));
  const running = revokeToken(revocation(), http.fetch('loopback', limits.revocationMs), abort.signal);
  await expect(running).rejects.toBe(reason);
});
