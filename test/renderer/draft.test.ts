import { describe, expect, test } from 'vitest';
import type { ConnectorId } from '#contract/connector.ts';
import { readPaste } from '#contract/read-paste.ts';
import { signInNeededText } from '#contract/sign-in-text.ts';
import {
  type Draft,
  draftAgain,
  draftFrom,
  emptyDraft,
  keyRefused,
  missingIn,
  newAccountOf,
  refusalOf,
  suggestedWay,
  usersBefore,
} from '#renderer/views/add/draft.ts';
import { canary } from '../canary/canary.ts';
import { accountView } from './account-view.ts';

function draft(connector: ConnectorId, given: Partial<Draft> = {}): Draft {
  return { ...emptyDraft(connector), ...given };
}

describe('what the bridge is asked to add', () => {
  test('has blanks around cut and empty fields left out', () => {
    expect(newAccountOf(draft('allegro', { url: ' acme.example.com ', key: ' k ', label: '  ' }))).toEqual({
      connector: 'allegro',
      readOnly: false,
      url: 'acme.example.com',
      signIn: 'key',
      key: 'k',
      ownNetwork: false,
    });
  });

  test('has the environment only where the address does not tell it', () => {
    const chosen = { environment: 'staging' } as const;
    expect(newAccountOf(draft('pelcro', chosen)).environment).toBe('staging');
    expect(newAccountOf(draft('pelcro', { ...chosen, url: 'https://mcp.pelcro.com/' })).environment).toBe(
      undefined,
    );
    expect(newAccountOf(draft('custom', chosen)).environment).toBe('staging');
    expect(newAccountOf(draft('custom')).environment).toBe(undefined);
    expect(newAccountOf(draft('aly', chosen)).environment).toBe(undefined);
  });

  test('has the key only for a sign-in by key, and the client only for one in the browser', () => {
    const both = { key: canary('generic'), clientId: 'client-1', clientSecret: canary('generic') };
    const byKey = newAccountOf(draft('custom', { ...both, signIn: 'key' }));
    expect(byKey).toMatchObject({ key: both.key, keyHeader: 'authorization' });
    expect(byKey).not.toHaveProperty('clientId');
    const byBrowser = newAccountOf(draft('custom', { ...both, signIn: 'oauth' }));
    expect(byBrowser).toMatchObject({ clientId: 'client-1', clientSecret: both.clientSecret });
    expect(byBrowser).not.toHaveProperty('key');
    expect(newAccountOf(draft('custom', { ...both, signIn: 'none' }))).not.toHaveProperty('key');
  });

  test('has secret headers apart from the others, and none without a name or a value', () => {
    const secret = canary('generic');
    const headers = [
      { id: 1, name: ' x-team ', value: 'red', secret: false },
      { id: 2, name: 'x-pass', value: secret, secret: true },
      { id: 3, name: '', value: 'lost', secret: true },
      { id: 4, name: 'x-empty', value: '', secret: false },
    ];
    expect(newAccountOf(draft('custom', { headers }))).toMatchObject({
      headers: { 'x-team': 'red' },
      secretHeaders: { 'x-pass': secret },
    });
  });

  test('has a local command word by word, without anything for an address', () => {
    const command = ' php \n\n artisan\nmcp:start\r\n';
    expect(newAccountOf(draft('allegro', { isCommand: true, command, key: 'k', user: 'ann' }))).toEqual({
      connector: 'allegro',
      readOnly: false,
      command: ['php', 'artisan', 'mcp:start'],
      user: 'ann',
    });
  });
});

describe('what is missing', () => {
  test.each<[string, Draft, object]>([
    ['Allegro', draft('allegro'), { address: 'Enter the address.', key: 'Enter the key.' }],
    ['Pelcro in the browser', draft('pelcro'), {}],
    ['Pelcro with a token', draft('pelcro', { signIn: 'key' }), { key: 'Enter the key.' }],
    [
      'allv',
      draft('allv', { key: ' ' }),
      {
        address: 'Enter the workspace id or its address.',
        key: 'Enter the key.',
        user: 'Enter the member that calls run as.',
      },
    ],
    ['allv with its id', draft('allv', { workspace: 'ws', key: 'k', user: 'ann' }), {}],
    ['a server without a sign-in', draft('custom', { url: 'a.example', signIn: 'none' }), {}],
    ['a command', draft('custom', { isCommand: true }), { command: 'Enter the program to start.' }],
  ])('is said at its field: %s', (_, form, expected) => {
    expect(missingIn(form)).toEqual(expected);
  });
});

