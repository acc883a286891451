import { expect, test } from 'vitest';
import { missingScope, scopeUnion } from '#bridge/sign-in/scopes.ts';

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
