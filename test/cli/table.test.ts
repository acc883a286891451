import { expect, test } from 'vitest';
import { table } from '#bridge/cli/table.ts';
import { healthOf, localTime, markOf, timeLeft } from '#bridge/cli/words.ts';
import type { SignIn } from '#contract/account.ts';
import type { AccountCondition, AccountView } from '#contract/control.ts';
import { anAccount, READY } from './a-control.ts';

test('columns are as wide as their widest cell', () => {
  expect(
    table([
      ['NAME', 'TOOLS'],
      ['acme', '3'],
      ['a longer one', '12'],
    ]),
  ).toEqual(['NAME          TOOLS', 'acme          3', 'a longer one  12']);
});

test('characters of double width take two columns', () => {
  expect(
    table([
      ['日本', 'x'],
      ['ab', 'x'],
    ]),
  ).toEqual(['日本  x', 'ab    x']);
});

test('control sequences in a name do not reach the terminal', () => {
  const [line = ''] = table([['\u001b]0;owned\u0007\u001b[2Jtool\n\rnext', '\u202eabc']]);
  expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  expect(line).toContain('tool next');
});

const identity = {
  server: 's',
  summary: 's',
  tools: 1,
  protocolVersion: '2025-11-25',
  checkedAt: '2026-11-21T09:00:00.000Z',
};
const key: SignIn = { kind: 'key', header: 'authorization' };
const needed: AccountCondition = { state: 'sign-in-needed', text: 'Why.', action: 'sign-in' };
const inState = (state: AccountCondition['state'], action: AccountCondition['action'] = 'wait') => ({
  condition: { state, text: 'Why.', action },
});

test.each<[Partial<AccountView>, string]>([
  [{}, 'ready, 1 tool'],
  [{ rules: { readOnly: true, deny: [] } }, 'ready, 1 tool, read-only'],
  [{ identity: undefined }, 'not checked yet: gangway check acme'],
  [{ condition: needed }, 'sign-in needed: gangway login acme'],
  [{ condition: needed, signIn: key }, 'sign-in needed: gangway rotate acme'],
  [{ condition: needed, signIn: { kind: 'none' } }, 'sign-in needed: add it again with a key'],
  [{ condition: { ...READY, wider: 'mcp:write' } }, 'asked for mcp:write: gangway login acme'],
  [
    { condition: { ...READY, wider: 'a\u001b[2J '.repeat(99) } },
    'asked for a [2J a [2J a [2J a [2J: gangway login acme',
  ],
  [inState('signing-in', 'none'), 'signing in'],
  [inState('locked', 'unlock'), 'its secret cannot be read: gangway status'],
  [inState('offline'), 'sign-in cannot be renewed now; tried again'],
  [inState('blocked', 'ask-support'), 'refused again and again: gangway status'],
  [inState('blocked'), 'refused again and again; tried again'],
  [inState('misconfigured', 'ask-support'), 'its server is set up wrongly: gangway status'],
  [inState('unsaved'), 'signed in, but not saved yet; tried again'],
])('health is a few words that end in what to do: %j', (change, expected) => {
  const account = anAccount({ identity, ...change });
  expect(healthOf(account)).toBe(expected);
  expect(table([[healthOf(account)]])).toEqual([expected]);
});

test.each([
  [true, true, '*'],
  [false, true, '+'],
  [false, false, ''],
])('current %s, active %s is marked %j', (current, active, mark) => {
  expect(markOf(anAccount({ current, active }))).toBe(mark);
});

test('a time of today has no day', () => {
  const now = new Date(2026, 10, 21, 18, 0, 0);
  expect(localTime(new Date(2026, 10, 21, 9, 5, 7).toISOString(), now)).toBe('09:05:07');
  expect(localTime(new Date(2026, 10, 20, 9, 5, 7).toISOString(), now)).toBe('2026-11-20 09:05:07');
});

test.each([
  [598_000, '9:58'],
  [60_000, '1:00'],
  [500, '0:01'],
  [0, '0:00'],
  [-1, '0:00'],
])('%i ms are shown as %s left', (ms, expected) => {
  const now = Date.parse('2026-11-21T09:00:00.000Z');
  expect(timeLeft(new Date(now + ms).toISOString(), now)).toBe(expected);
});
