import { expect, test } from 'vitest';
import { addAccount, parseAdd } from '#bridge/cli/commands/add.ts';
import { checkAccount } from '#bridge/cli/commands/check.ts';
import { logout } from '#bridge/cli/commands/logout.ts';
import { removeAccount } from '#bridge/cli/commands/remove.ts';
import { showStatus } from '#bridge/cli/commands/status.ts';
import { AccountId, Slug } from '#contract/account.ts';
import type { AccountView } from '#contract/control.ts';
import { BridgeError } from '#contract/errors.ts';
import { Settings } from '#contract/settings.ts';
import type { SignedOut, SignInState, SignInView } from '#contract/sign-in.ts';
import { canary } from '../canary/canary.ts';
import { anAccount, READY, scriptedControl, signInDesk } from './a-control.ts';
import { partsOf, testTerminal } from './a-terminal.ts';

const NEEDED = { state: 'sign-in-needed', text: 'Nobody has signed in yet.', action: 'sign-in' } as const;
const fresh = anAccount({ state: 'sign-in-needed', condition: NEEDED });
const grant = {
  issuer: 'https://as.example/tenant',
  renewable: true,
  signedInAt: '2026-11-21T09:00:00.000Z',
};

/** A bridge that adds whatever it is told and says that it became this account. */
function adding(account: AccountView) {
  return scriptedControl({ 'accounts.add': () => ({ account, notes: ['A note.'] }) });
}

test('pelcro is added without a key and without a check, and the sign-in is named', async () => {
  const { control, inputsOf } = adding(fresh);
  const screen = testTerminal();
  const typed = parseAdd(['pelcro'], { label: 'Acme', check: true });
  const { lines, value } = await addAccount(typed, partsOf(screen, control));
  expect(lines).toEqual(['Added Acme as "acme". Sign in: gangway login acme']);
  expect(value).toEqual({ account: fresh, notes: ['A note.'] });
  expect(screen.stderr()).toBe('  ! A note.\n');
  const [entered] = inputsOf('accounts.add');
  expect(entered).not.toHaveProperty('key');
  expect(entered).not.toHaveProperty('signIn');
});

test('with --json nothing but the account comes out, also on a terminal', async () => {
  const { control, inputsOf } = adding(fresh);
  const parts = partsOf(testTerminal(true), control, { json: true });
  await addAccount(parseAdd(['pelcro'], { check: true }), parts);
  expect(inputsOf('signIn.start')).toEqual([]);
});

test('on a terminal adding goes straight on to the sign-in', async () => {
  const desk = signInDesk([fresh], { 'accounts.add': () => ({ account: fresh, notes: [] }) });
  const screen = testTerminal(true);
  const adding = addAccount(parseAdd(['pelcro'], { check: true }), partsOf(screen, desk.control));
  await screen.shows('Added Acme as "acme".');
  desk.say({ step: 'done', account: fresh.id, who: 'ana@example.com', notes: [] });
  expect((await adding).lines).toEqual(['Signed in to Acme as ana@example.com.']);
  expect(desk.inputsOf('signIn.start')).toEqual([{ account: fresh.id }]);
});

test('a sign-in that fails right after adding leaves the account and says how to go on', async () => {
  const desk = signInDesk([fresh], { 'accounts.add': () => ({ account: fresh, notes: [] }) });
  const screen = testTerminal(true);
  const adding = addAccount(parseAdd(['pelcro'], { check: true }), partsOf(screen, desk.control));
  desk.say({ step: 'failed', code: 'unreachable', message: 'It is down.', next: 'Try again.' });
  await expect(adding).rejects.toMatchObject({ code: 'unreachable', message: 'It is down. Try again.' });
  expect(screen.stderr()).toContain('gangway login acme');
});

test('the secret of a client goes from stdin to the bridge', async () => {
  const secret = canary('generic');
  const { control, inputsOf } = adding(fresh);
  const screen = testTerminal();
  screen.stdin.end(`${secret}\n`);
  const typed = parseAdd(['custom'], { check: true, clientId: 'abc', clientSecretStdin: true });
  await addAccount(typed, partsOf(screen, control));
  expect(inputsOf('accounts.add')).toMatchObject([{ clientId: 'abc', clientSecret: secret }]);
  expect(screen.stderr() + screen.stdout()).not.toContain(secret);
});

