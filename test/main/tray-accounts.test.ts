import { describe, expect, test } from 'vitest';
import { presets } from '#bridge/connectors/presets.ts';
import type { AccountView } from '#contract/control.ts';
import { trayTexts } from '#main/texts/tray.ts';
import { expecting } from '#main/tray-accounts.ts';
import { appName, fullName, menuLabel, shortName, shown } from '#main/tray-words.ts';
import {
  aCall,
  account,
  acme,
  aSession,
  aSnapshot,
  beta,
  ENDED,
  LOCKED,
  NO_UPDATE,
  opened,
  ops,
  three,
  ticked,
} from './a-tray.ts';

describe('accounts', () => {
  test('switch in two clicks: the connector, then the account', () => {
    const { menu, done, template } = opened(three);
    expect(ticked(template)).toContain('Acme (production) – ready, 41 tools');
    menu.click('Pelcro: Acme (production)', 'Beta (STAGING)');
    expect(done).toEqual([['switchTo', beta.id]]);
  });

  test('of another connector become the current one the same way', () => {
    const { menu, done, template } = opened(three);
    expect(ticked(template)).toEqual([
      'Pelcro Acme (production) – ready, 41 tools',
      'Acme (production) – ready, 41 tools',
      'Ops (production) – ready, 41 tools',
      'ops@acme.example (usual)',
    ]);
    menu.click('Current account: Pelcro Acme (production)', 'allv Ops (production)');
    expect(done).toEqual([['switchTo', ops.id]]);
  });

  test('of one connector alone need no list of their own for the current one', () => {
    const { menu } = opened(aSnapshot({ accounts: [acme, beta] }));
    expect(menu.rows.map(({ label }) => label)).not.toContain('Current account: Pelcro Acme (production)');
  });

  test('are plain items while none is chosen, because Electron would tick the first', () => {
    const accounts = [account('Acme'), account('Beta')];
    const { menu, template } = opened(aSnapshot({ accounts }));
    const submenu = menu.find('Pelcro: none chosen').submenu;
    expect(submenu?.rows.slice(0, 2).map(({ type }) => type)).toEqual(['normal', 'normal']);
    expect(ticked(template)).toEqual([]);
  });

  test.each<[string, Partial<AccountView>]>([
    ['ready, 1 tool', { identity: { ...acme.identity!, tools: 1 } }],
    ['ready, 41 tools, read-only', { rules: { readOnly: true, deny: [] } }],
    ['sign-in needed', ENDED],
    ['signed out', { ...ENDED, signInReason: 'signed-out' }],
    ['key refused', { condition: { state: 'sign-in-needed', text: '', action: 'enter-key' } }],
    ['locked', { condition: LOCKED }],
    ['offline', { condition: { state: 'offline', text: '', action: 'wait' } }],
    ['a permission is missing', { condition: { ...acme.condition, action: 'sign-in', wider: 'x' } }],
  ])('say how they are: %s', (health, change) => {
    const { menu } = opened(aSnapshot({ accounts: [account('Acme', { active: true, ...change })] }));
    expect(menu.find('Pelcro: Acme (production)').submenu?.rows[0]?.label).toBe(
      `Acme (production) – ${health}`,
    );
  });

  test('that were never checked say so', () => {
    const { identity: _, ...unchecked } = acme;
    const { menu } = opened(aSnapshot({ accounts: [unchecked] }));
    expect(menu.find('Pelcro: Acme').submenu?.texts[0]).toBe('Acme (production) – not checked yet');
  });

  test('lead to the window for adding and for everything else', () => {
    const { menu, done } = opened(three);
    menu.click('allv: Ops', 'Add account…');
    menu.click('allv: Ops', 'Manage…');
    expect(done).toEqual([
      ['showWindow', '/accounts/add/allv'],
      ['showWindow', '/accounts'],
    ]);
  });

  test('begin with the first one where there is none', () => {
    const { menu, done } = opened(aSnapshot());
    expect(menu.texts.slice(0, 4)).toEqual(['No account yet', '-', 'Add your first account…', '-']);
    menu.click('Add your first account…');
    expect(done).toEqual([['showWindow', '/accounts/add']]);
  });

  test('beyond a screenful go on in the window, and the chosen one is always there', () => {
    const many = Array.from({ length: 40 }, (_, index) => account(`Many${index}`, { active: index === 39 }));
    const { menu } = opened(aSnapshot({ accounts: many }));
    const labels = menu.find('Pelcro: Many39').submenu?.rows.map(({ label }) => label) ?? [];
    expect(labels).toHaveLength(26 + 1 + 3);
    expect(labels[25]).toBe('Many39 (production) – ready, 41 tools');
    expect(labels[26]).toBe('14 more in the window…');
  });

  test('have the tick where it is expected to be', () => {
    const after = expecting(three, beta.id);
    expect(after.accounts.map(({ label, active, current }) => [label, active, current])).toEqual([
      ['Acme', false, false],
      ['Beta', true, true],
      ['Ops', true, false],
    ]);
    expect(expecting(three, account('Gone').id)).toBe(three);
  });

  test('have the names of their connectors as the bridge has them', () => {
    expect(trayTexts.connector).toEqual(Object.fromEntries(presets.map(({ id, label }) => [id, label])));
  });
});

