import { expect, test } from 'vitest';
import { type AccountList, bind, identityOf, mayLeadTo, reachOf } from '#bridge/sessions/binding.ts';
import type { Account } from '#contract/account.ts';
import { accountFor } from '../relay/seat.ts';

const one = accountFor('https://one.example/mcp', 'one', { connector: 'pelcro' });
const two = accountFor('https://two.example/mcp', 'two', { connector: 'pelcro' });
const list: AccountList = { current: one.id, active: { pelcro: two.id }, accounts: [one, two] };
const empty: AccountList = { current: null, active: {}, accounts: [] };

const slugAt = (address: string, accounts = list): string => {
  const binding = bind(reachOf(address), accounts);
  return binding.kind === 'bound' ? binding.account.slug : binding.error.code;
};

test('each kind of address leads to its own account', () => {
  expect(['current', 'pelcro', 'one', 'two'].map((address) => slugAt(address))).toEqual([
    'one',
    'two',
    'one',
    'two',
  ]);
});

test('an address without a chosen account leads nowhere, even when only one account exists', () => {
  const single: AccountList = { current: null, active: {}, accounts: [one] };
  expect(['current', 'pelcro', 'aly'].map((address) => slugAt(address, single))).toEqual([
    'no-account',
    'no-account',
    'no-account',
  ]);
});

test('a pinned account that is gone never falls back to another', () => {
  expect(slugAt('gone')).toBe('no-account');
});

test.each([
  ['current', ['one', 'two', 'other']],
  ['pelcro', ['one', 'two']],
  ['aly', []],
  ['one', ['one']],
  ['gone', []],
])('what was asked for at %s may be gone on with at %j', (address, slugs) => {
  const other = accountFor('https://other.example/mcp', 'other');
  const reached = [one, two, other].filter((account) => mayLeadTo(reachOf(address), account));
  expect(reached.map(({ slug }) => slug)).toEqual(slugs);
});

test('the texts name the one thing to do', () => {
  const binding = bind({ kind: 'current' }, empty);
  expect(binding.kind === 'unbound' && binding.error.message).toContain('gangway add');
});

test.each([
  ['another user', { actingAs: { by: 'id', value: 'u2' } }],
  ['another address', { upstream: { kind: 'http', url: 'https://other.example/mcp' } }],
  ['another header', { headers: { 'x-tenant': 'b' } }],
  ['another key header', { signIn: { kind: 'key', header: 'x-api-key' } }],
] as const)('%s is another identity, so no workspace session is shared', (_, change) => {
  const other = accountFor('https://one.example/mcp', 'one', change as object);
  expect(identityOf(other, 0)).not.toBe(identityOf(one, 0));
});

test('another credential is another identity, because it may be somebody else’s', () => {
  expect(identityOf(one, 1)).not.toBe(identityOf(one, 0));
});

test('a new label, colour or rule is the same identity', () => {
  const rules = { readOnly: true, deny: [] };
  const renamed: Account = { ...one, label: 'Other', color: 'red', rules };
  expect(identityOf(renamed, 0)).toBe(identityOf(one, 0));
});
