import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { startAllegro } from './allegro.ts';
import { bearer, connect } from './connect.ts';

async function startTenant(tenant: string) {
  const [member, admin] = [canary('sanctum'), canary('sanctum')];
  const allegro = await startAllegro({
    tenant,
    tokens: [
      { token: member, email: 'member@example.com', role: 'member' },
      { token: admin, email: 'admin@example.com', role: 'admin' },
    ],
  });
  return { allegro, member, admin, [Symbol.asyncDispose]: () => allegro[Symbol.asyncDispose]() };
}

test('a member sees all sixteen tools and three prompts', async () => {
  await using acme = await startTenant('acme');
  await using ada = await connect(acme.allegro.url, { headers: bearer(acme.member) });
  const tools = await ada.tools();
  const readOnly = tools.filter(({ annotations }) => annotations?.readOnlyHint === true);
  expect(readOnly.map(({ name }) => name).sort()).toEqual([
    'get-audience-member',
    'get-embed-snippet',
    'get-template',
    'list-offers',
    'list-plans',
    'list-products',
    'list-templates',
    'search-audience-members',
  ]);
  const writing = tools.filter(({ annotations }) => annotations?.readOnlyHint === false);
  expect(writing.map(({ name }) => name).sort()).toEqual([
    'create-product',
    'create-template',
    'grant-entitlement',
    'revoke-entitlement',
    'update-audience-member',
    'update-embed-snippet',
    'update-product',
    'update-template',
  ]);
  const { prompts } = await ada.client.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual(['summarize-member', 'grant-access', 'review-templates']);
  const { messages } = await ada.client.getPrompt({
    name: 'grant-access',
    arguments: { email: 'ada@acme.example', product: 'Archive' },
  });
  expect(messages[0]?.content).toMatchObject({ text: expect.stringContaining('Archive') });
});

test('a token of one tenant is refused by the other', async () => {
  await using acme = await startTenant('acme');
  await using globex = await startTenant('globex');
  const answer = await fetch(globex.allegro.url, { method: 'POST', headers: bearer(acme.admin), body: '{}' });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
});

test('a write with a member token is a 403 for the whole request, and with an admin token it works', async () => {
  await using acme = await startTenant('acme');
  await using ada = await connect(acme.allegro.url, { headers: bearer(acme.member) });
  const write = { name: 'create-product', arguments: { name: 'Podcast' } };
  await expect(ada.client.callTool(write)).rejects.toMatchObject({ status: 403 });
  await using root = await connect(acme.allegro.url, { headers: bearer(acme.admin) });
  expect(JSON.parse(await root.say('create-product', { name: 'Podcast' }))).toMatchObject({
    product: { name: 'Podcast' },
    by: 'admin@example.com',
  });
  acme.allegro.setRole('member@example.com', 'admin');
  expect(await ada.say('update-product', { id: 'prod_4', name: 'Radio' })).toContain('Radio');
  expect(acme.allegro.requests.calls('create-product').map(({ user }) => user)).toEqual([
    'member@example.com',
    'admin@example.com',
  ]);
});

test('members and templates come in pages whose cursors belong to the tenant', async () => {
  await using acme = await startTenant('acme');
  await using globex = await startTenant('globex');
  await using ada = await connect(acme.allegro.url, { headers: bearer(acme.member) });
  await using bob = await connect(globex.allegro.url, { headers: bearer(globex.member) });
  const first = JSON.parse(await ada.say('search-audience-members'));
  expect(first.members).toHaveLength(5);
  const second = JSON.parse(await ada.say('search-audience-members', { cursor: first.next_cursor }));
  expect(second.members[0].id).toBe('mem_6');
  expect(await bob.say('search-audience-members', { cursor: first.next_cursor })).toContain('cursor');
  const templates = JSON.parse(await ada.say('list-templates', { per_page: 6 }));
  expect(templates.next_cursor).toBeNull();
  expect(templates.templates[0]).not.toHaveProperty('html');
});