test.each([
  ['pelcro', {}, false],
  ['pelcro', { signIn: 'key' }, true],
  ['pelcro', { keyHeader: 'authorization' }, true],
  ['pelcro', { signIn: 'oauth' }, false],
  ['aly', {}, true],
  ['aly', { signIn: 'oauth' }, false],
  ['aly', { clientId: 'abc' }, false],
  ['aly', { clientMetadataUrl: 'https://example.com/client.json' }, false],
  ['allegro', {}, true],
  ['allv', {}, true],
  ['allv', { headerStdin: ['x-one'] }, false],
  ['custom', {}, false],
  ['custom', { signIn: 'none' }, false],
  ['custom', { signIn: 'key' }, true],
  ['custom', { signIn: 'key', headerStdin: ['x-one'] }, true],
  ['custom', { keyHeader: 'x-api-key' }, true],
  ['custom', { signIn: 'oauth' }, false],
] as const)('add %s with %j asks for a key: %s', async (connector, flags, asks) => {
  const { control, inputsOf } = adding(fresh);
  const screen = testTerminal();
  screen.stdin.end(`${canary('generic')}\n`);
  const result = addAccount(parseAdd([connector], { check: true, ...flags }), partsOf(screen, control));
  // Nobody is at this terminal, so that asking is refused.
  if (asks) await expect(result).rejects.toMatchObject({ message: expect.stringContaining('--key-stdin') });
  else await result;
  expect(inputsOf('accounts.add')).toHaveLength(asks ? 0 : 1);
});

test('a local command is never asked for a key', async () => {
  const { control, inputsOf } = adding(anAccount({ signIn: { kind: 'none' } }));
  await addAccount(
    parseAdd(['allegro', 'php', 'artisan'], { check: false }),
    partsOf(testTerminal(), control),
  );
  expect(inputsOf('accounts.add')).toHaveLength(1);
});

const outcomes: [SignedOut, string[], string[]][] = [
  [
    { revocation: 'done' },
    ['Signed out of Acme. as.example was told.'],
    ['Removed Acme.', 'as.example was told.'],
  ],
  [
    { revocation: 'queued', note: 'It is tried\nfor 7 days.' },
    ['Signed out of Acme. as.example could not be told yet; Gangway tries again.', 'It is tried for 7 days.'],
    ['Removed Acme.', 'as.example could not be told yet; Gangway tries again.', 'It is tried for 7 days.'],
  ],
  [
    { revocation: 'impossible', note: 'End it there too.' },
    ['Signed out of Acme. as.example was not told, so the sign-in may live on there.', 'End it there too.'],
    ['Removed Acme.', 'as.example was not told, so the sign-in may live on there.', 'End it there too.'],
  ],
  [
    { revocation: 'nothing-to-revoke' },
    ['Acme is signed out. There was nothing to tell as.example.'],
    ['Removed Acme.', 'There was nothing to tell as.example.'],
  ],
];

test.each(outcomes)(
  'logout and remove say what became of the sign-in: %j',
  async (signedOut, out, removed) => {
    const account = anAccount({ grant });
    const { control, inputsOf } = scriptedControl({
      'accounts.list': () => [account],
      'signIn.signOut': () => signedOut,
      'accounts.remove': () => ({ removed: account, openSessions: 0, signedOut }),
    });
    const parts = partsOf(testTerminal(), control);
    expect(await logout({ account: 'acme' }, parts)).toEqual({ value: signedOut, lines: out });
    expect(inputsOf('signIn.signOut')).toEqual([{ account: account.id }]);
    expect((await removeAccount({ account: 'acme', yes: true }, parts)).lines).toEqual(removed);
  },
);

