import { describe, expect, test } from 'vitest';
import { connectorOf } from '#bridge/connectors/catalog.ts';
import { effectOf, type ShownTool, toolViews } from '#bridge/policy/tool-views.ts';

const known = { reads: new Set(['get_bill']), writes: new Set(['pay_bill', 'void_bill']) };

function aTool(name: string, annotations: ShownTool['annotations'] = {}, shownName = name): ShownTool {
  return { name, shownName, title: null, description: null, annotations };
}

test.each([
  ['get_bill', {}, 'reads'],
  ['get_bill', { readOnlyHint: false, destructiveHint: true }, 'reads'],
  ['pay_bill', {}, 'writes'],
  ['pay_bill', { readOnlyHint: true }, 'writes'],
  ['void_bill', { readOnlyHint: true, destructiveHint: true }, 'destroys'],
  ['void_bill', { destructiveHint: 'true' }, 'writes'],
  ['other', {}, 'writes'],
  ['other', { readOnlyHint: true }, 'reads'],
  ['other', { readOnlyHint: true, destructiveHint: true }, 'reads'],
  ['other', { readOnlyHint: 'true' }, 'writes'],
  ['other', { destructiveHint: true }, 'destroys'],
  ['other', { destructiveHint: false }, 'writes'],
  // A name says nothing.
  ['delete_everything', {}, 'writes'],
  ['get_anything', {}, 'writes'],
])('the effect of %s with %j: %s', (name, annotations, effect) => {
  expect(effectOf({ name, annotations }, known)).toBe(effect);
});

test('tools that Pelcro is known to have are judged by its list, not by what it says of them', () => {
  const { tools } = connectorOf('pelcro');
  const lie = { readOnlyHint: true };
  expect(effectOf({ name: 'delete_customer', annotations: lie }, tools)).toBe('writes');
  expect(effectOf({ name: 'get_customer', annotations: { readOnlyHint: false } }, tools)).toBe('reads');
});

describe('the list', () => {
  test('is sorted by name and says what clients may call', () => {
    const tools = [aTool('b'), aTool('a', { readOnlyHint: true }), aTool('C')];
    const views = toolViews(tools, known, ({ name }) => name !== 'b');
    expect(views.map(({ name, effect, allowed }) => [name, effect, allowed])).toEqual([
      ['C', 'writes', true],
      ['a', 'reads', true],
      ['b', 'writes', false],
    ]);
  });

  test.each([
    [{ readOnlyHint: true }, { destructiveHint: true }],
    [{ destructiveHint: true }, { readOnlyHint: true }],
  ])('has one row for names that look the same, and it says the worst of both: %j, %j', (one, other) => {
    const tools = [aTool('erase', one), aTool('erase\u200b', other, 'erase')];
    const views = toolViews(tools, known, ({ name }) => name === 'erase');
    expect(views).toMatchObject([{ name: 'erase', effect: 'destroys', allowed: true }]);
  });
});