test('includes are optional', async () => {
  await using acme = await startTenant('acme');
  await using ada = await connect(acme.allegro.url, { headers: bearer(acme.member) });
  const member = JSON.parse(
    await ada.say('get-audience-member', { email: 'ada@acme.example', include: ['entitlements', 'events'] }),
  );
  expect(member.member).toMatchObject({ id: 'mem_1', entitlements: [{ status: 'active' }] });
  expect(member.member).not.toHaveProperty('purchases');
  expect(await ada.say('get-template', { id: 'tpl_1', include: ['html'] })).toContain('<main>');
  expect(JSON.parse(await ada.say('get-embed-snippet', { include: ['revisions'] })).revisions).toHaveLength(
    1,
  );
});

test('a template synced from GitHub refuses writes', async () => {
  await using acme = await startTenant('acme');
  await using root = await connect(acme.allegro.url, { headers: bearer(acme.admin) });
  const refused = await root.client.callTool({
    name: 'update-template',
    arguments: { id: 'tpl_2', name: 'X' },
  });
  expect(refused).toMatchObject({ isError: true });
  expect(await root.say('update-template', { id: 'tpl_1', name: 'X' })).toContain('"X"');
  await root.say('update-embed-snippet', { content: '<i></i>' });
  const { revisions } = JSON.parse(await root.say('get-embed-snippet', { include: ['revisions'] }));
  expect(revisions.at(-1)).toMatchObject({ note: 'Saved via MCP' });
});

test('an entitlement is granted once and can be revoked', async () => {
  await using acme = await startTenant('acme');
  await using root = await connect(acme.allegro.url, { headers: bearer(acme.admin) });
  const grant = { member: 'boris@acme.example', product: 'prod_2' };
  const { entitlement } = JSON.parse(await root.say('grant-entitlement', grant));
  expect(await root.say('grant-entitlement', grant)).toContain('already');
  const revoke = { member: 'mem_2', entitlement: entitlement.id };
  expect(await root.say('revoke-entitlement', revoke)).toContain('revoked');
});

test('there is no standing stream, and a revoked token is refused', async () => {
  await using acme = await startTenant('acme');
  const get = await fetch(acme.allegro.url, {
    headers: { ...bearer(acme.member), accept: 'text/event-stream' },
  });
  expect(get.status).toBe(405);
  acme.allegro.revoke(acme.member);
  await expect(connect(acme.allegro.url, { headers: bearer(acme.member) })).rejects.toThrow();
});

test('only tokens in the shape of Sanctum are taken', async () => {
  const token = canary('bearer');
  const start = startAllegro({ tenant: 'acme', tokens: [{ token, email: 'a@b.example', role: 'member' }] });
  await expect(start).rejects.toThrow(TypeError);
});

const command = fileURLToPath(new URL('allegro-command.ts', import.meta.url));

async function openCommand(args: readonly string[], env: Readonly<Record<string, string>>) {
  const client = new Client(
    { name: 'workspace-test', version: '1.0.0' },
    { versionNegotiation: { mode: 'legacy' } },
  );
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [command, ...args], env: { ...env } }),
  );
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

test('the local command serves the tenant as its acting user', async () => {
  await using local = await openCommand(['--tenant=globex', '--user=admin@example.com'], {
    APP_ENV: 'production',
  });
  const made = await local.client.callTool({ name: 'create-product', arguments: { name: 'Radio' } });
  expect(made.structuredContent).toMatchObject({ by: 'admin@example.com' });
  const read = await local.client.callTool({ name: 'list-products' });
  expect(read.structuredContent).toMatchObject({ tenant: 'globex' });
});

test('the local command takes its acting user from the environment, whose role counts', async () => {
  await using local = await openCommand(['--tenant=acme'], { ALLEGRO_MCP_ACTOR: 'member@example.com' });
  const made = await local.client.callTool({ name: 'create-product', arguments: { name: 'Radio' } });
  expect(made).toMatchObject({ isError: true });
});

test.each([
  { why: 'production without an acting user', args: ['--tenant=acme'], env: { APP_ENV: 'production' } },
  { why: 'an unknown acting user', args: ['--tenant=acme', '--user=x@y.example'], env: {} },
  { why: 'an unknown tenant', args: ['--tenant=initech'], env: {} },
  { why: 'no tenant', args: [], env: {} },
])('the local command refuses to start: $why', async ({ args, env }) => {
  const child = spawn(process.execPath, [command, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(told).not.toBe('');
  expect(said).toBe('');
});