describe('acting as', () => {
  const acting = { ...ops, actingAs: ops.recentUsers[0]! };

  test('somebody else is one of those before, and the tick shows who', () => {
    const { menu, done, template } = opened(aSnapshot({ accounts: [acting] }));
    expect(ticked(template)).toContain('ann@acme.example');
    menu.click('Acting as: ann@acme.example (allv)', 'usr_7');
    expect(done).toEqual([['actAs', ops.id, { by: 'id', value: 'usr_7' }]]);
  });

  test('ends by its own item or by choosing the usual user', () => {
    const { menu, done } = opened(aSnapshot({ accounts: [acting] }));
    menu.click('Acting as', 'Stop acting as someone else');
    menu.click('Acting as', 'ops@acme.example (usual)');
    expect(done).toEqual([
      ['actAs', ops.id, null],
      ['actAs', ops.id, null],
    ]);
  });

  test('cannot be stopped while nobody else acts', () => {
    const { menu } = opened(three);
    expect(menu.find('Acting as', 'Stop acting as someone else').enabled).toBe(false);
  });

  test('somebody new is chosen in the window', () => {
    const { menu, done } = opened(three);
    menu.click('Acting as', 'Choose…');
    expect(done).toEqual([['showWindow', `/accounts/${ops.id}/user`]]);
  });

  test('is there for the active account of a connector that takes a user, and for no other', () => {
    const { user: _, ...plain } = { ...ops, recentUsers: [] };
    const idle = { ...plain, active: false };
    const has = (accounts: AccountView[]): boolean =>
      opened(aSnapshot({ accounts })).menu.rows.some(({ label }) => label.startsWith('Acting as'));
    const command: AccountView['upstream'] = { kind: 'command', command: 'allegro-mcp', args: [] };
    expect(has([plain])).toBe(true);
    expect(has([idle])).toBe(false);
    expect(has([{ ...plain, connector: 'allegro' }])).toBe(false);
    expect(has([{ ...plain, connector: 'allegro', upstream: command }])).toBe(true);
    expect(has([{ ...plain, connector: 'custom', upstream: command }])).toBe(false);
    // Somebody chose a user once, whatever the connector says.
    const user = { by: 'id', value: 'usr_7' } as const;
    expect(has([{ ...plain, connector: 'custom', user }])).toBe(true);
    expect(has([{ ...plain, connector: 'custom', actingAs: user }])).toBe(true);
    expect(has([{ ...plain, connector: 'custom', recentUsers: [user] }])).toBe(true);
    expect(has([acme, beta])).toBe(false);
    expect(
      opened(aSnapshot({ accounts: [plain] })).menu.find('Acting as: yourself (allv)').submenu?.texts[0],
    ).toBe('Yourself');
  });
});

describe('names from outside', () => {
  const evil = `A&B <img onerror>\u202e\u0007\u001b[2J\n${'x'.repeat(10_000)}`;

  test('have no control or direction characters in the menu, are cut, and keep their ampersands', () => {
    const accounts = [
      account('Evil', {
        active: true,
        label: evil,
        connector: 'allv',
        user: { by: 'id', value: evil },
        ...ENDED,
        signInReason: 'refused',
      }),
    ];
    const snapshot = aSnapshot({
      accounts,
      sessions: [aSession(evil)],
      recent: [aCall(1, { accountLabel: evil, target: evil })],
    });
    const { menu, template } = opened(snapshot, { update: { ...NO_UPDATE, state: 'ready', version: evil } });
    const labels = [...JSON.stringify(template).matchAll(/"label":"([^"]*)"/g)].map(
      ([, label = '']) => label,
    );
    const odd = /[\u202a-\u202e]|\\u00|\\n/;
    expect(labels.filter((label) => odd.test(label) || label.length > 120)).toEqual([]);
    expect(menu.find('allv: A&&B <img onerror>')).toBeDefined();
  });

  test('that are written from right to left keep to themselves', () => {
    const accounts = [account('Shop', { active: true, label: 'Pelcro · שלום' })];
    const recent = [aCall(1, { accountLabel: 'Acme', target: 'أداة' })];
    const { menu } = opened(aSnapshot({ accounts, recent, sessions: [aSession('Кот 1.0')] }));
    expect(menu.find('Pelcro: \u2068שלום\u2069 (production)')).toBeDefined();
    expect(menu.find('Recent calls').submenu?.texts[0]).toBe('✓ Acme · \u2068أداة\u2069 · just now');
    expect(menu.find('Connected apps: 1').submenu?.texts).toEqual(['Кот']);
  });

  test.each([
    ['Pelcro · Acme', 'Acme', 'Pelcro Acme'],
    ['pelcro Acme', 'Acme', 'Pelcro Acme'],
    ['Pelcro', 'Pelcro', 'Pelcro'],
    ['Pelcrona', 'Pelcrona', 'Pelcro Pelcrona'],
    ['Acme', 'Acme', 'Pelcro Acme'],
  ])('do not say the connector twice: %s', (label, short, full) => {
    expect([shortName({ connector: 'pelcro', label }), fullName({ connector: 'pelcro', label })]).toEqual([
      short,
      full,
    ]);
  });

  test('of other servers stand alone', () => {
    expect(fullName({ connector: 'custom', label: 'Wiki' })).toBe('Wiki');
  });

  test.each([
    ['Cursor 1.0', 'Cursor'],
    ['Cursor 1.0 (current)', 'Cursor'],
    ['Claude Desktop v2.3-beta', 'Claude Desktop'],
    ['codex', 'codex'],
    ['7', '7'],
    ['3D Studio', '3D Studio'],
  ])('of programs lose their version: %s', (program, name) => {
    expect(appName(program)).toBe(name);
  });

  test('that are cut say so, never within a character', () => {
    expect(shown('abcdef', 5)).toBe('abcd…');
    expect(shown('abcde', 5)).toBe('abcde');
    expect(shown('ab👩‍👩‍👧cdefgh', 6)).toBe('ab…');
    expect(menuLabel('A & B')).toBe('A && B');
  });
});
