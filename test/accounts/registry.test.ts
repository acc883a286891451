import { mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AccountRegistry, type AccountsChange, viewOf } from '#bridge/accounts/registry.ts';
import { silentLog } from '#bridge/base/log.ts';
import type { AccountId } from '#contract/account.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal, refusal } from '../connectors/refusal.ts';
import { anAccount } from './an-account.ts';

async function opened(home: { path: string }): Promise<AccountRegistry> {
  return AccountRegistry.open(join(home.path, 'accounts.json'), silentLog);
}

let number = 0;
function fresh(label: string, connector = 'allv') {
  number += 1;
  return anAccount({
    id: `acc_${String(number).padStart(8, '0')}`,
    slug: label.toLowerCase().replaceAll(' ', '-'),
    label,
    connector,
  });
}

test('the first account becomes current and active; later ones only become active for a connector without one', async () => {
  await using home = await temporaryHome();
  const registry = await opened(home);
  const first = await registry.add(fresh('One'));
  await registry.add(fresh('Two'));
  const third = await registry.add(fresh('Three', 'aly'));
  expect(registry.snapshot).toMatchObject({
    current: first.id,
    active: { allv: first.id, aly: third.id },
  });
  const views = registry.snapshot.accounts.map((account) =>
    viewOf(registry.snapshot, account, { state: 'ready', text: '', action: 'none' }),
  );
  expect(views.map(({ label, current, active }) => [label, current, active])).toEqual([
    ['One', true, true],
    ['Two', false, false],
    ['Three', false, true],
  ]);
});

test('what was saved is there after the next start, readable by its owner only', async () => {
  await using home = await temporaryHome();
  const before = await opened(home);
  await before.add(fresh('One'));
  await before.add(fresh('Two'));
  await before.setCurrent(before.find('two').id);
  const after = await opened(home);
  expect(after.snapshot).toEqual(before.snapshot);
  expect((await stat(join(home.path, 'accounts.json'))).mode & 0o777).toBe(0o600);
});

test('AC-07 when the current account is removed, none is current and none takes its place', async () => {
  await using home = await temporaryHome();
  const registry = await opened(home);
  const first = await registry.add(fresh('One'));
  await registry.add(fresh('Two'));
  await registry.remove(first.id);
  expect(registry.snapshot.current).toBeNull();
  expect(registry.snapshot.active).toEqual({});
  await registry.add(fresh('Three'));
  expect(registry.snapshot.current).toBeNull();
});

test('AC-07 the short name of a removed account is never given again, because an app may still be pinned to it', async () => {
  await using home = await temporaryHome();
  const registry = await opened(home);
  const first = await registry.add(fresh('One'));
  await registry.remove(first.id);
  expect((await registry.add(fresh('One'))).slug).toBe('one-2');
  const later = await opened(home);
  await later.remove(later.find('one-2').id);
  expect((await later.add(fresh('One'))).slug).toBe('one-3');
});

test('a change is announced once, after it was saved', async () => {
  await using home = await temporaryHome();
  const registry = await opened(home);
  const seen: AccountsChange[] = [];
  using _subscription = registry.changed.on((change) => seen.push(change));
  const account = await registry.add(fresh('One'));
  await registry.update(account.id, (now) => ({ ...now, color: 'red' }));
  await registry.update(account.id, (now) => ({ ...now, color: 'red' }));
  await registry.setCurrent(account.id);
  expect(seen.map(({ before, after }) => [before.accounts[0]?.color, after.accounts[0]?.color])).toEqual([
    [undefined, 'blue'],
    ['blue', 'red'],
  ]);
  expect(seen.at(-1)?.after).toBe(registry.snapshot);
});

test('a snapshot never changes under its reader', async () => {
  await using home = await temporaryHome();
  const registry = await opened(home);
  const account = await registry.add(fresh('One'));
  const { snapshot } = registry;
  await registry.update(account.id, (now) => ({ ...now, label: 'Other' }));
  expect(snapshot.accounts[0]?.label).toBe('One');
  expect(() => Object.assign(registry.snapshot.accounts[0] ?? {}, { label: 'x' })).toThrow('read only');
});

test('AC-04 of a thousand switches in a row the last one wins', async () => {
  await using home = await temporaryHome();
  const registry = await opened(home);
  const ids: AccountId[] = [];
  for (const label of ['One', 'Two', 'Three']) ids.push((await registry.add(fresh(label))).id);
  const switches = Array.from({ length: 1000 }, (_, turn) => registry.setCurrent(ids[turn % 3]!));
  await Promise.all(switches);
  expect(registry.snapshot.current).toBe(ids[999 % 3]);
  expect(JSON.parse(await readFile(join(home.path, 'accounts.json'), 'utf8')).current).toBe(ids[999 % 3]);
});

