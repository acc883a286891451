import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { type AlyWorkspace, startAly } from './aly.ts';
import { Bucket } from './aly-buckets.ts';
import { alyTools } from './aly-tools.ts';
import { bearer, connect } from './connect.ts';

async function start() {
  const [owner, narrow] = [canary('aly'), canary('aly')];
  const aly = await startAly({
    keys: [
      { key: owner, label: 'owner', scopes: ['*'] },
      { key: narrow, label: 'narrow', scopes: ['read:orders', 'read:content'] },
    ],
  });
  return { aly, owner, narrow, [Symbol.asyncDispose]: () => aly[Symbol.asyncDispose]() };
}

function post(aly: AlyWorkspace, headers: Readonly<Record<string, string>>, body: unknown) {
  return fetch(aly.url, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, ...Object(body) }),
  });
}

const INITIALIZE = {
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'workspace-test', version: '1.0.0' },
  },
};

test('the server has its name, 80 tools in 23 families, and marks on each', async () => {
  await using world = await start();
  await using owner = await connect(world.aly.url, { headers: bearer(world.owner) });
  expect(owner.client.getServerVersion()?.name).toBe('aly-store-mcp');
  const tools = await owner.tools();
  expect(new Set(tools.map(({ name }) => name)).size).toBe(80);
  expect(new Set(alyTools.map(({ family }) => family)).size).toBe(23);
  for (const { name, annotations, inputSchema } of tools) {
    expect(annotations?.readOnlyHint, name).toBeTypeOf('boolean');
    const keyed = 'idempotency_key' in (inputSchema.properties ?? {});
    expect(keyed, name).toBe(annotations?.readOnlyHint === false);
  }
});

test('answers are JSON, a session id is issued, and the version is 2025-11-25', async () => {
  await using world = await start();
  const answer = await post(world.aly, bearer(world.owner), INITIALIZE);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(answer.headers.get('mcp-session-id')).not.toBeNull();
  expect(await answer.json()).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
  const get = await fetch(world.aly.url, {
    headers: { ...bearer(world.owner), accept: 'text/event-stream' },
  });
  expect(get.status).toBe(405);
});

test.each([
  { why: 'no token', headers: () => ({}) },
  { why: 'a bad token', headers: () => bearer(canary('aly')) },
])('$why is a 401 that points to the metadata', async ({ headers }) => {
  await using world = await start();
  const answer = await post(world.aly, headers(), INITIALIZE);
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toContain(
    `resource_metadata="${world.aly.origin}/.well-known/oauth-protected-resource"`,
  );
});

test('a missing scope is a 403 that names it', async () => {
  await using world = await start();
  await using narrow = await connect(world.aly.url, { headers: bearer(world.narrow) });
  expect(await narrow.say('orders_list')).toContain('orders 1 of aly');
  await expect(
    narrow.client.callTool({ name: 'orders_cancel', arguments: { id: 'orders_1' } }),
  ).rejects.toMatchObject({ requiredScope: 'write:orders' });
  const refused = await post(world.aly, bearer(world.narrow), {
    method: 'tools/call',
    params: { name: 'sites_delete', arguments: { id: 'sites_1' } },
  });
  expect(refused.headers.get('www-authenticate')).toContain('scope="delete:sites"');
  expect(await refused.json()).toMatchObject({
    id: 7,
    error: { data: { code: 'insufficient_scope', scope: 'delete:sites' } },
  });
  world.aly.setScopes('narrow', ['write:orders']);
  expect(await narrow.say('orders_cancel', { id: 'orders_1' })).toContain('cancel done');
});

test('the metadata is at the root only, and the protocols name the endpoint', async () => {
  await using world = await start();
  const { origin, url } = world.aly;
  const root = await fetch(`${origin}/.well-known/oauth-protected-resource`);
  expect(await root.json()).toMatchObject({ resource: url, authorization_servers: [origin] });
  const path = await fetch(`${origin}/.well-known/oauth-protected-resource/api/mcp`);
  expect(path.status).toBe(404);
  const protocols = await fetch(`${origin}/.well-known/protocols`);
  expect(await protocols.json()).toMatchObject({ mcp: { endpoint: url, protocol_version: '2025-11-25' } });
});

