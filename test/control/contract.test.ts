import { expect, test } from 'vitest';
import type { BridgeOptions } from '#bridge/bridge.ts';
import { type ControlClient, clientOver } from '#bridge/control/client.ts';
import type { SnapshotChange } from '#contract/control.ts';
import type { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { startPlain } from '../workspaces/plain.ts';
import { freshPaths, linkTo, reachOwner, startOwner } from './an-owner.ts';

/** A bridge and two clients of its contract: one in its process, one over the local socket. */
async function bothWays(change: Partial<BridgeOptions> = {}) {
  await using starting = new AsyncDisposableStack();
  const paths = await freshPaths();
  const bridge = starting.use(await startOwner(paths, change));
  const owner = starting.use(reachOwner(paths));
  const running = starting.move();
  return {
    paths,
    bridge,
    ways: { 'in the same process': bridge.control, 'over the local socket': owner.client },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const WAYS = ['in the same process', 'over the local socket'] as const;

const refusal = (running: Promise<unknown>): Promise<BridgeError> =>
  running.then(
    () => Promise.reject(new Error('It was expected to fail.')),
    (error: unknown) => error as BridgeError,
  );

async function addPlain(control: ControlClient, url: string, label: string) {
  return control.accounts.add({ connector: 'custom', url, label, ownNetwork: true, signIn: 'none' });
}

test.each(WAYS)('adding, using, changing and removing an account works %s', async (way) => {
  await using world = await bothWays();
  await using workspace = await startPlain();
  const control = world.ways[way];
  const added = await addPlain(control, workspace.url, 'Acme');
  expect(added.account).toMatchObject({ slug: 'acme', current: true, active: true, state: 'ready' });
  expect(added.account.identity?.tools).toBeGreaterThan(0);
  const second = await addPlain(control, workspace.url, 'Beta');
  expect(second.account.current).toBe(false);
  const switched = await control.accounts.use({ account: 'Beta' });
  expect(switched).toMatchObject({
    account: { slug: 'beta', current: true },
    following: [],
    notAffected: [],
  });
  const changed = await control.accounts.update({
    account: 'beta',
    label: 'Gamma',
    rules: { readOnly: true, allow: ['echo'] },
  });
  expect(changed).toMatchObject({ slug: 'beta', label: 'Gamma', rules: { readOnly: true, allow: ['echo'] } });
  const freed = await control.accounts.update({ account: 'beta', rules: { allow: null } });
  expect(freed.rules).toEqual({ readOnly: true, deny: [] });
  expect((await control.accounts.check({ account: 'beta' })).account.state).toBe('ready');
  expect(await control.accounts.remove({ account: 'beta' })).toMatchObject({
    removed: { slug: 'beta' },
    openSessions: 0,
  });
  expect((await control.accounts.list()).map(({ slug, current }) => ({ slug, current }))).toEqual([
    { slug: 'acme', current: false },
  ]);
});

test.each(WAYS)('failures are BridgeErrors with the same code, message and details %s', async (way) => {
  await using world = await bothWays();
  const control = world.ways[way];
  expect(await refusal(control.accounts.use({ account: 'nobody' }))).toMatchObject({
    name: 'BridgeError',
    code: 'account-unknown',
    message: 'There is no account yet. Add one first.',
  });
  expect(await refusal(control.settings.set({ port: 1 }))).toMatchObject({
    name: 'BridgeError',
    code: 'invalid-input',
  });
});

test.each(WAYS)('a key replaced in place is tried first and never comes back %s', async (way) => {
  await using world = await bothWays();
  const [first, second, wrong] = [canary('generic'), canary('generic'), canary('generic')];
  await using workspace = await startPlain({ tokens: { first, second } });
  const control = world.ways[way];
  const { account } = await control.accounts.add({
    connector: 'custom',
    url: workspace.url,
    label: 'Keyed',
    ownNetwork: true,
    key: first,
  });
  const refused = await refusal(control.accounts.rotateKey({ account: account.slug, key: wrong }));
  expect(refused.code).toBe('sign-in-needed');
  expect(workspace.requests.all.at(-1)?.principal).toBeUndefined();
  expect((await control.accounts.check({ account: account.slug })).account.state).toBe('ready');
  const rotated = await control.accounts.rotateKey({ account: account.slug, key: second });
  expect(JSON.stringify(rotated)).not.toContain(second);
  expect(workspace.requests.all.at(-1)?.principal).toBe('second');
});

test.each(WAYS)('watch sends the whole snapshot and then what changed %s', async (way) => {
  await using world = await bothWays();
  const control = world.ways[way];
  const leaving = new AbortController();
  const changes = await control.watch(undefined, { signal: leaving.signal });
  const next = async (): Promise<SnapshotChange> => (await changes.next()).value as SnapshotChange;
  expect(Object.keys(await next()).sort()).toEqual([
    'accounts',
    'clients',
    'knownClients',
    'recent',
    'sessions',
    'settings',
    'signIns',
    'status',
  ]);
  await control.pause();
  expect(await next()).toMatchObject({ status: { paused: true }, settings: { paused: true } });
  await control.settings.set({ activityDays: 7 });
  const change = await next();
  expect(Object.keys(change)).toEqual(['settings']);
  expect(change.settings?.activityDays).toBe(7);
  const last = changes.next();
  leaving.abort();
  expect((await last).done).toBe(true);
});

test.each(WAYS)('a pause may have an end, which everybody is told %s', async (way) => {
  await using world = await bothWays();
  const control = world.ways[way];
  const earliest = Date.now() + 15 * 60_000;
  const { paused, pausedUntil } = await control.pause({ minutes: 15 });
  const end = Date.parse(pausedUntil ?? '');
  expect(paused).toBe(true);
  expect(end).toBeGreaterThanOrEqual(earliest);
  expect(end).toBeLessThanOrEqual(Date.now() + 15 * 60_000);
  expect(await control.status()).toMatchObject({ paused: true, pausedUntil });
  expect(await control.settings.get()).toMatchObject({ paused: true, pausedUntil });
  expect(await control.pause()).toMatchObject({ paused: true, pausedUntil: null });
  await control.pause({ minutes: 1 });
  expect(await control.resume()).toMatchObject({ paused: false, pausedUntil: null });
  expect(await control.settings.get()).not.toHaveProperty('pausedUntil');
  for (const minutes of [0, 1.5, 1441]) {
    expect((await refusal(control.pause({ minutes }))).code).toBe('invalid-input');
  }
});

test.each(WAYS)('a vault sealed with a passphrase opens once it is given %s', async (way) => {
  await using world = await bothWays({ vault: 'passphrase' });
  const control = world.ways[way];
  const passphrase = canary('generic');
  const state = async () => (await control.status()).vault;
  expect(await refusal(control.vault.open())).toMatchObject({ code: 'vault-locked' });
  expect(await state()).toEqual({ kind: 'passphrase', state: 'locked' });
  expect((await refusal(control.vault.open({ passphrase: 'short' }))).code).toBe('invalid-input');
  expect(await control.vault.open({ passphrase })).toMatchObject({ vault: { state: 'ready' } });
  expect(await control.vault.open()).toMatchObject({ vault: { state: 'ready' } });
  expect(await state()).toEqual({ kind: 'passphrase', state: 'ready' });
});

test.each(WAYS)('any other vault refuses a passphrase %s', async (way) => {
  await using world = await bothWays();
  const control = world.ways[way];
  expect(await refusal(control.vault.open({ passphrase: canary('generic') }))).toMatchObject({
    code: 'invalid-input',
    message: 'The saved sign-ins here are not sealed with a passphrase. Leave it out.',
  });
  expect(await control.vault.open()).toMatchObject({ vault: { kind: 'memory', state: 'ready' } });
});

test('leaving a watch by a break tells the owner', async () => {
  await using world = await bothWays();
  const control = world.ways['over the local socket'];
  for await (const change of await control.watch()) {
    expect(change.status).toBeDefined();
    break;
  }
  expect((await control.status()).version).toBe('1.2.3');
});

test('a guest that speaks no oRPC is shown the door, and nobody else notices', async () => {
  await using world = await bothWays();
  const odd = [
    'no json',
    '{}',
    '{"i":"1"}',
    '{"i":1,"p":{"u":"/status"}}',
    '{"i":"1","p":{"u":"http://elsewhere.example/status"}}',
    '{"i":"1","p":{"u":"/status","h":{"content-type":"multipart/form-data"}}}',
    '{"i":"1","t":3,"p":{"e":"message"}}',
    '{"i":"1","p":{"u":"/__proto__/toString"}}',
  ];
  for (const text of odd) {
    const guest = await linkTo(world.paths);
    guest.port.postMessage(text);
    await guest.port.closed;
  }
  expect((await world.ways['over the local socket'].status()).version).toBe('1.2.3');
});

test('a call nobody knows is refused as wrong input', async () => {
  await using world = await bothWays();
  using link = await linkTo(world.paths);
  const strange = clientOver(link) as unknown as { accounts: { steal(): Promise<unknown> } };
  expect((await refusal(strange.accounts.steal())).code).toBe('invalid-input');
});
