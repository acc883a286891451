import { expect, test } from 'vitest';
import { missingScope, scopeUnion, widened } from '#bridge/credentials/scopes.ts';

test.each([
  [[undefined, undefined], undefined],
  [['a b', undefined], 'a b'],
  [['a b', 'b c'], 'a b c'],
  [['  a  ', ''], 'a'],
  [['', ''], undefined],
] as const)('the union of %j is %j', (scopes, union) => {
  expect(scopeUnion(...scopes)).toBe(union);
});

test.each([
  [undefined, 'a', undefined],
  ['a b', undefined, undefined],
  ['a b', 'a b c', undefined],
  ['a b c', 'b', 'a c'],
] as const)('of %j, granted %j, there is missing %j', (asked, granted, missing) => {
  expect(missingScope(asked, granted)).toBe(missing);
});

test('what a workspace names is taken as far as it is scope and short', () => {
  expect(widened('a', 'b "x" c\u0000 a b')).toBe('a b');
  expect(widened('a', '')).toBe('a');
  expect(widened(undefined, `${'x'.repeat(201)} y`)).toBe('y');
  const many = Array.from({ length: 400 }, (_, turn) => `scope-${turn}`).join(' ');
  expect(widened(undefined, many)?.length).toBeLessThanOrEqual(1_000);
  expect(widened(widened('first', many), `last ${many}`)).toMatch(/^first scope-0 /);
});