test('an expired session is a 404', async () => {
  await using world = await start();
  await using owner = await connect(world.aly.url, { headers: bearer(world.owner) });
  await world.aly.expireSessions();
  await expect(owner.say('orders_list')).rejects.toThrow(/404|Session not found/);
});

test('the rate limit holds per principal and says how long to wait', async () => {
  await using world = await start();
  const { aly } = world;
  aly.rateLimit(2, 3_000);
  for (let sent = 0; sent < 2; sent += 1) {
    expect((await post(aly, bearer(world.owner), INITIALIZE)).status).toBe(200);
  }
  const refused = await post(aly, bearer(world.owner), INITIALIZE);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('3');
  expect(await refused.json()).toMatchObject({ error: { data: { code: 'rate_limited' } } });
  expect((await post(aly, bearer(world.narrow), INITIALIZE)).status).toBe(200);
  aly.liftLimits();
  expect((await post(aly, bearer(world.owner), INITIALIZE)).status).toBe(200);
});

test('bad tokens drain the bucket of their address, for good keys too', async () => {
  await using world = await start();
  const { aly } = world;
  aly.limitBadTokens(2);
  expect((await post(aly, bearer(world.owner), INITIALIZE)).status).toBe(200);
  for (const status of [401, 401, 429]) {
    expect((await post(aly, bearer(canary('aly')), INITIALIZE)).status).toBe(status);
  }
  expect((await post(aly, bearer(world.owner), INITIALIZE)).status).toBe(429);
});

test('an empty bucket is full again after its pause', () => {
  let now = 0;
  const bucket = new Bucket(1, 1_500, () => now);
  expect(bucket.retryAfterSeconds).toBeUndefined();
  bucket.take();
  expect(bucket.retryAfterSeconds).toBe(2);
  now = 1_499;
  expect(bucket.retryAfterSeconds).toBe(1);
  now = 1_500;
  expect(bucket.retryAfterSeconds).toBeUndefined();
});

test('an idempotency key makes a repeated change happen once', async () => {
  await using world = await start();
  await using owner = await connect(world.aly.url, { headers: bearer(world.owner) });
  const change = { name: 'Spring', idempotency_key: 'k-1' };
  const first = await owner.say('coupons_create', change);
  expect(await owner.say('coupons_create', change)).toBe(first);
  expect(await owner.say('coupons_create', { name: 'Spring' })).not.toBe(first);
  expect(JSON.parse(await owner.say('coupons_list'))).toMatchObject({ total: 5 });
});

test('tool failures are JSON-RPC errors with a stable code', async () => {
  await using world = await start();
  await using owner = await connect(world.aly.url, { headers: bearer(world.owner) });
  await expect(owner.say('orders_get', { id: 'orders_99' })).rejects.toMatchObject({
    code: -32010,
    data: { code: 'not_found' },
  });
  await expect(owner.say('orders_get', {})).rejects.toMatchObject({
    code: -32602,
    data: { code: 'invalid_arguments' },
  });
});

test('every tool can be called', async () => {
  await using world = await start();
  await using owner = await connect(world.aly.url, { headers: bearer(world.owner) });
  for (const { name, family, input } of alyTools) {
    const borrowed = { 'commerce-ops': 'orders_2', ucp: 'products_2' }[family];
    const args = {
      ...('id' in input.shape ? { id: borrowed ?? `${family}_1` } : {}),
      ...('name' in input.shape ? { name: 'New' } : {}),
    };
    await expect(owner.say(name, args), name).resolves.toContain('{');
  }
});

test('a foreign Origin is refused, its own and none are fine', async () => {
  await using world = await start();
  const { aly, owner } = world;
  const foreign = await post(aly, { ...bearer(owner), origin: 'https://evil.example' }, INITIALIZE);
  expect(foreign.status).toBe(403);
  expect(await foreign.json()).toMatchObject({ error: { data: { code: 'origin_not_allowed' } } });
  expect((await post(aly, { ...bearer(owner), origin: aly.origin }, INITIALIZE)).status).toBe(200);
});

test('a revoked key is a 401, and a key of another shape is not taken', async () => {
  await using world = await start();
  world.aly.revoke('owner');
  expect((await post(world.aly, bearer(world.owner), INITIALIZE)).status).toBe(401);
  const bad = startAly({ keys: [{ key: canary('generic'), label: 'x', scopes: [] }] });
  await expect(bad).rejects.toThrow(TypeError);
});
