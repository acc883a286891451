import { expect, test } from 'vitest';
import { bearer, connect } from '../workspaces/connect.ts';
import { type PelcroOAuthOptions, startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { type NativeClient, startNativeClient } from './native-client.ts';
import { signInByScript } from './scripted.ts';

const ACCOUNTS = [
  { id: 'herald', name: 'The Herald', sites: ['site_1'] },
  { id: 'gazette', name: 'The "Gazette" & Sons', sites: ['site_9'] },
];

async function start(options: Partial<PelcroOAuthOptions> = {}) {
  await using starting = new AsyncDisposableStack();
  const { pelcro, oauth } = starting.use(await startPelcroWithOAuth({ accounts: ACCOUNTS, ...options }));
  const client = starting.use(await startNativeClient(oauth.issuer, oauth.resourceAt(pelcro.origin)));
  const running = starting.move();
  return { pelcro, oauth, client, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function signIn(client: NativeClient, account: string) {
  const attempt = client.attempt();
  await signInByScript(attempt.link, { account });
  return client.exchange(attempt);
}

/** The status that Pelcro answers to a token. */
async function tried(url: string, token: string): Promise<number> {
  return (await fetch(url, { method: 'POST', headers: bearer(token), body: '{}' })).status;
}

test.each(['bare', 'slash'] as const)('a 401 leads to the metadata, %s', async (resource) => {
  await using world = await start({ resource });
  const { pelcro, oauth } = world;
  const refused = await fetch(pelcro.url, { method: 'POST', body: '{}' });
  const where = `${pelcro.origin}/.well-known/oauth-protected-resource`;
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${where}"`);
  expect(await (await fetch(where)).json()).toMatchObject({
    resource: resource === 'slash' ? `${pelcro.origin}/` : pelcro.origin,
    authorization_servers: [oauth.issuer],
  });
  expect(oauth.origin).not.toBe(pelcro.origin);
});

test.each(['oauth-authorization-server', 'openid-configuration'])('%s tells the truth', async (document) => {
  await using world = await start();
  const { issuer } = world.oauth;
  expect(await (await fetch(`${issuer}/.well-known/${document}`)).json()).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: `${issuer}/register`,
    revocation_endpoint: `${issuer}/revoke`,
    response_types_supported: ['code'],
    grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token']),
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    authorization_response_iss_parameter_supported: true,
  });
});

test('a consent gives a token of exactly one account', async () => {
  await using world = await start();
  const { pelcro, oauth, client } = world;
  const attempt = client.attempt();
  const last = await signInByScript(attempt.link, { account: 'The Herald' });
  expect(last).toMatchObject({ status: 200, text: expect.stringContaining('You can close this window') });
  expect(Object.fromEntries(client.answered)).toMatchObject({ state: 'a-state', iss: oauth.issuer });
  const herald = await client.exchange(attempt);
  expect(herald).toMatchObject({ status: 200, expiresIn: 3600, scope: 'account' });
  expect(herald.refresh).not.toBe('');
  const gazette = await signIn(client, 'gazette');
  await using first = await connect(pelcro.url, { headers: bearer(herald.access) });
  await using second = await connect(pelcro.url, { headers: bearer(gazette.access) });
  expect(JSON.parse(await first.say('get_account'))).toMatchObject({ id: 'herald' });
  expect(JSON.parse(await second.say('get_account'))).toMatchObject({ id: 'gazette' });
  expect(await first.say('list_plans', { site_id: 'site_9' })).toContain('API error 404');
  expect((await client.refresh(herald.refresh)).status).toBe(200);
  expect(oauth.requests.tokens('authorization_code')).toHaveLength(2);
});

test('every refresh brings a new refresh token, and a used one ends the whole grant', async () => {
  await using world = await start();
  const { pelcro, client } = world;
  const [first, other] = [await signIn(client, 'herald'), await signIn(client, 'gazette')];
  const second = await client.refresh(first.refresh);
  expect(second).toMatchObject({ status: 200 });
  expect(second.refresh === first.refresh).toBe(false);
  expect(await client.refresh(first.refresh)).toMatchObject({ status: 400, error: 'invalid_grant' });
  expect(await client.refresh(second.refresh)).toMatchObject({ status: 400, error: 'invalid_grant' });
  expect(await tried(pelcro.url, second.access)).toBe(401);
  expect(await tried(pelcro.url, other.access)).not.toBe(401);
  expect((await client.refresh(other.refresh)).status).toBe(200);
});

test('a graceful server takes a used refresh token until its successor was used', async () => {
  await using world = await start({ graceful: true });
  const first = await signIn(world.client, 'herald');
  await world.client.refresh(first.refresh);
  const again = await world.client.refresh(first.refresh);
  expect(again.status).toBe(200);
  expect((await world.client.refresh(again.refresh)).status).toBe(200);
  expect(await world.client.refresh(first.refresh)).toMatchObject({ error: 'invalid_grant' });
});

test('a server that does not rotate keeps the refresh token', async () => {
  await using world = await start({ rotate: false });
  const first = await signIn(world.client, 'herald');
  const second = await world.client.refresh(first.refresh);
  expect(second.refresh === first.refresh).toBe(true);
  expect((await world.client.refresh(first.refresh)).status).toBe(200);
});

test('a revoked refresh token takes its access token with it', async () => {
  await using world = await start();
  const tokens = await signIn(world.client, 'herald');
  expect(await world.client.revoke(tokens.refresh)).toBe(200);
  expect(await tried(world.pelcro.url, tokens.access)).toBe(401);
  expect(await world.client.refresh(tokens.refresh)).toMatchObject({ error: 'invalid_grant' });
  expect(world.oauth.requests.of('revocation')).toMatchObject([
    { clientId: world.client.clientId, status: 200 },
  ]);
});

test('lifetimes can be changed, and tokens ended, while it runs', async () => {
  await using world = await start({ accessTokenSeconds: 60 });
  const { pelcro, oauth, client } = world;
  const [herald, gazette] = [await signIn(client, 'herald'), await signIn(client, 'gazette')];
  expect(herald.expiresIn).toBe(60);
  oauth.setAccessTokenSeconds(5);
  expect(await client.refresh(herald.refresh)).toMatchObject({ expiresIn: 5 });
  oauth.expireAccessTokens({ choice: 'gazette' });
  expect(await tried(pelcro.url, gazette.access)).toBe(401);
  const next = await client.refresh(gazette.refresh);
  expect(await tried(pelcro.url, next.access)).not.toBe(401);
  oauth.revokeGrants({ choice: 'gazette' });
  expect(await tried(pelcro.url, next.access)).toBe(401);
  expect(await client.refresh(next.refresh)).toMatchObject({ error: 'invalid_grant' });
  expect(await tried(pelcro.url, herald.access)).not.toBe(401);
});

test('a second after its end an access token is refused', async () => {
  await using world = await start({ accessTokenSeconds: 1 });
  const { access } = await signIn(world.client, 'herald');
  await expect.poll(() => tried(world.pelcro.url, access), { timeout: 10_000 }).toBe(401);
});

test.each([
  { why: 'another resource', extra: { resource: 'https://elsewhere.example/' }, error: 'invalid_target' },
  { why: 'an unknown scope', extra: { scope: 'everything' }, error: 'invalid_scope' },
  { why: 'the plain challenge', extra: { code_challenge_method: 'plain' }, error: 'invalid_request' },
])('$why is refused', async ({ extra, error }) => {
  await using world = await start();
  await signInByScript(world.client.attempt(extra).link, { account: 'herald' });
  expect(world.client.answered.get('error')).toBe(error);
});

test.each(['bare', 'slash'] as const)(
  'the resource with the other slash is refused, %s',
  async (resource) => {
    await using world = await start({ resource });
    const other = resource === 'bare' ? `${world.pelcro.origin}/` : world.pelcro.origin;
    await signInByScript(world.client.attempt({ resource: other }).link, { account: 'herald' });
    expect(world.client.answered.get('error')).toBe('invalid_target');
  },
);

test('without PKCE, without a resource and with a foreign redirect address nothing is granted', async () => {
  await using world = await start();
  for (const name of ['code_challenge', 'resource']) {
    const link = new URL(world.client.attempt().link);
    link.searchParams.delete(name);
    if (name === 'code_challenge') link.searchParams.delete('code_challenge_method');
    await signInByScript(link.href, { account: 'herald' });
    expect(world.client.answered.get('error'), name).toMatch(/^invalid_(request|target)$/);
  }
  const foreign = world.client.attempt({ redirect_uri: 'http://127.0.0.1:1/elsewhere' });
  const page = await signInByScript(foreign.link, { account: 'herald' });
  expect(page).toMatchObject({ status: 400, text: expect.stringContaining('invalid_redirect_uri') });
});

test('a code with the wrong verifier is refused', async () => {
  await using world = await start();
  const attempt = world.client.attempt();
  await signInByScript(attempt.link, { account: 'herald' });
  const wrong = { ...attempt, verifier: world.client.attempt().verifier };
  expect(await world.client.exchange(wrong)).toMatchObject({ status: 400, error: 'invalid_grant' });
});

test('Cancel is an access_denied, and the client is called by its name', async () => {
  await using world = await start();
  await signInByScript(world.client.attempt().link, { decline: true });
  expect(world.client.answered.get('error')).toBe('access_denied');
  expect(world.client.answered.get('iss')).toBe(world.oauth.issuer);
});

test('people see only their own accounts, and strangers none', async () => {
  await using world = await start({ people: [{ email: 'ines@example.com', choices: ['gazette'] }] });
  const { client } = world;
  await signInByScript(client.attempt().link, { account: 'gazette', email: 'ines@example.com' });
  expect(client.answered.get('code')).not.toBeNull();
  const herald = signInByScript(client.attempt().link, { account: 'herald', email: 'ines@example.com' });
  await expect(herald).rejects.toThrow('no account herald');
  const stranger = await signInByScript(client.attempt().link, { email: 'eve@example.com' });
  expect(stranger).toMatchObject({ status: 422, text: expect.stringContaining('Nobody here') });
});

test('token requests fail, hang and break as told, and are counted', async () => {
  await using world = await start({ graceful: true });
  const { oauth, client } = world;
  const { refresh } = await signIn(client, 'herald');
  oauth.failTokens(503, 2);
  for (let times = 0; times < 2; times += 1) expect((await client.refresh(refresh)).status).toBe(503);
  oauth.failTokens('cut');
  await expect(client.refresh(refresh)).rejects.toThrow();
  const held = oauth.holdToken();
  const late = client.refresh(refresh);
  await held.arrived;
  expect(oauth.requests.tokens('refresh_token').map(({ status }) => status)).toEqual([503, 503, 0]);
  held.release();
  expect((await late).status).toBe(200);
  expect(oauth.requests.tokens('refresh_token').at(-1)).toMatchObject({
    status: 200,
    clientId: client.clientId,
    resource: oauth.resourceAt(world.pelcro.origin),
  });
});

test('a client can be known by its metadata document', async () => {
  const id = 'https://client.example/metadata.json';
  const document = {
    client_id: id,
    client_name: 'Documented',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  await using world = await start({ clientDocuments: { [id]: document } });
  expect(world.client.metadata.client_id_metadata_document_supported).toBe(true);
  await signInByScript(world.client.attempt({ client_id: id }).link, { account: 'herald' });
  expect(world.client.answered.get('code')).not.toBeNull();
});
