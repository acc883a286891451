import { expect, test } from 'vitest';
import { table } from '#bridge/cli/table.ts';
import { healthOf, localTime, markOf } from '#bridge/cli/words.ts';
import type { Account } from '#contract/account.ts';
import type { AccountView } from '#contract/control.ts';

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

const account = {
  slug: 'acme',
  state: 'ready',
  rules: { readOnly: false, deny: [] },
  identity: { server: 's', summary: 's', tools: 1, protocolVersion: '2025-11-25', checkedAt: '' },
} as unknown as Account;

test.each([
  [{}, 'ready, 1 tool'],
  [{ rules: { readOnly: true, deny: [] } }, 'ready, 1 tool, read-only'],
  [{ identity: undefined }, 'not checked yet: gangway check acme'],
  [{ state: 'sign-in-needed' }, 'sign-in needed: gangway rotate acme'],
])('health is a sentence that ends in what to do: %j', (change, expected) => {
  expect(healthOf({ ...account, ...change } as Account)).toBe(expected);
});

test.each([
  [true, true, '*'],
  [false, true, '+'],
  [false, false, ''],
])('current %s, active %s is marked %j', (current, active, mark) => {
  expect(markOf({ ...account, current, active } as AccountView)).toBe(mark);
});

test('a time of today has no day', () => {
  const now = new Date(2026, 10, 21, 18, 0, 0);
  expect(localTime(new Date(2026, 10, 21, 9, 5, 7).toISOString(), now)).toBe('09:05:07');
  expect(localTime(new Date(2026, 10, 20, 9, 5, 7).toISOString(), now)).toBe('2026-11-20 09:05:07');
});
