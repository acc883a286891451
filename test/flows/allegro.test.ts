import { describe, expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { excuse } from '../invariants/broken.ts';
import { startAllegro } from '../workspaces/allegro.ts';
import { startPlain } from '../workspaces/plain.ts';
import { installArtisan } from './artisan.ts';
import { Notices } from './notices.ts';
import { doors, failure, startWorld, text } from './world.ts';

/** Two tenants, each with a member and an admin, and a bridge without accounts. */
async function startTenants() {
  await using starting = new AsyncDisposableStack();
  const open = async (tenant: string) => {
    const keys = { member: canary('sanctum'), admin: canary('sanctum') };
    const tokens = (['member', 'admin'] as const).map((role) => ({
      token: keys[role],
      email: `${role}@example.com`,
      role,
    }));
    const workspace = starting.use(await startAllegro({ tenant, tokens }));
    return { ...keys, workspace, url: workspace.url, requests: workspace.requests };
  };
  const acme = await open('acme');
  const globex = await open('globex');
  const world = starting.use(await startWorld());
  const running = starting.move();
  return { acme, globex, world, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const READS = [
  'search-audience-members',
  'get-audience-member',
  'list-products',
  'list-plans',
  'list-offers',
  'list-templates',
  'get-template',
  'get-embed-snippet',
];

describe.each(doors)('Allegro by %s', (door) => {
  test.each([
    ['its bare host', (origin: string) => origin.replace('http://', '')],
    ['its full address', (origin: string) => `${origin}/mcp`],
  ])('a tenant is added by %s, with a token that has a bar in it', async (_how, typed) => {
    await using stage = await startTenants();
    const { acme, world } = stage;
    const account = await world.add({
      connector: 'allegro',
      label: 'Acme',
      url: typed(acme.workspace.origin),
      key: acme.member,
    });
    expect(account.upstream).toEqual({ kind: 'http', url: acme.url });
    const client = await world.connect(door);
    expect(await text(client, 'list-products')).toContain('acme');
    expect(acme.requests.calls()).toMatchObject([{ principal: 'member@example.com' }]);
  });

  test('a token of one tenant is not accepted for another: nothing is saved', async () => {
    excuse('INV-3', /\(sanctum\)/, 'The person enters the token of one tenant for another.');
    await using stage = await startTenants();
    const { acme, globex, world } = stage;
    const foreign = world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: globex.admin });
    await expect(foreign).rejects.toMatchObject({ code: 'sign-in-needed' });
    expect(await world.bridge.control.accounts.list()).toEqual([]);
    await world.add({ connector: 'allegro', label: 'Globex', url: globex.url, key: globex.admin });
    // AC-11: once the bridge knows whose token it is, it is not even sent to the other tenant.
    acme.requests.clear();
    const known = world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: globex.admin });
    await expect(known).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(/This token belongs to 127\.0\.0\.1:\d+ \(Globex\)/),
    });
    expect(acme.requests.all).toEqual([]);
  });

  test('a token that the tenant refuses is a sign-in in words for the client, sent once', async () => {
    await using stage = await startTenants();
    const { acme, globex, world } = stage;
    await world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: globex.admin, check: false });
    const client = await world.connect(door);
    for (const tool of ['list-products', 'create-product']) {
      expect(await failure(text(client, tool, { name: 'Podcast' }))).toMatchObject({
        code: -31001,
        message: expect.stringContaining('Acme: sign-in needed'),
        data: { source: 'bridge', account: 'Acme', mayHaveRun: false },
      });
    }
    expect(acme.requests.all.map(({ rpc, path }) => rpc?.method ?? path)).toEqual(['initialize']);
  });

  test('host and token switch together, always', async () => {
    await using stage = await startTenants();
    const { acme, globex, world } = stage;
    await world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: acme.member });
    await world.add({ connector: 'allegro', label: 'Globex', url: globex.url, key: globex.admin });
    const client = await world.connect(door);
    for (const tenant of ['globex', 'acme', 'globex', 'acme', 'globex']) {
      const during = Array.from({ length: 5 }, () => text(client, 'list-plans'));
      await world.bridge.control.accounts.use({ account: tenant });
      expect(await text(client, 'list-products')).toContain(`"tenant":"${tenant}"`);
      for (const answer of await Promise.all(during)) expect(answer).toMatch(/"tenant":"(acme|globex)"/);
    }
    const speakers = (seen: typeof acme.requests) => [...new Set(seen.all.map(({ principal }) => principal))];
    expect(speakers(acme.requests)).toEqual(['member@example.com']);
    expect(speakers(globex.requests)).toEqual(['admin@example.com']);
  });

  test('a write as member is refused in words that name the role, and is no sign-in', async () => {
    await using stage = await startTenants();
    const { acme, world } = stage;
    await world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: acme.member });
    const client = await world.connect(door);
    for (let time = 0; time < 3; time += 1) {
      const refused = await failure(text(client, 'create-product', { name: 'Podcast' }));
      expect(refused).toMatchObject({
        code: -31004,
        message: expect.stringContaining('your role in this tenant is member'),
        data: { source: 'bridge', code: 'refused', account: 'Acme', mayHaveRun: false },
      });
      expect(refused.message).not.toContain('sign-in needed');
      expect(refused.message).toContain('read-only');
    }
    expect(await text(client, 'list-products')).not.toContain('Podcast');
    expect(await world.bridge.control.accounts.list()).toMatchObject([{ label: 'Acme', state: 'ready' }]);
    expect(acme.requests.all.filter(({ path }) => path !== '/mcp')).toEqual([]);
  });

  test('the write tools can be hidden, and a hidden tool never reaches the tenant', async () => {
    await using stage = await startTenants();
    const { acme, world } = stage;
    await world.add({
      connector: 'allegro',
      label: 'Acme',
      url: acme.url,
      key: acme.admin,
      // Without a check the bridge has no annotations yet, so the preset's own list decides.
      check: false,
      readOnly: true,
    });
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    expect(await failure(text(client, 'create-product', { name: 'Podcast' }))).toMatchObject({
      code: -31014,
    });
    expect(acme.requests.calls()).toEqual([]);
    const hidden = (await client.listTools()).tools;
    expect(hidden.map(({ name }) => name).sort()).toEqual(READS.toSorted());
    await world.bridge.control.accounts.update({ account: 'acme', rules: { readOnly: false } });
    await notices.atLeast('tools', 1);
    expect((await client.listTools()).tools).toHaveLength(16);
    expect(await text(client, 'create-product', { name: 'Podcast' })).toContain('Podcast');
  });

  test('a cursor belongs to the account that issued it', async () => {
    await using stage = await startTenants();
    const { acme, globex, world } = stage;
    await world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: acme.member });
    await world.add({ connector: 'allegro', label: 'Globex', url: globex.url, key: globex.admin });
    const client = await world.connect(door);
    const first = JSON.parse(await text(client, 'search-audience-members'));
    await world.bridge.control.accounts.use({ account: 'globex' });
    const foreign = await client.callTool({
      name: 'search-audience-members',
      arguments: { cursor: first.next_cursor },
    });
    expect(foreign).toMatchObject({
      isError: true,
      content: [{ text: 'This cursor does not belong to this list.' }],
    });
    expect(await text(client, 'list-templates', { per_page: 6 })).toContain('tpl_6');
    await world.bridge.control.accounts.use({ account: 'acme' });
    const second = JSON.parse(
      await text(client, 'search-audience-members', { cursor: first.next_cursor, per_page: 6 }),
    );
    expect(second.members).toHaveLength(6);
    expect(second.members[0]).toMatchObject({ id: 'mem_6', email: 'farid@acme.example' });
  });

  test('prompts pass, and follow the account', async () => {
    await using stage = await startTenants();
    const { acme, globex, world } = stage;
    await world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: acme.member });
    await world.add({ connector: 'allegro', label: 'Globex', url: globex.url, key: globex.admin });
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['summarize-member', 'grant-access', 'review-templates']);
    const asked = { name: 'grant-access', arguments: { email: 'ada@acme.example', product: 'Archive' } };
    const said = async () => JSON.stringify((await client.getPrompt(asked)).messages);
    expect(await said()).toContain('In acme: find ada@acme.example');
    await world.bridge.control.accounts.use({ account: 'globex' });
    await notices.atLeast('prompts', 1);
    expect(await said()).toContain('In globex: find ada@acme.example');
    expect(await failure(client.getPrompt({ name: 'summarize-member' }))).toMatchObject({ code: -32602 });
  });

  test('all sixteen tools are there, and answers and refusals of the tenant pass unchanged', async () => {
    await using stage = await startTenants();
    const { acme, world } = stage;
    await world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: acme.admin });
    const client = await world.connect(door);
    const marked = (await client.listTools()).tools.filter(
      ({ annotations }) => annotations?.readOnlyHint === true,
    );
    expect(marked.map(({ name }) => name).sort()).toEqual(READS.toSorted());
    expect(await text(client, 'get-audience-member', { id: 'mem_1', include: ['meta'] })).toContain('origin');
    expect(await text(client, 'update-embed-snippet', { content: '<b>' })).toContain('Saved via MCP');
    const synced = await client.callTool({ name: 'update-template', arguments: { id: 'tpl_2', name: 'X' } });
    expect(synced).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('GitHub') }] });
  });
});