test('HV-22 accounts added at the same moment with one label get numbers', async () => {
  await using home = await temporaryHome();
  const registry = await opened(home);
  await Promise.all([1, 2, 3].map(() => registry.add(fresh('Acme'))));
  expect(registry.snapshot.accounts.map(({ label, slug }) => [label, slug])).toEqual([
    ['Acme', 'acme'],
    ['Acme (2)', 'acme-2'],
    ['Acme (3)', 'acme-3'],
  ]);
});

test('a new label keeps the slug, and is numbered when another account has it', async () => {
  await using home = await temporaryHome();
  const registry = await opened(home);
  await registry.add(fresh('Acme'));
  const other = await registry.add(fresh('Beta'));
  const renamed = await registry.update(other.id, (now) => ({ ...now, label: 'acme' }));
  expect([renamed.label, renamed.slug]).toEqual(['acme (2)', 'beta']);
});

describe('finding an account', () => {
  test('by id, by slug and by a label only one has', async () => {
    await using home = await temporaryHome();
    const registry = await opened(home);
    const acme = await registry.add({ ...fresh('Acme Billing'), slug: anAccount({ slug: 'acme' }).slug });
    for (const name of [acme.id, 'acme', 'ACME', ' acme ', 'acme billing']) {
      expect(registry.find(name).id).toBe(acme.id);
    }
  });

  test('fails with the names there are, in at most 300 characters', async () => {
    await using home = await temporaryHome();
    const registry = await opened(home);
    expect(refusal(() => registry.find('x'), 'account-unknown')).toContain('no account yet');
    for (let index = 0; index < 12; index += 1)
      await registry.add(fresh(`workspace-of-customer-number-${index}`));
    const message = refusal(() => registry.find('x'), 'account-unknown');
    expect(message).toContain('workspace-of-customer-number-0, ');
    expect(message).toMatch(/and \d+ more\.$/);
  });

  test('fails when a label could mean two', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'accounts.json');
    const twins = [fresh('Acme'), { ...fresh('Acme'), slug: 'acme-2' }];
    await writeFile(path, JSON.stringify({ version: 1, current: null, active: {}, accounts: twins }));
    const registry = await AccountRegistry.open(path, silentLog);
    expect(registry.find('acme').id).toBe(twins[0]?.id);
    const renamed = { ...twins[0]!, slug: 'first' };
    await writeFile(
      path,
      JSON.stringify({ version: 1, current: null, active: {}, accounts: [renamed, twins[1]] }),
    );
    const other = await AccountRegistry.open(path, silentLog);
    expect(refusal(() => other.find('Acme'), 'account-unknown')).toBe(
      'Several accounts have this label. Choose one of: first, acme-2.',
    );
  });
});

describe('a file that was changed by hand', () => {
  test('with pointers to accounts that are gone chooses no account', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'accounts.json');
    const account = fresh('One');
    await writeFile(
      path,
      JSON.stringify({
        version: 1,
        current: 'acc_99999999',
        active: { allv: 'acc_99999999', aly: account.id },
        accounts: [account],
      }),
    );
    const { snapshot } = await AccountRegistry.open(path, silentLog);
    expect(snapshot).toMatchObject({ current: null, active: {} });
  });

  test('with one slug twice keeps both accounts apart', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'accounts.json');
    const accounts = [fresh('Acme'), fresh('Acme')];
    await writeFile(path, JSON.stringify({ version: 1, current: null, active: {}, accounts }));
    const { snapshot } = await AccountRegistry.open(path, silentLog);
    expect(snapshot.accounts.map(({ slug }) => slug)).toEqual(['acme', 'acme-2']);
  });

  test.each([
    '',
    '{',
    '[]',
    'null',
    '{"version":1}',
    '{"version":1,"current":null,"active":{},"accounts":[{}]}',
  ])('FS-01 that is no list of accounts (%j) is set aside and not overwritten', async (text) => {
    await using home = await temporaryHome();
    const path = join(home.path, 'accounts.json');
    await writeFile(path, text);
    const registry = await AccountRegistry.open(path, silentLog);
    expect(registry.snapshot.accounts).toEqual([]);
    expect(await readFile(registry.setAside ?? '', 'utf8')).toBe(text);
  });
});

test('FS-02 FS-03 a change that cannot be saved did not happen', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'accounts.json');
  const registry = await opened(home);
  await registry.add(fresh('One'));
  const { snapshot } = registry;
  const seen: AccountsChange[] = [];
  using _subscription = registry.changed.on((change) => seen.push(change));
  await rm(path);
  await mkdir(path);
  await laterRefusal(() => registry.add(fresh('Two')), 'storage');
  expect(registry.snapshot).toBe(snapshot);
  expect(seen).toEqual([]);
  await rmdir(path);
  await registry.add(fresh('Three'));
  expect((await opened(home)).snapshot.accounts.map(({ label }) => label)).toEqual(['One', 'Three']);
});
