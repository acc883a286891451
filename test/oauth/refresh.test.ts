import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Secret } from '#bridge/base/secret.ts';
import { OAuthHttp } from '#bridge/oauth/http.ts';
import { refreshTokens, type TokenRefresh } from '#bridge/oauth/refresh.ts';
import type { TokenAnswer } from '#bridge/oauth/tokens.ts';
import type { OAuthTrouble } from '#bridge/oauth/trouble.ts';
import { canary } from '../canary/canary.ts';
import { listen } from '../workspaces/listen.ts';
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

function request(changes: Partial<TokenRefresh> = {}): TokenRefresh {
  return {
    tokenEndpoint: `${server.origin}${PATHS.token}`,
    issuer: server.origin,
    client: clientOf(server.origin),
    refreshToken: new Secret(canary('bearer')),
    resource: undefined,
    ...changes,
  };
}

function refresh(changes: Partial<TokenRefresh> = {}, ms: number = limits.tokenMs): Promise<TokenAnswer> {
  return refreshTokens(request(changes), http.fetch('loopback', ms), never);
}

/** The trouble after exactly one request to the token endpoint. */
async function troubleAfter(answer: Answer, ms?: number): Promise<OAuthTrouble> {
  const before = server.asked(PATHS.token).length;
  server.on(PATHS.token, answer);
  const trouble = await troubleIn(() => refresh({}, ms));
  expect(server.asked(PATHS.token)).toHaveLength(before + 1);
  expect(trouble.message).toContain(new URL(server.origin).host);
  return trouble;
}

test('a refresh token is exchanged with one form, and nothing is sent that was not given', async () => {
  const tokens = server.tokens({ scope: 'read' });
  server.on(PATHS.token, tokens);
  const refreshToken = new Secret(canary('bearer'));
  const answer = await refresh({ refreshToken });
  expect(answer.accessToken.reveal()).toBe(tokens.access_token);
  expect(answer.refreshToken?.reveal()).toBe(tokens.refresh_token);
  expect(answer).toMatchObject({ expiresInS: 3600, scope: 'read', notes: [] });
  const [seen, ...more] = server.asked(PATHS.token);
  expect(more).toEqual([]);
  expect(seen?.method).toBe('POST');
  expect(seen?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded\b/);
  expect(seen?.headers.accept).toBe('application/json');
  expect(seen?.headers.authorization).toBeUndefined();
  expect([...(seen?.form ?? [])].sort()).toEqual([
    ['client_id', 'client-1'],
    ['grant_type', 'refresh_token'],
    ['refresh_token', refreshToken.reveal()],
  ]);
});

test('resource goes out letter by letter, scope when given', async () => {
  for (const resource of [
    'https://Mcp.Example',
    'https://mcp.example/',
    'https://mcp.example:443/a%2fb?x=1',
  ]) {
    await refresh({ resource, scope: 'read write' });
    const form = server.asked(PATHS.token).at(-1)?.form;
    expect(form?.getAll('resource')).toEqual([resource]);
    expect(form?.getAll('scope')).toEqual(['read write']);
  }
});

test('an answer without a refresh token, a life or a scope leaves them open', async () => {
  server.on(PATHS.token, { access_token: canary('bearer'), token_type: 'bearer' });
  const answer = await refresh();
  expect(answer).toMatchObject({
    refreshToken: undefined,
    expiresInS: undefined,
    scope: undefined,
    notes: [],
  });
});

test('an id token is never validated', async () => {
  server.on(PATHS.token, server.tokens({ id_token: 'no.jwt.atall' }));
  expect((await refresh()).claims).toEqual({ subject: undefined, name: undefined });
});

test('TK-01 answers without usable JSON give no tokens', async () => {
  const text =
    (body: string, type: string): Answer =>
    (_, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    };
  const portal = await troubleAfter(text('<h1>Welcome to our Wi-Fi</h1>', 'text/html'));
  expect(portal.kind).toBe('transient');
  expect(portal.message).toContain('network sign-in page?');
  expect((await troubleAfter(text('', 'application/json'))).kind).toBe('transient');
  expect((await troubleAfter(text('[]', 'application/json'))).kind).toBe('transient');
  expect((await troubleAfter(server.tokens({ padding: 'x'.repeat(300 * 1024) }))).kind).toBe('transient');
  const elsewhere = await troubleAfter((_, response) => {
    response.writeHead(307, { location: `${server.origin}/elsewhere` }).end();
  });
  expect(elsewhere.kind).toBe('transient');
  expect(server.asked('/elsewhere')).toEqual([]);
  const whole = JSON.stringify(server.tokens());
  expect((await troubleAfter(text(whole.slice(0, -5), 'application/json'))).kind).toBe('transient');
  const cut = await troubleAfter((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length });
    response.write(whole.slice(0, 40), () => response.destroy());
  });
  // The tokens were on their way, so the refresh token may be used up.
  expect(cut.kind).toBe('ambiguous');
});

