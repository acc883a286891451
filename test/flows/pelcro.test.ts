import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { NewAccount } from '#contract/control.ts';
import { canary } from '../canary/canary.ts';
import { startPelcro } from '../workspaces/pelcro.ts';
import { tokenAccess } from '../workspaces/pelcro-access.ts';
import { pelcroTools } from '../workspaces/pelcro-tools.ts';
import { startPlain } from '../workspaces/plain.ts';
import { Notices } from './notices.ts';
import { type AnyClient, doors, failure, startWorld, text } from './world.ts';

const HERALD = { id: 'herald', name: 'The Herald', sites: ['site_1', 'site_2'] };
const GAZETTE = { id: 'gazette', name: 'The Gazette', sites: ['site_9'] };

/** One Pelcro with two accounts on its one URL, and a bridge that knows both; the Herald is the current one. */
async function startTwoAccounts() {
  await using starting = new AsyncDisposableStack();
  const keys = { herald: canary('bearer'), heraldNext: canary('bearer'), gazette: canary('bearer') };
  const pelcro = starting.use(
    await startPelcro({
      access: tokenAccess([
        { ...HERALD, token: keys.herald },
        { ...HERALD, token: keys.heraldNext },
        { ...GAZETTE, token: keys.gazette },
      ]),
    }),
  );
  const world = starting.use(await startWorld());
  const entry = (label: string, key: string): NewAccount => ({
    connector: 'pelcro',
    label,
    url: pelcro.origin,
    environment: 'production',
    key,
  });
  await world.add(entry('Herald', keys.herald));
  await world.add(entry('Gazette', keys.gazette));
  const running = starting.move();
  return { pelcro, world, keys, entry, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const nameIn = async (client: AnyClient) => JSON.parse(await text(client, 'get_account')).name as string;

describe.each(doors)('Pelcro by %s', (door) => {
  test('AC-06 two accounts on one URL stay apart over 300 interleaved calls', async () => {
    await using stage = await startTwoAccounts();
    const { pelcro, world } = stage;
    const seats = await Promise.all(
      [HERALD, GAZETTE, HERALD, GAZETTE].map(async (account) => ({
        account,
        client: await world.connect(door, account.id),
      })),
    );
    let seed = 20_260_105;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const calls = Array.from({ length: 300 }, async () => {
      const { account, client } = seats[random(seats.length)]!;
      const site_id = account.sites[random(account.sites.length)]!;
      const [tool, given] = [
        ['get_account', {}],
        ['list_invoices', { site_id, limit: 2 }],
        ['create_coupon', { site_id, code: `c${random(1_000)}`, percent_off: 10 }],
      ][random(3)] as [string, Record<string, unknown>];
      for (let pause = random(4); pause > 0; pause -= 1) await turn();
      expect(await text(client, tool, given), tool).toMatch(
        account === HERALD ? /herald|site_[12]"/i : /gazette|site_9"/i,
      );
    });
    await Promise.all(calls);
    const seen = pelcro.requests.all.filter(({ path }) => path === '/');
    expect(pelcro.requests.calls().length).toBeGreaterThanOrEqual(300);
    // A session belongs to the one account it was opened for, whatever was sent on it.
    const owners = new Map<string, Set<string | undefined>>();
    for (const { session, principal } of seen) {
      if (session === undefined) continue;
      owners.set(session, (owners.get(session) ?? new Set()).add(principal));
    }
    expect([...owners.values()].filter(({ size }) => size !== 1)).toEqual([]);
    expect(seen.filter(({ principal }) => principal === undefined)).toEqual([]);
    const logged = await world.bridge.control.activity.list({ limit: 1_000 });
    expect(logged.filter(({ target, outcome }) => target !== null && outcome === 'ok')).toHaveLength(300);
  });

  test('a pinned client keeps its account while the current one is switched, on the same URL', async () => {
    await using stage = await startTwoAccounts();
    const { world } = stage;
    const pinned = await world.connect(door, 'gazette');
    const following = await world.connect(door);
    expect(await Promise.all([nameIn(pinned), nameIn(following)])).toEqual(['The Gazette', 'The Herald']);
    await world.bridge.control.accounts.use({ account: 'gazette' });
    expect(await Promise.all([nameIn(pinned), nameIn(following)])).toEqual(['The Gazette', 'The Gazette']);
    await world.bridge.control.accounts.use({ account: 'herald' });
    expect(await Promise.all([nameIn(pinned), nameIn(following)])).toEqual(['The Gazette', 'The Herald']);
  });

  test('a client at the address of Pelcro follows the switches among its accounts, and no others', async () => {
    await using stage = await startTwoAccounts();
    const { world } = stage;
    await using plain = await startPlain();
    await world.add({ connector: 'custom', label: 'Plain', url: plain.url });
    const notices = new Notices();
    const client = await world.connect(door, 'pelcro', notices.listen);
    await world.bridge.control.accounts.use({ account: 'plain' });
    expect(await nameIn(client)).toBe('The Herald');
    expect(notices.told('tools')).toBe(0);
    await world.bridge.control.accounts.use({ account: 'gazette' });
    await notices.atLeast('tools', 1);
    expect(await nameIn(client)).toBe('The Gazette');
  });

  test('adding asks get_account and shows which account the token opens', async () => {
    await using stage = await startTwoAccounts();
    const { pelcro, world } = stage;
    const [herald, gazette] = await world.bridge.control.accounts.list();
    expect(herald?.identity).toMatchObject({
      server: 'pelcro',
      summary: 'The Herald (production)',
      tools: pelcroTools.length,
    });
    expect(gazette?.identity?.summary).toBe('The Gazette (production)');
    expect(pelcro.requests.calls('get_account').map(({ principal }) => principal)).toEqual([
      'herald',
      'gazette',
    ]);
    expect(await nameIn(await world.connect(door))).toBe('The Herald');
  });

  test('the same account a second time is said, and both entries work', async () => {
    await using stage = await startTwoAccounts();
    const { world, keys, entry } = stage;
    const again = await world.bridge.control.accounts.add(entry('Once more', keys.herald));
    expect(again.notes).toContain('Warning: Herald has the same address and key.');
    expect(await nameIn(await world.connect(door, 'once-more'))).toBe('The Herald');
  });

  test('signing in again keeps the entry: same name, same address, same connected client', async () => {
    await using stage = await startTwoAccounts();
    const { pelcro, world, keys } = stage;
    const before = await world.bridge.control.accounts.list();
    const client = await world.connect(door, 'herald');
    expect(await nameIn(client)).toBe('The Herald');
    await world.bridge.control.accounts.rotateKey({ account: 'Herald', key: keys.heraldNext });
    pelcro.requests.clear();
    expect(await nameIn(client)).toBe('The Herald');
    // The session is opened anew, and nothing of it carries the old key.
    expect(new Set(pelcro.requests.all.map(({ headers }) => headers.authorization))).toEqual(
      new Set([`Bearer ${keys.heraldNext}`]),
    );
    const after = await world.bridge.control.accounts.list();
    expect(after.map(({ id, slug, label }) => [id, slug, label])).toEqual(
      before.map(({ id, slug, label }) => [id, slug, label]),
    );
  });

  test('AC-09 staging is part of the account: other label, other colour, and a mix-up is said', async () => {
    const token = canary('bearer');
    await using staging = await startPelcro({
      environment: 'staging',
      access: tokenAccess([{ ...HERALD, name: 'The Herald (test)', token }]),
    });
    await using stage = await startTwoAccounts();
    const { world } = stage;
    const { control } = world.bridge;
    const added = await control.accounts.add({
      connector: 'pelcro',
      url: staging.url,
      environment: 'staging',
      key: token,
    });
    expect(added.notes.filter((note) => /marked/.test(note))).toEqual([]);
    const [herald] = await control.accounts.list();
    expect(added.account).toMatchObject({
      label: 'Pelcro staging',
      environment: 'staging',
      identity: { summary: 'The Herald (test) (staging)' },
    });
    expect(added.account.color).not.toBe(herald?.color);
    const mixedUp = await control.accounts.add({
      connector: 'pelcro',
      label: 'Mixed up',
      url: staging.url,
      environment: 'production',
      key: token,
    });
    expect(mixedUp.notes).toContainEqual(
      expect.stringMatching(/says it is stg, but the account is marked production/),
    );
    const client = await world.connect(door);
    await control.accounts.use({ account: 'pelcro-staging' });
    expect(await nameIn(client)).toBe('The Herald (test)');
  });

  test('tools that change while a client is connected are announced to it, and the new list is the one it gets', async () => {
    await using stage = await startTwoAccounts();
    const { pelcro, world } = stage;
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    const before = (await client.listTools()).tools.map(({ name }) => name);
    expect(before).toContain('cancel_refunds');
    await pelcro.streams.atLeast(1);
    await pelcro.changeTools();
    await notices.atLeast('tools', 1);
    const after = (await client.listTools()).tools.map(({ name }) => name);
    expect(after).toContain('pause_subscription');
    expect(after).not.toContain('cancel_refunds');
    expect(await text(client, 'pause_subscription', { site_id: 'site_1', id: 'subscription_1' })).toContain(
      'paused',
    );
  });

  test('tools that change unannounced are seen after a reconnect and after a switch', async () => {
    await using stage = await startTwoAccounts();
    const { pelcro, world } = stage;
    const names = async (client: AnyClient) => (await client.listTools()).tools.map(({ name }) => name);
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    expect(await names(client)).toContain('cancel_refunds');
    await pelcro.changeTools({ announce: false });
    expect(await names(await world.connect(door))).toContain('pause_subscription');
    await world.bridge.control.accounts.use({ account: 'gazette' });
    await notices.atLeast('tools', 1);
    expect(await names(client)).toContain('pause_subscription');
    expect(await names(client)).not.toContain('cancel_refunds');
  });

  test('all hundred tools are listed, with their schemas as Pelcro wrote them, to both generations of clients', async () => {
    await using stage = await startTwoAccounts();
    const { world } = stage;
    const names = pelcroTools.map(({ name }) => name).sort();
    expect(names.length).toBeGreaterThan(95);
    const client = await world.connect(door);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(names);
    expect(tools.find(({ name }) => name === 'list_orders')?.inputSchema).toMatchObject({
      properties: { site_id: { type: 'string' }, page: { minimum: 1 }, limit: { maximum: 100 } },
      required: ['site_id'],
    });
    const old = await world.connectOld(door, 'gazette');
    expect((await old.listTools()).tools.map(({ name }) => name).sort()).toEqual(names);
  });

  test('an answer cut by Pelcro passes with its notice and is counted as cut', async () => {
    await using stage = await startTwoAccounts();
    const { world } = stage;
    const client = await world.connect(door);
    const cut = await text(client, 'list_customers', { site_id: 'site_1', limit: 100 });
    expect(cut).toHaveLength(25_000);
    expect(cut).toContain('[Truncated at 25,000 characters.');
    expect(await text(client, 'list_customers', { site_id: 'site_1', limit: 2 })).not.toContain('Truncated');
    const logged = await world.bridge.control.activity.list({ target: 'list_customers' });
    expect(logged.map(({ truncated }) => truncated)).toEqual([false, true]);
  });

  test.each([400, 401, 404, 500] as const)(
    'UB-19 an API error %i in a result passes unchanged and asks for no sign-in',
    async (status) => {
      await using stage = await startTwoAccounts();
      const { pelcro, world } = stage;
      const client = await world.connect(door);
      await client.listTools();
      pelcro.requests.clear();
      pelcro.failApi(status, 3);
      for (let time = 0; time < 3; time += 1) {
        const result = await client.callTool({ name: 'get_account', arguments: {} });
        expect(result).toMatchObject({
          isError: true,
          content: [{ type: 'text', text: expect.stringContaining(`API error ${status}: {"error"`) }],
        });
      }
      expect(await nameIn(client)).toBe('The Herald');
      expect(pelcro.requests.calls('get_account')).toHaveLength(4);
      expect(pelcro.requests.all.filter(({ path }) => path !== '/')).toEqual([]);
      const [herald] = await world.bridge.control.accounts.list();
      expect(herald).toMatchObject({ label: 'Herald', state: 'ready' });
      const logged = await world.bridge.control.activity.list({ target: 'get_account' });
      expect(logged.map(({ outcome }) => outcome)).toEqual(['ok', 'tool-error', 'tool-error', 'tool-error']);
    },
  );

  test('the health of Pelcro is asked without the token, and nothing else ever is', async () => {
    await using stage = await startTwoAccounts();
    const { pelcro, world, entry } = stage;
    await world.bridge.control.accounts.check({ account: 'herald' });
    await nameIn(await world.connect(door));
    const open = pelcro.requests.all.filter(({ headers }) => headers.authorization === undefined);
    expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array.from({ length: 3 }, () => 'GET /health'),
    );
    pelcro.requests.clear();
    await pelcro[Symbol.asyncDispose]();
    await expect(world.add(entry('Late', canary('bearer')))).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('list tools page, and a missing site is a result of Pelcro, not trouble of the bridge', async () => {
    await using stage = await startTwoAccounts();
    const { world } = stage;
    const client = await world.connect(door, 'gazette');
    const page = JSON.parse(await text(client, 'list_invoices', { site_id: 'site_9', page: 3, limit: 5 }));
    expect(page.data.map(({ id }: { id: string }) => id)).toEqual(['invoice_11', 'invoice_12']);
    expect(await text(client, 'list_invoices', {})).toContain('API error 400');
    // The other account's site is unknown to this one.
    expect(await text(client, 'list_invoices', { site_id: 'site_1' })).toContain('API error 404');
    expect(await failure(client.callTool({ name: 'list_everything', arguments: {} }))).toMatchObject({
      code: -32602,
    });
  });
});
