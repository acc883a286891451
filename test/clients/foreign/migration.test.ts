import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { draftAccount } from '#bridge/accounts/draft.ts';
import { Secret } from '#bridge/base/secret.ts';
import { recogniseEntry } from '#bridge/client-parts.ts';
import { type FoundEntry, findForeign } from '#bridge/clients/foreign/foreign.ts';
import { addMigrated, migrate } from '#bridge/clients/foreign/migration.ts';
import { cursor } from '#bridge/clients/known/editors.ts';
import { thisSystem } from '#bridge/clients/known/system.ts';
import { secretsOf } from '#bridge/credentials/credential.ts';
import { AccountId } from '#contract/account.ts';
import type { NewAccount } from '#contract/control.ts';
import { canary } from '../../canary/canary.ts';
import { allowSecrets, collect, collectError } from '../../canary/collect.ts';
import { temporaryHome } from '../../canary/home.ts';
import { startWorld, text, type World } from '../../flows/world.ts';
import { startPlain } from '../../workspaces/plain.ts';

const url = 'https://mcp.acme.example/mcp';
const NEVER = new AbortController().signal;

interface Given {
  readonly entry?: string;
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly oauth?: boolean;
  readonly sse?: boolean;
}

function found({
  entry = 'acme',
  address = url,
  headers = {},
  oauth = false,
  sse = false,
}: Given): FoundEntry {
  return {
    id: '0'.repeat(32),
    client: 'cursor',
    path: '/home/ada/.cursor/mcp.json',
    entry,
    url: address,
    host: 'mcp.acme.example',
    by: 'address',
    headers: Object.keys(headers),
    oauth,
    account: null,
    address: new Secret(address),
    sent: Object.entries(headers).map(([name, value]) => [name, new Secret(value)]),
    sse,
    sha256: '0'.repeat(64),
  };
}

/** What the bridge makes of what an entry became. */
function drafted(given: Given) {
  const { account } = migrate(found(given), recogniseEntry);
  return draftAccount(account, { id: AccountId.parse('acc_00000000'), now: new Date(0), accounts: [] });
}

describe('an entry becomes an account that the bridge takes', () => {
  test('with its key, under its name', () => {
    const key = canary('bearer');
    const { account, notes } = migrate(
      found({ headers: { Authorization: `Bearer ${key}` } }),
      recogniseEntry,
    );
    expect(account).toEqual({
      connector: 'custom',
      ownNetwork: false,
      url,
      label: 'acme',
      signIn: 'key',
      key,
      headers: {},
      secretHeaders: {},
    });
    expect(notes).toEqual([]);
    const draft = drafted({ headers: { Authorization: `Bearer ${key}` } });
    expect(draft.account).toMatchObject({ label: 'acme', signIn: { kind: 'key', header: 'authorization' } });
    collect('the account that is stored', JSON.stringify(draft.account));
  });

  test('under another name, if the person wants', () => {
    expect(migrate(found({}), recogniseEntry, 'Acme Billing').account.label).toBe('Acme Billing');
  });

  test('of the kind of workspace that its address or its key shows', () => {
    const allv = { 'x-api-key': canary('allv'), 'x-allv-user-email': 'ada@acme.example' };
    expect(
      drafted({ address: 'https://agent.allv.ai/api/workspaces/w1/mcp', headers: allv }).account,
    ).toMatchObject({
      connector: 'allv',
      signIn: { kind: 'key', header: 'x-api-key' },
      user: { by: 'email', value: 'ada@acme.example' },
      headers: {},
      secretHeaders: [],
    });
    const allegro = { Authorization: `Bearer ${canary('sanctum')}` };
    expect(drafted({ address: 'https://acme.example.com/mcp', headers: allegro }).account).toMatchObject({
      connector: 'allegro',
      upstream: { kind: 'http', url: 'https://acme.example.com/mcp' },
    });
    const stripe = { Authorization: `Bearer ${canary('allv')}` };
    expect(drafted({ address: 'https://mcp.stripe.example/', headers: stripe }).account.connector).toBe(
      'custom',
    );
    const laravel = { Authorization: `Bearer ${canary('sanctum')}` };
    expect(drafted({ address: 'https://acme.example.com/api', headers: laravel }).account.connector).toBe(
      'custom',
    );
    expect(drafted({ address: 'https://mcp.pelcro.com/', oauth: true }).account).toMatchObject({
      connector: 'pelcro',
      environment: 'production',
      signIn: { kind: 'oauth' },
      state: 'sign-in-needed',
    });
    expect(drafted({ address: 'https://mcp-staging.pelcro.com/', oauth: true }).account.environment).toBe(
      'staging',
    );
  });

  test('with every other header, of which those that could be keys go into the vault', () => {
    const secrets = {
      'X-Auth-Token': canary('generic'),
      'X-Odd': canary('generic'),
      Cookie: `a=${canary('generic')}`,
    };
    const draft = drafted({
      headers: { ...secrets, 'X-Team': 'blue', 'X-Site': 'https://acme.example/2026/en' },
    });
    expect(draft.account).toMatchObject({
      signIn: { kind: 'none' },
      headers: { 'x-team': 'blue', 'x-site': 'https://acme.example/2026/en' },
      secretHeaders: ['x-auth-token', 'x-odd', 'cookie'],
    });
    expect(secretsOf(draft.credential)).toHaveLength(3);
    collect('the account that is stored', JSON.stringify(draft.account));
  });

  test('with a credential that is no key as a secret header', () => {
    const draft = drafted({ headers: { Authorization: `Basic ${canary('generic')}` } });
    expect(draft.account).toMatchObject({ signIn: { kind: 'none' }, secretHeaders: ['authorization'] });
  });

  test('over HTTP+SSE, where it was reached that way', () => {
    expect(drafted({ sse: true }).account.upstream).toEqual({ kind: 'sse', url });
  });

  test('in the private network that it was reached in', () => {
    expect(drafted({ address: 'http://10.0.0.7:8080/mcp' }).account).toMatchObject({
      ownNetwork: true,
      upstream: { url: 'http://10.0.0.7:8080/mcp' },
    });
    expect(drafted({ address: 'http://localhost:3000/mcp' }).account.ownNetwork).toBe(false);
  });
});

