import { describe, expect, test } from 'vitest';
import { actingUser, type Draft, draftAccount } from '#bridge/accounts/draft.ts';
import { type Account, AccountId } from '#contract/account.ts';
import type { NewAccount } from '#contract/control.ts';
import { canary } from '../canary/canary.ts';
import { refusal } from '../connectors/refusal.ts';
import { anAccount } from './an-account.ts';

function draft(entered: NewAccount, accounts: readonly Account[] = []): Draft {
  return draftAccount(entered, {
    id: AccountId.parse('acc_00000001'),
    now: new Date('2026-11-21T10:00:00Z'),
    accounts,
  });
}

const refused = (entered: NewAccount): string => refusal(() => draft(entered));

describe('each kind of workspace needs little', () => {
  test('Allegro: a host and a token', () => {
    const key = canary('sanctum');
    const { account, credential, notes } = draft({ connector: 'allegro', url: 'acme.example.com', key });
    expect(account).toEqual({
      id: 'acc_00000001',
      slug: 'allegro-acme-example-com',
      connector: 'allegro',
      label: 'Allegro acme.example.com',
      color: 'violet',
      environment: 'production',
      upstream: { kind: 'http', url: 'https://acme.example.com/mcp' },
      signIn: { kind: 'key', header: 'authorization' },
      headers: {},
      secretHeaders: [],
      recentUsers: [],
      ownNetwork: false,
      rules: { readOnly: false, deny: [] },
      state: 'ready',
      createdAt: '2026-11-21T10:00:00.000Z',
    });
    expect(credential.key?.reveal() === key).toBe(true);
    expect(notes).toEqual(['The address is https://acme.example.com/mcp.']);
  });

  test('Allegro: a local command instead', () => {
    const command = ['php', 'artisan', 'allegro:mcp:start', '--tenant=acme'];
    const { account } = draft({ connector: 'allegro', command, cwd: '/srv/allegro', user: 'a@acme.example' });
    expect(account).toMatchObject({
      label: 'Allegro acme',
      upstream: { kind: 'command', command: 'php', args: command.slice(1), cwd: '/srv/allegro' },
      signIn: { kind: 'none' },
      user: { by: 'email', value: 'a@acme.example' },
    });
  });

  test('AC-09 Pelcro: a token, and staging looks different', () => {
    const [one, other] = [canary('bearer'), canary('bearer')];
    const production = draft({ connector: 'pelcro', key: one }).account;
    const staging = draft({ connector: 'pelcro', environment: 'staging', key: other }).account;
    expect([production, staging].map(({ label, color, upstream }) => ({ label, color, upstream }))).toEqual([
      { label: 'Pelcro', color: 'teal', upstream: { kind: 'http', url: 'https://mcp.pelcro.com/' } },
      {
        label: 'Pelcro staging',
        color: 'amber',
        upstream: { kind: 'http', url: 'https://mcp-staging.pelcro.com/' },
      },
    ]);
  });

  test('allv: workspace, key, member', () => {
    const { account } = draft({
      connector: 'allv',
      workspace: 'ws_1',
      key: canary('allv'),
      keyHeader: 'X-API-Key',
      user: 'a@x.com',
      label: 'Ops',
      readOnly: true,
    });
    expect(account).toMatchObject({
      slug: 'ops',
      upstream: { url: 'https://agent.allv.ai/api/workspaces/ws_1/mcp' },
      signIn: { kind: 'key', header: 'x-api-key' },
      user: { by: 'email', value: 'a@x.com' },
      rules: { readOnly: true },
    });
  });

  test('Aly: a key', () => {
    expect(draft({ connector: 'aly', key: canary('aly') }).account.upstream).toEqual({
      kind: 'http',
      url: 'https://aly.store/api/mcp',
    });
  });

  test('any other server: an address, of the old transport too', () => {
    const gate = canary('generic');
    const { account, credential } = draft({
      connector: 'custom',
      url: 'https://old.example/sse',
      transport: 'sse',
      headers: { 'X-Team': 'north' },
      secretHeaders: { 'X-Gate': gate },
    });
    expect(account).toMatchObject({
      label: 'old.example',
      upstream: { kind: 'sse', url: 'https://old.example/sse' },
      signIn: { kind: 'none' },
      headers: { 'x-team': 'north' },
      secretHeaders: ['x-gate'],
    });
    expect(credential.headers.get('x-gate')?.reveal() === gate).toBe(true);
  });
});

