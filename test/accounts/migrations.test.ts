import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { migrations } from '#bridge/accounts/migrations.ts';
import { AccountRegistry, AccountsDocument } from '#bridge/accounts/registry.ts';
import { silentLog } from '#bridge/base/log.ts';
import { ConnectorId } from '#contract/connector.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { anAccount } from './an-account.ts';

const version0 = {
  version: 0,
  active: 'acc_bbbbbbbb',
  accounts: [
    {
      id: 'acc_aaaaaaaa',
      slug: 'acme',
      connector: 'allv',
      label: 'Acme',
      url: 'https://agent.allv.ai/api/workspaces/ws_1/mcp',
      keyHeader: 'X-Api-Key',
      userEmail: 'a@acme.example',
      createdAt: '2026-01-01T00:00:00.000Z',
    },
    {
      id: 'acc_bbbbbbbb',
      slug: 'beta',
      connector: 'allv',
      label: 'Beta',
      url: 'https://agent.allv.ai/api/workspaces/ws_2/mcp',
      keyHeader: 'Authorization',
      userId: 'usr_1',
      userEmail: 'b@beta.example',
      readOnly: true,
      createdAt: '2026-01-02T00:00:00.000Z',
    },
    {
      id: 'acc_cccccccc',
      slug: 'docs',
      connector: 'custom',
      label: 'Docs',
      url: 'https://docs.example/mcp',
      createdAt: '2026-01-03T00:00:00.000Z',
    },
  ],
};

test('pins: the list of accounts is at version 4', () => {
  expect(migrations).toHaveLength(4);
});

test('version 0 is lifted to version 4, and the old file is kept', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'accounts.json');
  await writeFile(path, JSON.stringify(version0));
  const registry = await AccountRegistry.open(path, silentLog);
  expect(registry.setAside).toBeUndefined();
  const { current, active, accounts } = registry.snapshot;
  expect({ current, active }).toEqual({
    current: 'acc_bbbbbbbb',
    active: { allv: 'acc_bbbbbbbb', custom: 'acc_cccccccc' },
  });
  expect(accounts.map(({ upstream, signIn, user, rules }) => ({ upstream, signIn, user, rules }))).toEqual([
    {
      upstream: { kind: 'http', url: 'https://agent.allv.ai/api/workspaces/ws_1/mcp' },
      signIn: { kind: 'key', header: 'x-api-key' },
      user: { by: 'email', value: 'a@acme.example' },
      rules: { readOnly: false, deny: [] },
    },
    {
      upstream: { kind: 'http', url: 'https://agent.allv.ai/api/workspaces/ws_2/mcp' },
      signIn: { kind: 'key', header: 'authorization' },
      user: { by: 'id', value: 'usr_1' },
      rules: { readOnly: true, deny: [] },
    },
    {
      upstream: { kind: 'http', url: 'https://docs.example/mcp' },
      signIn: { kind: 'none' },
      user: undefined,
      rules: { readOnly: false, deny: [] },
    },
  ]);
  expect(accounts.map(({ recentUsers }) => recentUsers)).toEqual([[], [], []]);
  expect(JSON.parse(await readFile(`${path}.v0`, 'utf8'))).toEqual(version0);
});

test('version 2 is lifted to version 4 and keeps everything; nobody has been chosen or removed yet', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'accounts.json');
  const { recentUsers: _, ...account } = anAccount({ actingAs: { by: 'id', value: 'usr_2' } });
  const version2 = { version: 2, current: account.id, active: { allv: account.id }, accounts: [account] };
  await writeFile(path, JSON.stringify(version2));
  const registry = await AccountRegistry.open(path, silentLog);
  expect(registry.setAside).toBeUndefined();
  expect(registry.snapshot).toEqual({
    current: account.id,
    active: { allv: account.id },
    accounts: [{ ...account, recentUsers: [] }],
    retired: [],
  });
  expect(JSON.parse(await readFile(`${path}.v2`, 'utf8'))).toEqual(version2);
});

test('a version 0 file that makes no sense is set aside, not guessed at', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'accounts.json');
  await writeFile(path, JSON.stringify({ version: 0, active: 7, accounts: 'none' }));
  const registry = await AccountRegistry.open(path, silentLog);
  expect(registry.snapshot.accounts).toEqual([]);
  expect(registry.setAside).toContain('accounts.json.corrupt-');
});

test('a file of a newer Gangway is refused and left untouched', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'accounts.json');
  const newer = JSON.stringify({ version: 5, somethingNew: true });
  await writeFile(path, newer);
  expect(await laterRefusal(() => AccountRegistry.open(path, silentLog), 'newer-file')).toContain(
    'newer Gangway',
  );
  expect(await readFile(path, 'utf8')).toBe(newer);
});

const word = fc.stringMatching(/^[a-z0-9]{8,20}$/);
const oldAccount = fc.record(
  {
    id: word.map((text) => `acc_${text}`),
    slug: word,
    connector: fc.constantFrom(...ConnectorId.options),
    label: word,
    url: fc.webUrl(),
    keyHeader: fc.constantFrom('Authorization', 'X-Api-Key'),
    userId: word,
    userEmail: fc.emailAddress({ size: 'small' }).filter((address) => address.length < 255),
    readOnly: fc.boolean(),
    createdAt: fc.constant('2026-01-01T00:00:00.000Z'),
  },
  { requiredKeys: ['id', 'slug', 'connector', 'label', 'url', 'createdAt'] },
);
const oldDocument = fc.uniqueArray(oldAccount, { selector: ({ id }) => id, maxLength: 8 }).chain((accounts) =>
  fc.record({
    active: fc.constantFrom(null, ...accounts.map(({ id }) => id)),
    accounts: fc.constant(accounts),
  }),
);

test('every valid version 0 document becomes a valid version 4 document that loses no account', async () => {
  await fc.assert(
    fc.property(oldDocument, (old) => {
      const before = structuredClone(old);
      const lifted = migrations.reduce((document, lift) => lift(document), old as Record<string, unknown>);
      expect(old).toEqual(before);
      const document = AccountsDocument.parse(lifted);
      expect(document.accounts.map(({ id }) => id as string)).toEqual(old.accounts.map(({ id }) => id));
      expect(document.current as string | null).toBe(old.active);
      expect(new Set(Object.keys(document.active))).toEqual(
        new Set(old.accounts.map(({ connector }) => connector)),
      );
    }),
  );
});

test('a lifted file reads the same the second time', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'accounts.json');
  await writeFile(path, JSON.stringify(version0));
  const first = await AccountRegistry.open(path, silentLog);
  await first.setActive(first.find('acme').id);
  const second = await AccountRegistry.open(path, silentLog);
  expect(second.snapshot).toEqual(first.snapshot);
});