test('TK-14 Basic carries id and secret form-urlencoded', async () => {
  const own = canary('generic');
  await refresh({
    client: clientOf(server.origin, {
      id: 'cl:é',
      secret: new Secret(`p:ß +%${own}`),
      authentication: 'client_secret_basic',
    }),
  });
  const seen = server.asked(PATHS.token)[0];
  const [scheme, credentials] = String(seen?.headers.authorization).split(' ');
  expect(scheme).toBe('Basic');
  expect(Buffer.from(credentials ?? '', 'base64').toString('latin1')).toBe(
    `cl%3A%C3%A9:p%3A%C3%9F+%2B%25${own}`,
  );
  expect(seen?.form.has('client_id')).toBe(false);
  expect(seen?.form.has('client_secret')).toBe(false);
});

test('client_secret_post carries id and secret in the form', async () => {
  const secret = new Secret(`p:ß ${canary('generic')}`);
  await refresh({ client: clientOf(server.origin, { secret, authentication: 'client_secret_post' }) });
  const seen = server.asked(PATHS.token)[0];
  expect(seen?.form.get('client_id')).toBe('client-1');
  expect(seen?.form.get('client_secret')).toBe(secret.reveal());
  expect(seen?.headers.authorization).toBeUndefined();
});

test.each(['client_secret_basic', 'client_secret_post'] as const)(
  'a client of %s without its secret sends nothing',
  async (authentication) => {
    for (const secret of [undefined, new Secret('')]) {
      const client = clientOf(server.origin, { secret, authentication });
      const trouble = await troubleIn(() => refresh({ client }));
      expect(trouble.kind).toBe('client-lost');
    }
    expect(server.seen).toEqual([]);
  },
);

describe('refusals and failures, one request each', () => {
  test('an early refresh refused with 400 keeps its status and code', async () => {
    const trouble = await troubleAfter((_, response) => json(response, { error: 'invalid_grant' }, 400));
    expect(trouble).toMatchObject({ kind: 'grant-lost', facts: { error: 'invalid_grant', status: 400 } });
  });

  test('a challenge next to an error hides nothing', async () => {
    const trouble = await troubleAfter((_, response) =>
      json(response, { error: 'invalid_client' }, 401, { 'www-authenticate': 'Basic realm="x"' }),
    );
    expect(trouble).toMatchObject({ kind: 'client-lost', facts: { error: 'invalid_client', status: 401 } });
  });

  test('500 and 503 pass, with the wait the server names', async () => {
    const broken = await troubleAfter((_, response) => void response.writeHead(500).end('<h1>Oops</h1>'));
    expect(broken).toMatchObject({ kind: 'transient', facts: { status: 500 } });
    const busy = await troubleAfter((_, response) => {
      response.writeHead(503, { 'retry-after': '7' }).end();
    });
    expect(busy).toMatchObject({ kind: 'transient', facts: { status: 503, retryAfterSeconds: 7 } });
  });

  test('a firewall is told from the server itself', async () => {
    const trouble = await troubleAfter((_, response) => {
      response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>Blocked</h1>');
    });
    expect(trouble).toMatchObject({ kind: 'suspicious', facts: { status: 403 } });
  });

  test('an answer lost after the server rotated is ambiguous', async () => {
    const trouble = await troubleAfter((_, response) => void response.destroy());
    expect(trouble.kind).toBe('ambiguous');
    expect(trouble.message).toContain('may or may not');
  });

  test('a server that never answers is given up', async () => {
    const trouble = await troubleAfter(() => undefined, 100);
    expect(trouble.kind).toBe('ambiguous');
  });

  test('a closed port is transient', async () => {
    const gone = await listen(async () => undefined);
    await gone[Symbol.asyncDispose]();
    const trouble = await troubleIn(() => refresh({ tokenEndpoint: `${gone.origin}/token` }));
    expect(trouble).toMatchObject({ kind: 'transient', facts: { host: new URL(gone.origin).host } });
  });

  test('a host name nobody knows is transient', async () => {
    const resolve = async (): Promise<never> => {
      throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    };
    await using nameless = new OAuthHttp({ resolve });
    const { port } = new URL(server.origin);
    const unknown = request({ tokenEndpoint: `http://localhost:${port}${PATHS.token}` });
    const fetch = nameless.fetch('loopback', limits.tokenMs);
    expect((await troubleIn(() => refreshTokens(unknown, fetch, never))).kind).toBe('transient');
    expect(server.seen).toEqual([]);
  });

  test('an address outside the bounds gets nothing', async () => {
    const outside = http.fetch('public', limits.tokenMs);
    const trouble = await troubleIn(() => refreshTokens(request(), outside, never));
    expect(trouble.kind).toBe('unsafe');
    expect(server.seen).toEqual([]);
  });

  test('an abort rejects with its reason', async () => {
    const abort = new AbortController();
    const reason = new Error('signed out meanwhile');
    server.on(PATHS.token, () => abort.abort(reason));
    const running = refreshTokens(request(), http.fetch('loopback', limits.tokenMs), abort.signal);
    await expect(running).rejects.toBe(reason);
  });
});