describe('a refusal', () => {
  const refused = signInNeededText(
    accountView(),
    'acme.example.com',
    (at) => `${at} does not accept the key.`,
  );

  test('of the key is said at the key, without advice for accounts that are there already', () => {
    expect(refused).toContain('Replace the key in Gangway.');
    expect(refusalOf({ code: 'sign-in-needed', message: refused }, draft('allegro'))).toEqual({
      fields: { key: 'acme.example.com does not accept the key.' },
      form: undefined,
    });
    expect(keyRefused('Another sentence.')).toBe('Another sentence.');
  });

  test('of the member is said at the member, and other refusals of allv at the form', () => {
    const member = 'allv.example refused: Ops may not do that. It says: "The selected person is no member."';
    expect(refusalOf({ code: 'refused', message: member }, draft('allv')).fields.user).toContain(
      '"The selected person is no member."',
    );
    const flag = 'allv.example refused: Ops may not do that. It says: "The feature flag is off."';
    expect(refusalOf({ code: 'refused', message: flag }, draft('allv'))).toEqual({ fields: {}, form: flag });
    expect(refusalOf({ code: 'refused', message: member }, draft('aly')).form).toBe(member);
  });

  test('of a sign-in in the browser is said at the form', () => {
    expect(refusalOf({ code: 'sign-in-needed', message: refused }, draft('pelcro')).form).toBe(refused);
  });
});

describe('the way to sign in that a look found', () => {
  test.each<[string, Draft, ('none' | 'key' | 'oauth')[], string]>([
    ['is taken at a server of no known kind', draft('custom'), ['oauth', 'key'], 'oauth'],
    ['is not taken when nothing was found', draft('custom'), [], 'key'],
    ['is not taken over a key that was entered', draft('custom', { key: 'k' }), ['oauth', 'key'], 'key'],
    ['leaves the usual way of a known kind', draft('aly'), ['key', 'oauth'], 'oauth'],
    ['replaces the usual way where it does not work', draft('aly'), ['key'], 'key'],
  ])('%s', (_, form, ways, expected) => {
    expect(suggestedWay(form, { signIn: ways })).toBe(expected);
  });
});

test('a pasted snippet fills address, key and headers; the key goes into its field', () => {
  const key = canary('bearer');
  const snippet = {
    mcpServers: {
      shop: {
        url: 'https://mcp.example.com/mcp',
        headers: { Authorization: `Bearer ${key}`, 'x-team': 'red' },
      },
    },
  };
  const pasted = readPaste(JSON.stringify(snippet));
  if (pasted.kind !== 'form') throw new Error('It was not understood.');
  expect(draftFrom(pasted)).toMatchObject({
    connector: 'custom',
    label: 'shop',
    url: 'https://mcp.example.com/mcp',
    signIn: 'key',
    key,
    headers: [{ name: 'x-team', value: 'red', secret: true }],
  });
});

test('an account that now asks for a sign-in is added again at its own address', () => {
  const before = accountView({
    connector: 'custom',
    upstream: { kind: 'sse', url: 'https://mcp.example.com/sse' },
    signIn: { kind: 'none' },
  });
  expect(draftAgain(before)).toMatchObject({
    connector: 'custom',
    label: 'Acme',
    url: 'https://mcp.example.com/sse',
    isSse: true,
    signIn: 'key',
  });
});

test('members of other allv accounts are offered, each once and five at most', () => {
  const user = (value: string) => ({ by: 'email' as const, value });
  const allv = accountView({
    connector: 'allv',
    user: user('ines@example.com'),
    actingAs: user('otto@example.com'),
    recentUsers: [user('otto@example.com'), user('c@example.com'), user('d@example.com')],
  });
  const more = accountView({
    connector: 'allv',
    user: user('e@example.com'),
    recentUsers: [user('f@example.com')],
  });
  expect(usersBefore([allv, more, accountView({ user: user('nobody@example.com') })])).toEqual([
    'otto@example.com',
    'ines@example.com',
    'c@example.com',
    'd@example.com',
    'e@example.com',
  ]);
});