describe.each(doors)('Allegro through its local command, by %s', (door) => {
  test('calls run in the tenant as the acting user, and follow "act as"', async () => {
    await using artisan = await installArtisan('acme', { APP_ENV: 'production' });
    await using world = await startWorld();
    const { command } = artisan;
    const account = await world.add({ connector: 'allegro', command, user: 'admin@example.com' });
    expect(account).toMatchObject({ label: 'Allegro acme', signIn: { kind: 'none' } });
    const client = await world.connect(door);
    expect(await text(client, 'list-products')).toContain('"tenant":"acme"');
    expect(await text(client, 'create-product', { name: 'Podcast' })).toContain('"by":"admin@example.com"');
    await world.bridge.control.accounts.actAs({ account: account.slug, user: 'member@example.com' });
    expect(await text(client, 'create-product', { name: 'Radio' })).toContain('needs an admin');
  });

  test('without an acting user production refuses to start: adding says so', async () => {
    await using artisan = await installArtisan('acme', { APP_ENV: 'production' });
    await using world = await startWorld();
    await expect(world.add({ connector: 'allegro', command: artisan.command })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('without an acting user: pass --user or set ALLEGRO_MCP_ACTOR.'),
    });
    expect(await artisan.starts()).toBe(1);
    expect(await world.bridge.control.accounts.list()).toEqual([]);
  });

  test('a refusal of the command is shown, and only a request of the client starts it again', async () => {
    await using artisan = await installArtisan('acme', { APP_ENV: 'production' });
    await using other = await startPlain({ name: 'other' });
    await using world = await startWorld();
    await world.add({ connector: 'allegro', label: 'Acme', command: artisan.command, check: false });
    await world.add({ connector: 'custom', label: 'Other', url: other.url, check: false });
    const client = await world.connect(door, 'acme');
    expect(await artisan.starts()).toBe(1);
    // A workspace that was merely unwell is tried again by the bridge itself; that tells when a retry would be due.
    other.answerNext({ status: 410 });
    const notices = new Notices();
    await world.connect(door, 'other', notices.listen);
    await notices.atLeast('tools', 1);
    expect(await artisan.starts()).toBe(1);
    expect(await failure(text(client, 'list-products'))).toMatchObject({
      code: -31004,
      message: expect.stringContaining('Refusing to start in production without an acting user'),
      data: { source: 'bridge', code: 'refused', account: 'Acme', mayHaveRun: false },
    });
    expect(await artisan.starts()).toBe(2);
    await world.bridge.control.accounts.actAs({ account: 'acme', user: 'admin@example.com' });
    expect(await text(client, 'create-product', { name: 'Podcast' })).toContain('"by":"admin@example.com"');
  });

  test('the acting user may come from the installation itself', async () => {
    await using artisan = await installArtisan('globex', {
      APP_ENV: 'production',
      ALLEGRO_MCP_ACTOR: 'admin@example.com',
    });
    await using world = await startWorld();
    await world.add({ connector: 'allegro', command: artisan.command });
    const client = await world.connect(door);
    expect(await text(client, 'create-product', { name: 'Podcast' })).toContain('"by":"admin@example.com"');
  });
});