test('RD-04 no secret is in the account or in the notes', () => {
  const [key, gate] = [canary('bearer'), canary('generic')];
  const { account, notes } = draft({
    connector: 'custom',
    url: 'https://x.example/mcp',
    key: ` "Bearer ${key}"\n`,
    secretHeaders: { 'x-gate': gate },
  });
  const text = JSON.stringify([account, notes]);
  expect([key, gate].some((secret) => text.includes(secret))).toBe(false);
  expect(notes).toHaveLength(4);
});

describe('HV-12 an account signs in one way', () => {
  test('a key and another sign-in header are refused', () => {
    const message = refused({
      connector: 'custom',
      url: 'https://x.example/mcp',
      key: canary('bearer'),
      secretHeaders: { 'x-api-key': canary('generic') },
    });
    expect(message).toContain('x-api-key and authorization');
  });

  test('two sign-in headers without a key are refused', () => {
    const secretHeaders = { authorization: canary('generic'), 'x-api-key': canary('generic') };
    expect(refused({ connector: 'custom', url: 'https://x.example/mcp', secretHeaders })).toContain(
      'one way',
    );
  });

  test('the key’s own header cannot be entered again', () => {
    const [key, other] = [canary('bearer'), canary('generic')];
    const entered = { connector: 'custom', url: 'https://x.example/mcp', key, keyHeader: 'x-gate' } as const;
    expect(refused({ ...entered, secretHeaders: { 'X-Gate': other } })).toContain('carries the key already');
    expect(refused({ ...entered, headers: { 'X-Gate': 'a' } })).toContain('carries the key already');
  });
});

test('HV-10 the header of the selected user cannot be entered by hand', () => {
  for (const name of ['x-allv-user-id', 'X-Allv-User-Email']) {
    const entered = { connector: 'allv', workspace: 'ws_1', user: 'usr_1' } as const;
    expect(refused({ ...entered, key: canary('allv'), headers: { [name]: 'b@x.com' } })).toContain(
      'selected user',
    );
  }
});

test('HV-14 a reserved or malformed header is refused', () => {
  for (const name of ['Host', 'Mcp-Session-Id', ':path', 'bad name']) {
    expect(refused({ connector: 'custom', url: 'https://x.example', headers: { [name]: 'x' } })).not.toBe('');
  }
});

describe('what goes into which place', () => {
  const custom = { connector: 'custom', url: 'https://x.example/mcp' } as const;

  test.each<[NewAccount, string]>([
    [{ connector: 'allegro', url: 'acme.example.com' }, 'Enter the key'],
    [{ connector: 'aly', signIn: 'none' }, 'asks for a key'],
    [{ connector: 'aly', workspace: 'ws_1', key: 'xxxx' }, 'no workspace id'],
    [{ connector: 'pelcro', key: 'xxxx', user: 'a@x.com' }, 'takes no selected user'],
    [{ connector: 'pelcro', key: 'xxxx', keyHeader: 'x-api-key' }, 'takes its key in authorization'],
    [{ connector: 'pelcro', key: 'xxxx', transport: 'sse' }, 'speaks Streamable HTTP'],
    [{ connector: 'pelcro', command: ['pelcro'] }, 'no local command'],
    [{ connector: 'allv', workspace: 'ws_1', key: 'xxxx' }, 'Choose the member'],
    [{ ...custom, signIn: 'key' }, 'Enter the key'],
    [{ ...custom, signIn: 'none', key: 'xxxx' }, 'no sign-in chosen'],
    [{ ...custom, keyHeader: 'x-api-key' }, 'no key entered'],
    [{ ...custom, cwd: '/srv' }, 'local command'],
    [{ ...custom, headers: { 'X-A': '1', 'x-a': '2' } }, 'entered twice'],
    [{ ...custom, headers: { 'x-a': '1' }, secretHeaders: { 'X-A': '2222' } }, 'entered twice'],
    [{ ...custom, secretHeaders: { 'x-a': '1' } }, 'at least 4 characters'],
    [{ ...custom, command: ['run'] }, 'not both'],
    [{ connector: 'custom', command: [] }, 'empty'],
    [{ connector: 'custom', command: ['run'], cwd: 'here' }, 'whole path'],
    [{ connector: 'custom', command: ['run', 'a\0b'] }, 'NUL'],
    [{ connector: 'custom', command: ['run', ...Array.from({ length: 200 }, String)] }, 'too long'],
    [{ connector: 'custom', command: ['run'], key: 'xxxx' }, 'no key'],
    [{ connector: 'custom', command: ['run'], signIn: 'key' }, 'no key'],
    [{ connector: 'custom', command: ['run'], headers: { 'x-a': '1' } }, 'no headers'],
    [{ connector: 'custom', command: ['run'], user: 'a@x.com' }, 'takes no selected user'],
    [{ connector: 'allegro', workspace: 7 } as unknown as NewAccount, 'workspace is not as expected'],
  ])('%j is refused: %s', (entered, because) => {
    expect(refused(entered)).toContain(because);
  });

  test('a secret does not go into an open header or onto a command line', () => {
    const [key, cookie] = [canary('allv'), canary('generic')];
    for (const message of [
      refused({ ...custom, headers: { 'x-note': key } }),
      refused({ ...custom, headers: { cookie } }),
      refused({ ...custom, headers: { authorization: `Bearer ${key}` } }),
      refused({ connector: 'custom', command: ['run', `--key=${key}`] }),
    ]) {
      expect(message).toMatch(/secret|command line/);
      expect([key, cookie].some((secret) => message.includes(secret))).toBe(false);
    }
  });
});

