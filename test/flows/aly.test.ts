import { describe, expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { startAly } from '../workspaces/aly.ts';
import { alyTools } from '../workspaces/aly-tools.ts';
import { doors, failure, startWorld, text } from './world.ts';

/** One Aly workspace with an owner's key and a reader's key, and a bridge that knows both; the owner is current. */
async function startStore() {
  await using starting = new AsyncDisposableStack();
  const keys = { owner: canary('aly'), ownerNext: canary('aly'), reader: canary('aly') };
  const aly = starting.use(
    await startAly({
      keys: [
        { key: keys.owner, label: 'owner', scopes: ['*'] },
        { key: keys.ownerNext, label: 'owner-next', scopes: ['*'] },
        { key: keys.reader, label: 'reader', scopes: ['read:orders', 'read:content'] },
      ],
    }),
  );
  const world = starting.use(await startWorld());
  await world.add({ connector: 'aly', label: 'Owner', url: aly.url, key: keys.owner });
  await world.add({ connector: 'aly', label: 'Reader', url: aly.url, key: keys.reader });
  const running = starting.move();
  return { aly, world, keys, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

describe.each(doors)('Aly by %s', (door) => {
  test.each([
    ['an API key', () => canary('aly')],
    ['a token from OAuth', () => `aly_oauth_${canary('generic')}`],
  ])('pasting the bare host is enough to add an account, with %s', async (_what, make) => {
    const key = make();
    await using aly = await startAly({ keys: [{ key, label: 'owner', scopes: ['*'] }] });
    await using world = await startWorld();
    const { host } = new URL(aly.origin);
    const account = await world.add({ connector: 'aly', label: 'Store', url: host, key });
    expect(account).toMatchObject({
      upstream: { kind: 'http', url: aly.url },
      identity: { server: 'aly-store-mcp', tools: 80, protocolVersion: '2025-11-25' },
    });
    const client = await world.connect(door);
    expect((await client.listTools()).tools.map(({ name }) => name).sort()).toEqual(
      alyTools.map(({ name }) => name).sort(),
    );
    expect(await text(client, 'orders_list')).toContain('orders 1 of aly');
  });

  test('expired sessions heal: calls at once cause one new handshake and are sent once more', async () => {
    await using stage = await startStore();
    const { aly, world } = stage;
    const client = await world.connect(door);
    await text(client, 'orders_list');
    await aly.expireSessions();
    aly.requests.clear();
    const names = await Promise.all(
      Array.from({ length: 5 }, async (_, number) => {
        const made = await text(client, 'coupons_create', { name: `Spring ${number}` });
        return JSON.parse(made).name as string;
      }),
    );
    expect(names).toEqual(names.map((_, number) => `Spring ${number}`));
    expect(aly.requests.withMethod('initialize')).toHaveLength(1);
    expect(JSON.parse(await text(client, 'coupons_list'))).toMatchObject({ total: 8 });
    await aly.expireSessions();
    expect(await text(client, 'orders_list')).toContain('orders 1 of aly');
    expect(aly.requests.withMethod('initialize')).toHaveLength(2);
  });

  test('there is no standing stream, and nothing waits for one', async () => {
    await using stage = await startStore();
    const { aly, world } = stage;
    aly.requests.clear();
    const client = await world.connect(door);
    for (let time = 0; time < 3; time += 1) await text(client, 'orders_list');
    await aly.requests.until(({ method }) => method === 'GET');
    expect(aly.requests.all.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  test('a key that is refused is a sign-in in words; no OAuth is started, by the bridge or for the client', async () => {
    await using stage = await startStore();
    const { aly, world } = stage;
    const client = await world.connect(door);
    await text(client, 'orders_list');
    aly.revoke('owner');
    aly.requests.clear();
    for (let time = 0; time < 5; time += 1) {
      expect(await failure(text(client, 'orders_list'))).toMatchObject({
        code: -31001,
        message: expect.stringMatching(/^Owner: sign-in needed\. .* Replace the key in Gangway\.$/),
        data: { source: 'bridge', code: 'sign-in-needed', account: 'Owner', mayHaveRun: false },
      });
    }
    expect(aly.requests.all.map(({ path, tool }) => `${path} ${tool}`)).toEqual(['/api/mcp orders_list']);
    await expect(world.bridge.control.accounts.check({ account: 'owner' })).rejects.toMatchObject({
      code: 'sign-in-needed',
    });
    expect(aly.requests.all.filter(({ path }) => path !== '/api/mcp')).toEqual([]);
    const accounts = await world.bridge.control.accounts.list();
    expect(accounts.map(({ label, state }) => `${label} ${state}`)).toEqual([
      'Owner sign-in-needed',
      'Reader ready',
    ]);
  });

  test('a refused key is not sent over and over, so good keys at the same address go on', async () => {
    await using stage = await startStore();
    const { aly, world } = stage;
    const [bad, good] = [await world.connect(door, 'owner'), await world.connect(door, 'reader')];
    await text(bad, 'orders_list');
    aly.revoke('owner');
    // Two bad tokens shut this address out for everybody.
    aly.limitBadTokens(2, 60_000);
    aly.requests.clear();
    for (let time = 0; time < 10; time += 1) {
      expect(await failure(text(bad, 'orders_list'))).toMatchObject({ code: -31001 });
      expect(await text(good, 'orders_list')).toContain('orders 1 of aly');
    }
    // Clients that come now are welcomed, but the key is not tried for them.
    const late = await world.connect(door, 'owner');
    expect(await failure(text(late, 'orders_list'))).toMatchObject({ code: -31001 });
    await expect(world.bridge.control.accounts.use({ account: 'owner' })).rejects.toMatchObject({
      code: 'sign-in-needed',
    });
    expect(await text(good, 'orders_list')).toContain('orders 1 of aly');
    expect(aly.requests.all.filter(({ principal }) => principal === undefined)).toHaveLength(1);
  });

  test('a missing scope is named, the account stays ready, and a wider key is all it takes', async () => {
    await using stage = await startStore();
    const { aly, world } = stage;
    const client = await world.connect(door, 'reader');
    for (let time = 0; time < 3; time += 1) {
      expect(await failure(text(client, 'orders_cancel', { id: 'orders_1' }))).toMatchObject({
        code: -31004,
        message: expect.stringMatching(/lacks the permission write:orders\. Make a wider key/),
        data: { source: 'bridge', code: 'refused', account: 'Reader', scope: 'write:orders' },
      });
    }
    expect(await text(client, 'orders_list')).toContain('"status":"active"');
    const [, reader] = await world.bridge.control.accounts.list();
    expect(reader).toMatchObject({ label: 'Reader', state: 'ready' });
    expect(aly.requests.all.filter(({ path }) => path !== '/api/mcp')).toEqual([]);
    aly.setScopes('reader', ['read:orders', 'write:orders']);
    expect(await text(client, 'orders_cancel', { id: 'orders_1' })).toContain('cancel done');
  });

  test('a short wait that Aly asks for is sat out, and the call goes through', async () => {
    await using stage = await startStore();
    const { aly, world } = stage;
    const client = await world.connect(door);
    await text(client, 'orders_list');
    aly.rateLimit(1, 1_000);
    aly.requests.clear();
    expect(await text(client, 'coupons_create', { name: 'Spring' })).toContain('Spring');
    expect(await text(client, 'coupons_create', { name: 'Summer' })).toContain('Summer');
    expect(aly.requests.calls('coupons_create')).toHaveLength(3);
    aly.liftLimits();
    expect(JSON.parse(await text(client, 'coupons_list'))).toMatchObject({ total: 5 });
  });

  test('a long wait is told, kept to for this account, and for no other account', async () => {
    await using stage = await startStore();
    const { aly, world } = stage;
    const [owner, reader] = [await world.connect(door, 'owner'), await world.connect(door, 'reader')];
    await Promise.all([text(owner, 'orders_list'), text(reader, 'orders_list')]);
    aly.rateLimit(1, 60_000);
    await text(owner, 'orders_list');
    aly.requests.clear();
    for (let time = 0; time < 3; time += 1) {
      const refused = await failure(text(owner, 'orders_list'));
      expect(refused).toMatchObject({ code: -31005, data: { account: 'Owner', mayHaveRun: false } });
      expect(refused.message).toMatch(/asks to wait (60|59) s\.$/);
    }
    expect(aly.requests.calls()).toHaveLength(1);
    expect(await text(reader, 'orders_list')).toContain('orders 1 of aly');
    // A check that goes well ends the wait at once.
    aly.liftLimits();
    await world.bridge.control.accounts.check({ account: 'owner' });
    expect(await text(owner, 'orders_list')).toContain('orders 1 of aly');
  });

  test.each(['cut', 500, 502] as const)(
    'a write whose answer is lost (%s) is sent again only with an idempotency key',
    async (fault) => {
      await using stage = await startStore();
      const { aly, world } = stage;
      const client = await world.connect(door);
      await text(client, 'orders_list');
      aly.failCalls(fault);
      const keyed = { name: 'Spring', idempotency_key: 'k-1' };
      expect(await text(client, 'coupons_create', keyed)).toContain('Spring');
      expect(aly.requests.calls('coupons_create')).toHaveLength(2);
      // Even where the first attempt was carried out, there is one coupon.
      expect(JSON.parse(await text(client, 'coupons_list'))).toMatchObject({ total: 4 });
      aly.requests.clear();
      aly.failCalls(fault);
      expect(await failure(text(client, 'coupons_create', { name: 'Summer' }))).toMatchObject({
        code: -31012,
        message: expect.stringContaining('may or may not have been carried out'),
        data: { source: 'bridge', account: 'Owner', mayHaveRun: true },
      });
      expect(aly.requests.calls('coupons_create')).toHaveLength(1);
      const [logged] = await world.bridge.control.activity.list({ target: 'coupons_create' });
      expect(logged).toMatchObject({ outcome: 'unknown', code: -31012 });
    },
  );

  test('JSON-RPC errors of Aly pass with code, message and data', async () => {
    await using stage = await startStore();
    const client = await stage.world.connect(door);
    expect(await failure(text(client, 'orders_get', { id: 'orders_99' }))).toMatchObject({
      code: -32010,
      message: expect.stringContaining('There is no orders record with this id.'),
      data: { code: 'not_found' },
    });
    expect(await failure(text(client, 'orders_get'))).toMatchObject({
      code: -32602,
      data: { code: 'invalid_arguments' },
    });
    const old = await stage.world.connectOld(door);
    expect(await failure(text(old, 'orders_get', { id: 'orders_99' }))).toMatchObject({
      code: -32010,
      data: { code: 'not_found' },
    });
  });

  test('no Origin travels up, whatever the client sends', async () => {
    await using stage = await startStore();
    const { aly, world } = stage;
    const { origin } = new URL(world.bridge.url!);
    const client = door === 'http' ? await world.connectWith({ origin }) : await world.connect(door);
    expect(await text(client, 'orders_list')).toContain('orders 1 of aly');
    expect(aly.requests.all.filter(({ headers }) => headers.origin !== undefined)).toEqual([]);
  });

  test('a key of another person in the same entry starts a session of its own, unseen by the client', async () => {
    await using stage = await startStore();
    const { aly, world, keys } = stage;
    const client = await world.connect(door);
    await text(client, 'orders_list');
    aly.requests.clear();
    await world.bridge.control.accounts.rotateKey({ account: 'owner', key: keys.ownerNext });
    expect(await text(client, 'orders_list')).toContain('orders 1 of aly');
    const last = aly.requests.calls('orders_list').at(-1);
    expect(last).toMatchObject({ principal: 'owner-next' });
  });
});