describe('an entry stays where it is, with the reason, when', () => {
  const key = canary('bearer');
  test.each<[what: string, given: Given, words: string]>([
    ['its key is elsewhere', { headers: { Authorization: `Bearer \${input:key}` } }, 'not in the file'],
    ['its key is in a variable', { headers: { 'x-api-key': '{env:ACME_KEY}' } }, 'not in the file'],
    ['its key is in the address', { address: `${url}?token=${key}` }, 'Keys do not belong'],
    ['its address has a password', { address: `https://ada:${key}@mcp.acme.example/` }, 'Credentials'],
    ['a header is no header', { headers: { 'X A': key } }, 'no proper name'],
    ['a value hides something', { headers: { 'X-A': `${key}\u202e` } }, 'invisible'],
  ])('%s', (_what, given, words) => {
    try {
      migrate(found({ entry: 'my acme', ...given }), recogniseEntry);
      expect.unreachable();
    } catch (error) {
      collectError('what a person is told', error);
      expect(error).toMatchObject({ code: 'invalid-input', message: expect.stringContaining(words) });
      expect(error).toMatchObject({
        message: expect.stringMatching(/^"my acme" cannot be brought here\. .{10,}$/),
      });
    }
  });
});

test('a header without a value to move is left out, which is said', () => {
  const { account, notes } = migrate(found({ headers: { 'X-Team': `\${TEAM}` } }), recogniseEntry);
  expect(account).toMatchObject({ headers: {}, secretHeaders: {} });
  expect(notes).toEqual([expect.stringContaining('x-team')]);
});

describe('an entry without a key', () => {
  const addTo =
    ({ bridge }: World) =>
    (account: NewAccount, signal: AbortSignal) =>
      bridge.control.accounts.add(account, { signal });

  test('of a server that lets everybody in becomes an account that needs no sign-in', async () => {
    await using workspace = await startPlain({ name: 'acme' });
    await using world = await startWorld();
    const { account } = migrate(found({ address: workspace.url, oauth: true }), recogniseEntry);
    const added = await addMigrated(account, addTo(world), NEVER);
    expect(added.account).toMatchObject({ signIn: { kind: 'none' }, state: 'ready' });
  });

  test('of a server that asks for one becomes an account that waits for the sign-in', async () => {
    await using workspace = await startPlain({ name: 'acme', tokens: { ada: canary('bearer') } });
    await using world = await startWorld();
    const { account } = migrate(found({ address: workspace.url, oauth: true }), recogniseEntry);
    const added = await addMigrated(account, addTo(world), NEVER);
    expect(added.account).toMatchObject({ signIn: { kind: 'oauth' }, state: 'sign-in-needed' });
    expect(await world.bridge.control.accounts.list()).toHaveLength(1);
  });

  test('of a server that cannot be reached becomes none', async () => {
    const workspace = await startPlain({ name: 'acme' });
    const { url: gone } = workspace;
    await workspace[Symbol.asyncDispose]();
    await using world = await startWorld();
    const { account } = migrate(found({ address: gone, oauth: true }), recogniseEntry);
    await expect(addMigrated(account, addTo(world), NEVER)).rejects.toThrow(
      expect.objectContaining({ code: 'unreachable' }),
    );
    expect(await world.bridge.control.accounts.list()).toEqual([]);
  });
});

test('what mcp-remote reached for a client, the bridge reaches after it moved in', async () => {
  const key = canary('bearer');
  await using workspace = await startPlain({ name: 'acme', tokens: { ada: key } });
  await using world = await startWorld();
  await using home = await temporaryHome();
  const path = join(home.path, '.cursor', 'mcp.json');
  await mkdir(dirname(path));
  const args = ['-y', 'mcp-remote', workspace.url, '--allow-http', '--header', `Authorization:\${AUTH}`];
  const acme = { command: 'npx', args, env: { AUTH: `Bearer ${key}` } };
  await writeFile(path, JSON.stringify({ mcpServers: { acme } }));
  allowSecrets({ place: `file ${path}`, because: 'it stood there before', secret: key });
  const { entries } = await findForeign([cursor], { ...thisSystem(), home: home.path }, []);
  const { account } = migrate(entries[0]!, recogniseEntry);
  const { slug, identity } = await world.add(account);
  expect(identity?.tools).toBeGreaterThan(0);
  const client = await world.connect('stdio', slug);
  expect(await text(client, 'echo', { text: 'hi' })).toBe('acme: hi');
  await client.close();
  const again = await findForeign([cursor], { ...thisSystem(), home: home.path }, [
    ...(await world.bridge.control.accounts.list()),
  ]);
  expect(again.entries.map(({ account: label }) => label)).toEqual(['acme']);
});