test('HV-21 a server in one’s own network is marked as that', () => {
  expect(refused({ connector: 'custom', url: 'http://10.0.0.5/mcp' })).toContain('private network');
  const { account, notes } = draft({ connector: 'custom', url: 'http://10.0.0.5/mcp', ownNetwork: true });
  expect(account.ownNetwork).toBe(true);
  expect(notes.join()).toContain('Warning: without https');
});

describe('HV-22 labels', () => {
  test('are cleaned and numbered with a note', () => {
    const key = canary('bearer');
    const { account, notes } = draft({ connector: 'pelcro', key, label: 'Ac\u202eme\n' }, [anAccount()]);
    expect([account.label, account.slug]).toEqual(['Acme (2)', 'acme-2']);
    expect(notes).toHaveLength(2);
  });

  test('that are empty come from the address', () => {
    expect(draft({ connector: 'pelcro', key: canary('bearer'), label: ' \n' }).account.label).toBe('Pelcro');
  });
});

describe('HV-24 a key of another vendor is noticed, not refused', () => {
  test('with the name of that vendor', () => {
    const { notes } = draft({ connector: 'allv', workspace: 'ws_1', user: 'usr_1', key: canary('aly') });
    expect(notes).toContain('Warning: this looks like a key of Aly, not of allv.');
  });

  test('or with the shape that was expected', () => {
    const { notes } = draft({ connector: 'allegro', url: 'acme.example.com', key: canary('bearer') });
    expect(notes.join()).toContain('a number, a vertical bar and at least 40 characters');
  });

  test('and any other server takes any key', () => {
    expect(draft({ connector: 'custom', url: 'https://x.example/mcp', key: canary('aly') }).notes).toEqual(
      [],
    );
  });
});

test('HV-25 key and headers together are refused above what servers take, with the sum', () => {
  const key = canary('bearer').padEnd(8 * 1024, 'x');
  const headers = { 'x-long': 'y'.repeat(Math.floor(7.9 * 1024)) };
  const message = refused({ connector: 'custom', url: 'https://x.example/mcp', key, headers });
  expect(message).toMatch(/together have 15\.9 KB/);
  expect(message).toContain('15.0 KB');
});

describe('acting as another member', () => {
  test('takes what the workspace takes', () => {
    expect(actingUser(anAccount(), 'b@x.com')).toEqual({ by: 'email', value: 'b@x.com' });
    expect(actingUser(anAccount(), { by: 'id', value: 'usr_2' })).toEqual({ by: 'id', value: 'usr_2' });
    expect(refusal(() => actingUser(anAccount(), 'a b'))).toContain('user id');
  });

  test('is refused where a workspace has no members', () => {
    const account = anAccount({
      connector: 'aly',
      upstream: { kind: 'http', url: 'https://aly.store/api/mcp' },
    });
    expect(refusal(() => actingUser(account, 'b@x.com'))).toContain('no members');
  });
});