test('an account that never signed in names its own host, and one with a key speaks of the key', async () => {
  const signedOut: SignedOut = { revocation: 'nothing-to-revoke' };
  const lines = async (account: AccountView) => {
    const { control } = scriptedControl({
      'accounts.remove': () => ({ removed: account, openSessions: 2, signedOut }),
    });
    return (await removeAccount({ account: 'acme', yes: true }, partsOf(testTerminal(), control))).lines;
  };
  expect(await lines(fresh)).toEqual([
    'Removed Acme.',
    'There was nothing to tell mcp.example.com.',
    '2 conversations used it and can no longer.',
  ]);
  expect(await lines(anAccount({ signIn: { kind: 'key', header: 'authorization' } }))).toEqual([
    'Removed Acme.',
    'Its key is still valid at the workspace; delete it there too.',
    '2 conversations used it and can no longer.',
  ]);
  expect((await lines(anAccount({ signIn: { kind: 'none' } })))[1]).toContain('conversations');
});

test.each([
  [fresh, ''],
  [anAccount(), '  ✓ address reachable\n  ✗ signed in\n'],
])('a check claims nothing about a workspace that was not asked: %#', async (account, shown) => {
  const { control } = scriptedControl({
    'accounts.list': () => [account],
    'accounts.check': () => {
      throw new BridgeError('sign-in-needed', 'Sign in: gangway login acme');
    },
  });
  const screen = testTerminal();
  const result = checkAccount({ account: 'acme' }, partsOf(screen, control));
  await expect(result).rejects.toMatchObject({ code: 'sign-in-needed' });
  expect(screen.stderr()).toBe(shown);
});

test('logging out of an account nobody knows is left to the bridge', async () => {
  const { control } = scriptedControl({
    'accounts.list': () => [fresh],
    'signIn.signOut': () => {
      throw new BridgeError('account-unknown', 'There is no such account.');
    },
  });
  const parts = partsOf(testTerminal(), control);
  await expect(logout({ account: 'nobody' }, parts)).rejects.toMatchObject({ code: 'account-unknown' });
});

test('status says which accounts are in trouble and why, and which sign-ins are under way', async () => {
  const views = (...states: SignInState[]): SignInView[] =>
    states.map((state, index) => ({
      id: `sgn_0000000${index}`,
      account: fresh.id,
      label: `Acme ${index}`,
      startedAt: '2026-11-21T09:00:00.000Z',
      state,
    }));
  const accounts = [
    anAccount({ id: AccountId.parse('acc_11111111'), slug: Slug.parse('fine') }),
    fresh,
    anAccount({
      slug: Slug.parse('busy'),
      condition: { ...READY, state: 'signing-in', text: 'Signing in.' },
    }),
    anAccount({ slug: Slug.parse('far'), condition: { ...READY, state: 'offline', text: 'It is down.' } }),
    anAccount({ slug: Slug.parse('wide'), condition: { ...READY, text: 'It asked for more.', wider: 'x' } }),
  ];
  const signIns = views(
    {
      step: 'waiting',
      host: 'as.example',
      link: 'https://as.example/',
      expiresAt: '2020-01-01T00:00:00.000Z',
    },
    { step: 'asking', question: { kind: 'legacy', text: 'Is it yours?', choices: [] } },
    { step: 'exchanging', host: 'as.example' },
    { step: 'cancelled' },
  );
  const { control } = scriptedControl({
    status: () => ({
      version: '1.0.0',
      pid: 1,
      home: '/h',
      socket: '/s',
      url: null,
      vault: { kind: 'keychain', state: 'ready' },
      paused: false,
      pausedUntil: null,
      startedAt: '2026-11-21T09:00:00.000Z',
    }),
    'settings.get': () => Settings.parse({}),
    'accounts.list': () => accounts,
    'sessions.list': () => [],
    'signIn.list': () => signIns,
  });
  const { lines, value } = await showStatus(partsOf(testTerminal(), control));
  const from = lines.findIndex((line) => line.startsWith('Accounts'));
  expect(lines.slice(from, -1)).toEqual([
    'Accounts   2 ready; sign-in needed: acme; signing in: busy; sign-in not renewed: far',
    '           acme: Nobody has signed in yet.',
    '           far: It is down.',
    '           wide: It asked for more.',
    'Sign-ins   Acme 0: waiting for you at as.example, 0:00 left',
    '           Acme 1: Is it yours?',
    '           Acme 2: under way',
  ]);
  expect(value).toMatchObject({ accounts, signIns });
});
