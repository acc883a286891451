import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connectorOf } from '#bridge/connectors/catalog.ts';
import { decide, type EveryAccount, type GatedCall, visibleTools } from '#bridge/policy/rules.ts';
import type { AccountRules } from '#contract/account.ts';

const known = { reads: new Set(['list-products']), writes: new Set(['update-product']) };
const open: AccountRules = { readOnly: false, deny: [] };
const readOnly: AccountRules = { readOnly: true, deny: [] };

const nothing: EveryAccount = { paused: false, readOnly: false };
const allReadOnly: EveryAccount = { paused: false, readOnly: true };

function outcome(rules: AccountRules, call: GatedCall, every = nothing): string {
  const decision = decide({ label: 'Acme', rules }, every, known, call);
  if (decision.kind === 'allow') return 'allow';
  expect(decision.because.length).toBeLessThanOrEqual(300);
  return decision.code;
}

const tool = (name: string | undefined, annotations?: GatedCall['annotations']): GatedCall => ({
  method: 'tools/call',
  tool: name,
  annotations,
});

test.each([undefined, 'anything', 'update-product', ''])('without rules the tool %j is allowed', (name) => {
  expect(outcome(open, tool(name))).toBe('allow');
});

test('while paused only signs of life pass', () => {
  const methods = ['initialize', 'ping', 'tools/list', 'tools/call', 'resources/read', 'prompts/get', 'x/y'];
  expect(methods.map((method) => outcome(open, { method }, { ...nothing, paused: true }))).toEqual([
    'allow',
    'allow',
    ...Array.from({ length: 5 }, () => 'paused'),
  ]);
});

describe('TP-01 a denied tool stays denied in every spelling', () => {
  const denied = { readOnly: false, deny: ['update-product'] };

  test.each([
    'update-product',
    'Update-Product',
    'UPDATE-PRODUCT',
    'update-product ',
    ' update-product',
    'ｕpdate-product',
    'upd\u0430te-product',
    'update\u2010product',
    'update-product\u200b',
    'update-product\u0000',
    undefined,
  ])('%j', (name) => {
    expect(outcome(denied, tool(name))).toBe('blocked');
  });

  test('and its neighbours stay allowed', () => {
    expect(outcome(denied, tool('update-products'))).toBe('allow');
    expect(outcome(denied, tool('list-products'))).toBe('allow');
  });
});

describe('TP-01 an allow list names tools exactly', () => {
  const allowed = { readOnly: false, allow: ['list-products', 'größe'], deny: [] };

  test.each([
    ['list-products', 'allow'],
    ['größe', 'allow'],
    ['List-Products', 'blocked'],
    ['list-products ', 'blocked'],
    ['l\u0456st-products', 'blocked'],
    ['update-product', 'blocked'],
    [undefined, 'blocked'],
  ])('%j: %s', (name, expected) => {
    expect(outcome(allowed, tool(name))).toBe(expected);
  });

  test('deny wins over allow, and an empty list allows nothing', () => {
    expect(outcome({ ...allowed, deny: ['list-products'] }, tool('list-products'))).toBe('blocked');
    expect(outcome({ ...open, allow: [] }, tool('list-products'))).toBe('blocked');
  });

  test('allowing a tool does not let it write on a read-only account', () => {
    expect(outcome({ ...readOnly, allow: ['update-product'] }, tool('update-product'))).toBe('blocked');
  });
});

describe('TP-02 on a read-only account', () => {
  test.each<[string | undefined, GatedCall['annotations'], string]>([
    ['list-products', undefined, 'allow'],
    ['list-products', { readOnlyHint: false }, 'allow'],
    ['update-product', { readOnlyHint: true }, 'blocked'],
    ['update-product', undefined, 'blocked'],
    ['unheard-of', { readOnlyHint: true }, 'allow'],
    ['unheard-of', { readOnlyHint: false }, 'blocked'],
    ['unheard-of', { readOnlyHint: 'true' }, 'blocked'],
    ['unheard-of', { readOnlyHint: 1 }, 'blocked'],
    ['unheard-of', {}, 'blocked'],
    ['unheard-of', undefined, 'blocked'],
    ['List-Products', undefined, 'blocked'],
    [undefined, undefined, 'blocked'],
  ])('the tool %j with %j: %s', (name, annotations, expected) => {
    expect(outcome(readOnly, tool(name, annotations))).toBe(expected);
  });

  test.each([
    ['resources/read', 'allow'],
    ['prompts/get', 'allow'],
    ['completion/complete', 'allow'],
    ['notifications/delete-everything', 'blocked'],
    ['vendor/delete-everything', 'blocked'],
    ['tools/Call', 'blocked'],
    ['', 'blocked'],
  ])('the method %j: %s', (method, expected) => {
    expect(outcome(readOnly, { method })).toBe(expected);
  });

  test('the vendors’ own lists decide for Allegro and Pelcro', () => {
    const lying = { readOnlyHint: true };
    for (const [connector, write] of [
      ['allegro', 'grant-entitlement'],
      ['pelcro', 'delete_customer'],
      ['allv', 'agent.update_memory'],
    ] as const) {
      const { tools } = connectorOf(connector);
      const decision = decide({ label: 'Acme', rules: readOnly }, nothing, tools, tool(write, lying));
      expect(decision.kind).toBe('deny');
    }
  });
});

