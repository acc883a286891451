import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type AccountCheck, Accounts } from '#bridge/accounts/accounts.ts';
import { AccountRegistry } from '#bridge/accounts/registry.ts';
import { silentLog } from '#bridge/base/log.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { Authorizer } from '#bridge/credentials/authorizer.ts';
import { MemoryVault } from '#bridge/vault/memory.ts';
import type { Account } from '#contract/account.ts';
import type { NewAccount } from '#contract/control.ts';
import { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal } from '../connectors/refusal.ts';

const signal = new AbortController().signal;

/** Accounts in a folder of their own. The check notes the headers it would send, and fails after `refuseAll()`. */
async function startedAccounts() {
  const home = await temporaryHome();
  const path = join(home.path, 'accounts.json');
  const registry = await AccountRegistry.open(path, silentLog);
  const vault = new MemoryVault();
  const authorizer = new Authorizer({
    load: (id, inner) => vault.load(id, inner),
    save: (id, record, inner) => vault.save(id, record, inner),
    forget: (id, inner) => vault.forget(id, inner),
    redactor: new Redactor(),
  });
  const checked: Record<string, string>[] = [];
  let refusing = false;
  const check = async (account: Account, inner: AbortSignal): Promise<AccountCheck> => {
    const headers = await authorizer.headers(account, inner);
    checked.push(headers);
    if (refusing) throw new BridgeError('sign-in-needed', 'The workspace refused the key.');
    const identity = {
      server: 'sample',
      summary: `as ${headers['x-allv-user-email'] ?? 'nobody'}`,
      tools: 3,
      protocolVersion: '2025-11-25',
      checkedAt: '2026-11-21T10:00:00.000Z',
    };
    return { identity, notes: ['The workspace answered.'] };
  };
  const now = (): Date => new Date('2026-11-21T10:00:00Z');
  return {
    path,
    registry,
    vault,
    authorizer,
    checked,
    accounts: new Accounts({
      registry,
      authorizer,
      check,
      conditionOf: ({ state }) => ({ state, text: '', action: 'none' }),
      endGrant: async (account, inner) => {
        await authorizer.forget(account.id, inner);
        return { revocation: 'impossible' };
      },
      takeBack: () => undefined,
      now,
      log: silentLog,
    }),
    refuseAll: () => {
      refusing = true;
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

const member = (change: Partial<NewAccount> = {}): NewAccount => ({
  connector: 'allv',
  workspace: 'ws_1',
  user: 'a@x.com',
  label: 'Ops',
  key: canary('allv'),
  ...change,
});

describe('adding an account', () => {
  test('checks it as it will be used, then keeps the secret in the vault and the rest in the list', async () => {
    await using world = await startedAccounts();
    const entered = member();
    const { account, notes } = await world.accounts.add(entered, signal);
    expect(account).toMatchObject({
      label: 'Ops',
      current: true,
      active: true,
      identity: { summary: 'as a@x.com', tools: 3 },
    });
    expect(notes).toEqual(['The workspace answered.']);
    expect(world.checked.map((headers) => Object.keys(headers))).toEqual([
      ['x-allv-user-email', 'authorization'],
    ]);
    const stored = await world.vault.load(account.id, signal);
    expect(stored?.key === entered.key).toBe(true);
    expect((await readFile(world.path, 'utf8')).includes(entered.key ?? '-')).toBe(false);
  });

  test('RD-04 an account and its views print without the secret', async () => {
    await using world = await startedAccounts();
    const entered = member();
    const added = await world.accounts.add(entered, signal);
    const text = inspect([added, world.accounts, world.registry.snapshot], { depth: 20, showHidden: true });
    expect(text.includes(entered.key ?? '-')).toBe(false);
  });

  test('stores nothing when the check fails', async () => {
    await using world = await startedAccounts();
    world.refuseAll();
    await laterRefusal(() => world.accounts.add(member(), signal), 'sign-in-needed');
    expect(world.registry.snapshot.accounts).toEqual([]);
    expect(await world.vault.list()).toEqual([]);
  });

  test('without a check stores it all the same', async () => {
    await using world = await startedAccounts();
    world.refuseAll();
    const { account } = await world.accounts.add(member({ check: false }), signal);
    expect(account.identity).toBeUndefined();
    expect(world.checked).toEqual([]);
  });

  test('takes the secret out of the vault again when the list cannot be saved', async () => {
    await using world = await startedAccounts();
    await mkdir(world.path);
    await laterRefusal(() => world.accounts.add(member(), signal), 'storage');
    expect(await world.vault.list()).toEqual([]);
    await rm(world.path, { recursive: true });
    expect((await world.accounts.add(member(), signal)).account.current).toBe(true);
  });

  test('that was given up while it was checked stores nothing', async () => {
    await using world = await startedAccounts();
    const leaving = new AbortController();
    const adding = world.accounts.add(member(), leaving.signal);
    leaving.abort();
    await expect(adding).rejects.toThrow('aborted');
    expect(world.registry.snapshot.accounts).toEqual([]);
    expect(await world.vault.list()).toEqual([]);
  });

  test('HV-01 is refused before anything is sent or stored', async () => {
    await using world = await startedAccounts();
    const key = `${canary('allv')}\r\nX-Evil: 1`;
    await laterRefusal(() => world.accounts.add(member({ key }), signal));
    expect(world.checked).toEqual([]);
    expect(await world.vault.list()).toEqual([]);
  });

  test('HV-23 the same key, address and user twice is said and allowed', async () => {
    await using world = await startedAccounts();
    const key = canary('allv');
    await world.accounts.add(member({ key }), signal);
    const other = await world.accounts.add(member({ key, user: 'b@x.com' }), signal);
    const twin = await world.accounts.add(member({ key }), signal);
    expect(other.notes.join()).not.toContain('same address');
    expect(twin.notes).toContain('Warning: Ops has the same address and key.');
    expect(world.registry.snapshot.accounts).toHaveLength(3);
  });

  test('AC-11 a token of one tenant is not taken for another', async () => {
    await using world = await startedAccounts();
    const key = canary('sanctum');
    await world.accounts.add({ connector: 'allegro', url: 'acme.example.com', key }, signal);
    const message = await laterRefusal(() =>
      world.accounts.add({ connector: 'allegro', url: 'beta.example.com', key }, signal),
    );
    expect(message).toContain('This token belongs to acme.example.com');
    const other = canary('sanctum');
    await world.accounts.add({ connector: 'allegro', url: 'beta.example.com', key: other }, signal);
    const rotating = (): Promise<unknown> =>
      world.accounts.rotateKey('allegro-beta-example-com', key, true, signal);
    expect(await laterRefusal(rotating)).toContain('This token belongs to acme.example.com');
  });
});

describe('replacing a key', () => {
  test('tries the new key apart, then uses it', async () => {
    await using world = await startedAccounts();
    const { account } = await world.accounts.add(member(), signal);
    const next = canary('allv');
    const { account: rotated } = await world.accounts.rotateKey('ops', `Bearer ${next}`, true, signal);
    expect(rotated.id).toBe(account.id);
    expect((await world.authorizer.headers(rotated, signal)).authorization === `Bearer ${next}`).toBe(true);
    expect((await world.vault.list()).length).toBe(1);
  });

  test('keeps the old key when the workspace refuses the new one', async () => {
    await using world = await startedAccounts();
    const entered = member();
    const { account } = await world.accounts.add(entered, signal);
    world.refuseAll();
    await laterRefusal(() => world.accounts.rotateKey('ops', canary('allv'), true, signal), 'sign-in-needed');
    const headers = await world.authorizer.headers(account, signal);
    expect(headers.authorization === `Bearer ${entered.key}`).toBe(true);
    expect(world.registry.snapshot.accounts).toMatchObject([{ state: 'ready' }]);
  });

  test('keeps secret headers and heals an account that needed a sign-in', async () => {
    await using world = await startedAccounts();
    const gate = canary('generic');
    const { account } = await world.accounts.add(
      {
        connector: 'custom',
        label: 'Docs',
        url: 'https://docs.example/mcp',
        key: canary('bearer'),
        secretHeaders: { 'x-gate': gate },
      },
      signal,
    );
    await world.accounts.signInNeeded(account.id, 'refused');
    const { account: healed } = await world.accounts.rotateKey('docs', canary('bearer'), true, signal);
    expect(healed.state).toBe('ready');
    expect((await world.authorizer.headers(healed, signal))['x-gate'] === gate).toBe(true);
  });

  test('is refused for an account without a key, and says when nothing changed', async () => {
    await using world = await startedAccounts();
    await world.accounts.add({ connector: 'custom', label: 'Open', url: 'https://open.example/mcp' }, signal);
    expect(
      await laterRefusal(() => world.accounts.rotateKey('open', canary('bearer'), true, signal)),
    ).toContain('without a key');
    const entered = member();
    await world.accounts.add(entered, signal);
    const { notes } = await world.accounts.rotateKey('ops', entered.key ?? '', false, signal);
    expect(notes).toContain('This is the key that was stored already.');
  });
});

describe('checking an account again', () => {
  test('AC-10 a refused credential makes it need a sign-in, and then it cannot be switched to', async () => {
    await using world = await startedAccounts();
    await world.accounts.add(member(), signal);
    await world.accounts.add(member({ label: 'Other' }), signal);
    world.refuseAll();
    await laterRefusal(() => world.accounts.check('other', signal), 'sign-in-needed');
    const before = world.registry.snapshot;
    expect(world.registry.find('other').state).toBe('sign-in-needed');
    await laterRefusal(() => world.accounts.use('other'), 'sign-in-needed');
    expect(world.registry.snapshot).toBe(before);
  });

  test('learns who we are now', async () => {
    await using world = await startedAccounts();
    await world.accounts.add(member({ check: false }), signal);
    const { account, notes } = await world.accounts.check('ops', signal);
    expect(account.identity?.summary).toBe('as a@x.com');
    expect(notes).toEqual(['The workspace answered.']);
  });
});

describe('changing an account', () => {
  test('using it makes it current, and active for its connector', async () => {
    await using world = await startedAccounts();
    await world.accounts.add(member(), signal);
    await world.accounts.add(member({ label: 'Other' }), signal);
    expect(await world.accounts.use('Other')).toMatchObject({ current: true, active: true });
    expect(world.accounts.list().map(({ label, current }) => [label, current])).toEqual([
      ['Ops', false],
      ['Other', true],
    ]);
  });

  test('acting as another member wins over the chosen one until it ends', async () => {
    await using world = await startedAccounts();
    await world.accounts.add(member(), signal);
    const acting = await world.accounts.actAs('ops', 'usr_2');
    expect(acting.actingAs).toEqual({ by: 'id', value: 'usr_2' });
    const { authorization: _, ...headers } = await world.authorizer.headers(
      world.registry.find('ops'),
      signal,
    );
    expect(headers).toEqual({ 'x-allv-user-id': 'usr_2' });
    expect(await world.accounts.actAs('ops', null)).not.toHaveProperty('actingAs');
  });

  test('the members chosen are remembered, the latest first, each once and five at most', async () => {
    await using world = await startedAccounts();
    const { account } = await world.accounts.add(member(), signal);
    expect(account.recentUsers).toEqual([]);
    const chosen = async (...users: (string | null)[]): Promise<string[]> => {
      for (const user of users) await world.accounts.actAs('ops', user);
      return world.registry.find('ops').recentUsers.map(({ value }) => value);
    };
    expect(await chosen('usr_1', 'usr_2', null)).toEqual(['usr_2', 'usr_1']);
    expect(await chosen('usr_1')).toEqual(['usr_1', 'usr_2']);
    expect(await chosen('a@x.com')).toEqual(['usr_1', 'usr_2']);
    expect(await chosen('b@x.com', 'usr_3', 'usr_4', 'usr_5')).toEqual([
      'usr_5',
      'usr_4',
      'usr_3',
      'b@x.com',
      'usr_1',
    ]);
    await laterRefusal(() => world.accounts.actAs('ops', 'no spaces'));
    expect(await chosen()).toHaveLength(5);
    const again = await AccountRegistry.open(world.path, silentLog);
    expect(again.find('ops').recentUsers).toEqual(world.registry.find('ops').recentUsers);
  });

  test('rules change one by one, and an allow list can be taken away', async () => {
    await using world = await startedAccounts();
    await world.accounts.add(member(), signal);
    await world.accounts.update('ops', { rules: { allow: ['a'], deny: ['b'] } });
    const restricted = await world.accounts.update('ops', { rules: { readOnly: true } });
    expect(restricted.rules).toEqual({ readOnly: true, allow: ['a'], deny: ['b'] });
    const open = await world.accounts.update('ops', { rules: { allow: null } });
    expect(open.rules).toEqual({ readOnly: true, deny: ['b'] });
  });

  test('HV-22 a new label is cleaned, and must show something', async () => {
    await using world = await startedAccounts();
    await world.accounts.add(member(), signal);
    const updated = await world.accounts.update('ops', { label: ' New\nname ', color: 'red' });
    expect(updated).toMatchObject({ label: 'New name', slug: 'ops', color: 'red' });
    await laterRefusal(() => world.accounts.update('ops', { label: '\u200b' }));
  });
});

describe('removing an account', () => {
  test('AC-07 takes its secret along and leaves no account in its place', async () => {
    await using world = await startedAccounts();
    const { account } = await world.accounts.add(member(), signal);
    await world.accounts.add(member({ label: 'Other' }), signal);
    expect((await world.accounts.remove('ops', signal)).removed.id).toBe(account.id);
    expect(await world.vault.list()).toHaveLength(1);
    expect(world.registry.snapshot).toMatchObject({ current: null, active: {} });
    await laterRefusal(() => world.authorizer.headers(account, signal), 'sign-in-needed');
    await world.accounts.signInNeeded(account.id, 'refused');
    await laterRefusal(() => world.accounts.remove('ops', signal), 'account-unknown');
  });

  test('at the same moment as its key is replaced leaves no secret behind', async () => {
    await using world = await startedAccounts();
    await world.accounts.add(member(), signal);
    await Promise.allSettled([
      world.accounts.rotateKey('ops', canary('allv'), true, signal),
      world.accounts.remove('ops', signal),
      world.accounts.rotateKey('ops', canary('allv'), true, signal),
    ]);
    expect(world.registry.snapshot.accounts).toEqual([]);
    expect(await world.vault.list()).toEqual([]);
  });
});
