import { describe, expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { signInAs } from '../sign-in/person.ts';
import { startAly } from '../workspaces/aly.ts';
import { doors, failure, startWorld, text } from './world.ts';

/** An Aly whose metadata names fewer scopes than its tools need, with an account by key and one by sign-in. */
async function startStore() {
  await using starting = new AsyncDisposableStack();
  const key = canary('aly');
  const aly = starting.use(
    await startAly({
      keys: [{ key, label: 'owner', scopes: ['*'] }],
      publishedScopes: ['read:orders', 'read:content'],
    }),
  );
  const world = starting.use(await startWorld());
  await world.add({ connector: 'aly', label: 'By key', url: aly.url, key });
  await world.add({ connector: 'aly', label: 'By sign-in', url: aly.url, signIn: 'oauth' });
  const { control } = world.bridge;
  const running = starting.move();
  return { aly, world, control, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

describe.each(doors)('Aly by %s', (door) => {
  test('an account by key and one by sign-in stand side by side', async () => {
    await using stage = await startStore();
    const { last } = await signInAs(stage.control, 'by-sign-in', { choose: { email: 'ann@example.com' } });
    expect(last).toMatchObject({ step: 'done' });
    for (const address of ['by-key', 'by-sign-in']) {
      const client = await stage.world.connect(door, address);
      expect(await text(client, 'orders_list')).toContain('orders 1 of aly');
    }
    expect(stage.aly.requests.all.filter(({ principal }) => principal === 'owner').length).toBeGreaterThan(0);
    // A key account starts no sign-in, whatever metadata the workspace has.
    expect(stage.aly.oauth.requests.tokens()).toHaveLength(1);
  });

  test('a missing scope is named, offered, and granted by signing in once more', async () => {
    await using stage = await startStore();
    await signInAs(stage.control, 'by-sign-in', { choose: { email: 'ann@example.com' } });
    const client = await stage.world.connect(door, 'by-sign-in');
    const call = () => text(client, 'orders_update', { id: 'orders_1', note: 'x' });
    const refused = await failure(call());
    expect(refused).toMatchObject({ code: -31004, data: { source: 'bridge', scope: 'write:orders' } });
    expect(refused.message).toContain('lacks the permission write:orders');
    expect(refused.message).toContain('gangway login by-sign-in');
    const account = async () =>
      (await stage.control.accounts.list()).find(({ slug }) => slug === 'by-sign-in');
    expect((await account())?.condition).toMatchObject({
      state: 'ready',
      action: 'sign-in',
      wider: 'write:orders',
    });
    expect(await stage.control.signIn.list()).toHaveLength(1);

    const wider = await signInAs(stage.control, 'by-sign-in', { choose: { email: 'ann@example.com' } });
    expect(wider.last.step).toBe('done');
    expect((await account())?.grant?.scope?.split(' ').sort()).toEqual(
      expect.arrayContaining(['read:content', 'read:orders', 'write:orders']),
    );
    expect((await account())?.condition).toEqual({ state: 'ready', text: '', action: 'none' });
    await expect(call()).resolves.toBeTypeOf('string');
  });
});