describe('while everything is read-only', () => {
  test('an account without rules of its own is as restricted as a read-only one', async () => {
    const name = fc.constantFrom('list-products', 'update-product', 'x', undefined);
    const method = fc.constantFrom('tools/call', 'tools/list', 'resources/read', 'vendor/write', '');
    const call = fc.record({ method, tool: name, annotations: fc.record({ readOnlyHint: fc.boolean() }) });
    await fc.assert(
      fc.property(call, (asked) => {
        expect(outcome(open, asked, allReadOnly)).toBe(outcome(readOnly, asked));
      }),
    );
    const list = [{ name: 'list-products' }, { name: 'update-product' }];
    expect(visibleTools({ label: 'Acme', rules: open }, allReadOnly, known, list)).toEqual([list[0]]);
  });

  test.each([
    [open, tool('update-product'), 'Everything is read-only in Gangway right now, and this tool may change'],
    [open, { method: 'x/write' }, 'Everything is read-only in Gangway right now, and this request might'],
    [readOnly, tool('update-product'), 'Acme is read-only here, and this tool may change something.'],
    [{ ...open, deny: ['update-product'] }, tool('update-product'), 'switched off for Acme by your rules'],
  ])('the refusal names what has to be changed first: %#', (rules, call, words) => {
    const decision = decide({ label: 'Acme', rules }, allReadOnly, known, call);
    expect(decision).toMatchObject({
      kind: 'deny',
      code: 'blocked',
      because: expect.stringContaining(words),
    });
  });

  test('a pause still stops what only reads', () => {
    const every = { paused: true, readOnly: true };
    expect(outcome(open, tool('list-products'), every)).toBe('paused');
  });
});

describe('the list of tools a client sees', () => {
  const tools = [
    { name: 'list-products' },
    { name: 'update-product', annotations: { readOnlyHint: true } },
    { name: 'hinted', annotations: { readOnlyHint: true } },
    { name: 'plain' },
    { name: 7 },
    { title: 'nameless' },
    { name: 'odd', annotations: null },
  ];

  test('is the workspace’s own while there are no rules', () => {
    expect(visibleTools({ label: 'Acme', rules: open }, nothing, known, tools)).toBe(tools);
  });

  test('holds what may be called, in the same order and unchanged', () => {
    const visible = visibleTools({ label: 'Acme', rules: readOnly }, nothing, known, tools);
    expect(visible).toEqual([tools[0], tools[2]]);
    expect(visible[0]).toBe(tools[0]);
  });

  test('is exactly what may be called, whatever the rules are', async () => {
    const name = fc.constantFrom('list-products', 'update-product', 'x', 'X', 'ü', ' x');
    const rules = fc.record(
      { readOnly: fc.boolean(), deny: fc.array(name), allow: fc.array(name) },
      { requiredKeys: ['readOnly', 'deny'] },
    );
    const list = fc.array(
      fc.record({ name, annotations: fc.record({ readOnlyHint: fc.oneof(fc.boolean(), fc.string()) }) }),
    );
    await fc.assert(
      fc.property(rules, fc.boolean(), list, (some, isReadOnly, offered) => {
        const every = { paused: false, readOnly: isReadOnly };
        const visible = new Set(visibleTools({ label: 'Acme', rules: some }, every, known, offered));
        for (const item of offered) {
          const called = outcome(some, tool(item.name, item.annotations), every);
          expect(visible.has(item)).toBe(called === 'allow');
        }
      }),
    );
  });
});
