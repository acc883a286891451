import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { type AlyOptions, startAly } from '../workspaces/aly.ts';
import { alyScopes } from '../workspaces/aly-discovery.ts';
import { bearer, connect } from '../workspaces/connect.ts';
import { startNativeClient } from './native-client.ts';
import { signInByScript } from './scripted.ts';

async function start(options: Partial<AlyOptions> = {}) {
  await using starting = new AsyncDisposableStack();
  const key = canary('aly');
  const keys = [{ key, label: 'owner', scopes: ['*'] }];
  const aly = starting.use(await startAly({ keys, ...options }));
  const client = starting.use(await startNativeClient(aly.origin, aly.url));
  const running = starting.move();
  const signIn = async (scope: string) => {
    const attempt = client.attempt({ scope });
    await signInByScript(attempt.link);
    return client.exchange(attempt);
  };
  return { aly, client, key, signIn, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

test('the metadata names the server on the same origin, and the scopes', async () => {
  await using world = await start();
  const { origin, url } = world.aly;
  const metadata = await fetch(`${origin}/.well-known/oauth-protected-resource`);
  expect(await metadata.json()).toMatchObject({
    resource: url,
    authorization_servers: [origin],
    scopes_supported: alyScopes,
  });
  expect(world.client.metadata).toMatchObject({ issuer: origin, token_endpoint: `${origin}/token` });
});

test('a token has a shape of its own and exactly the scopes that were asked for', async () => {
  await using world = await start();
  const { aly, signIn } = world;
  const tokens = await signIn('read:orders read:content');
  expect(tokens.access.startsWith('aly_oauth_')).toBe(true);
  expect(tokens.scope).toBe('read:orders read:content');
  await using signedIn = await connect(aly.url, { headers: bearer(tokens.access) });
  expect(await signedIn.say('orders_list')).toContain('orders 1 of aly');
  await expect(
    signedIn.client.callTool({ name: 'orders_cancel', arguments: { id: 'orders_1' } }),
  ).rejects.toMatchObject({ requiredScope: 'write:orders' });
  const wider = await signIn('read:orders read:content write:orders');
  await using again = await connect(aly.url, { headers: bearer(wider.access) });
  expect(await again.say('orders_cancel', { id: 'orders_1' })).toContain('cancel done');
  expect(aly.requests.calls('orders_list')[0]?.principal).toBe('person@example.com');
});

test('keys go on working beside tokens', async () => {
  await using world = await start();
  await using owner = await connect(world.aly.url, { headers: bearer(world.key) });
  expect(await owner.say('orders_list')).toContain('orders 1 of aly');
});

test('a refreshed token keeps its scopes, a revoked one is a 401', async () => {
  await using world = await start();
  const first = await world.signIn('read:orders');
  const second = await world.client.refresh(first.refresh);
  expect(second).toMatchObject({ status: 200, scope: 'read:orders' });
  expect(second.access.startsWith('aly_oauth_')).toBe(true);
  await world.client.revoke(second.refresh);
  const refused = await fetch(world.aly.url, { method: 'POST', headers: bearer(second.access), body: '{}' });
  expect(refused.status).toBe(401);
});

test('the metadata can name fewer scopes than there are', async () => {
  await using world = await start({ publishedScopes: ['read:sites'] });
  const metadata = await fetch(`${world.aly.origin}/.well-known/oauth-protected-resource`);
  expect(await metadata.json()).toMatchObject({ scopes_supported: ['read:sites'] });
});

test('with openid the ID token names the person', async () => {
  await using world = await start();
  const attempt = world.client.attempt({ scope: 'openid read:orders' });
  await signInByScript(attempt.link, { email: 'ines@example.com' });
  expect(await world.client.exchange(attempt)).toMatchObject({ status: 200, subject: 'ines@example.com' });
});
