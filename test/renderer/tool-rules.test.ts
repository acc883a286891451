import { describe, expect, test } from 'vitest';
import type { ToolView } from '#contract/control.ts';
import { isOn, toolsShown, withTool } from '#renderer/views/account/tool-rules.ts';

const tool = (name: string, effect: ToolView['effect'], description = ''): ToolView => ({
  name,
  title: null,
  description,
  effect,
  allowed: true,
});
const tools = [
  tool('list_orders', 'reads', 'Lists orders.'),
  tool('update_order', 'writes'),
  tool('delete_order', 'destroys'),
  tool('whoami', 'reads'),
];
const all = { readOnly: false, deny: [] };
const names = (found: readonly ToolView[]) => found.map(({ name }) => name);

describe('the tools that are shown', () => {
  test.each([
    ['all', '', ['list_orders', 'update_order', 'delete_order', 'whoami']],
    ['all', ' ORDERS ', ['list_orders']],
    ['reading', '', ['list_orders', 'whoami']],
    ['writing', 'order', ['update_order', 'delete_order']],
    ['off', '', ['whoami']],
  ] as const)('%s, %j', (filter, search, expected) => {
    expect(names(toolsShown(tools, { ...all, deny: ['whoami'] }, filter, search))).toEqual(expected);
  });

  test('are off when a list is kept and they are not on it', () => {
    expect(names(toolsShown(tools, { ...all, allow: ['whoami'] }, 'off', ''))).toEqual([
      'list_orders',
      'update_order',
      'delete_order',
    ]);
  });
});

describe('a tool that is switched', () => {
  test('off is denied, and on again is not, whatever else the rules say', () => {
    const off = withTool({ readOnly: true, deny: ['other'] }, 'whoami', false);
    expect(off).toEqual({ readOnly: true, deny: ['other', 'whoami'] });
    expect(isOn('whoami', off)).toBe(false);
    expect(withTool(off, 'whoami', true)).toEqual({ readOnly: true, deny: ['other'] });
  });

  test('twice is denied once', () => {
    expect(withTool(withTool(all, 'whoami', false), 'whoami', false).deny).toEqual(['whoami']);
  });

  test('leaves a list of allowed tools a list', () => {
    const listed = { ...all, allow: ['whoami'] };
    expect(withTool(listed, 'list_orders', true)).toEqual({ ...all, allow: ['whoami', 'list_orders'] });
    expect(withTool(listed, 'whoami', false)).toEqual({ ...all, deny: ['whoami'], allow: [] });
    expect(withTool(listed, 'whoami', true)).toEqual(listed);
  });
});
