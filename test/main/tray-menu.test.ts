import { describe, expect, test } from 'vitest';
import type { Snapshot } from '#contract/control.ts';
import type { UpdateState } from '#contract/desktop.ts';
import type { TrayState } from '#main/tray-menu.ts';
import {
  aCall,
  account,
  acme,
  aSession,
  aSnapshot,
  ENDED,
  later,
  NO_UPDATE,
  opened,
  three,
} from './a-tray.ts';

test('the whole menu of a quiet day, from top to bottom', () => {
  const { menu } = opened(three);
  expect(menu.texts).toEqual([
    'Ready',
    '-',
    [
      'Current account: Pelcro Acme (production)',
      [
        'Pelcro Acme (production) – ready, 41 tools',
        'Pelcro Beta (STAGING) – ready, 41 tools',
        'allv Ops (production) – ready, 41 tools',
      ],
    ],
    [
      'Pelcro: Acme (production)',
      [
        'Acme (production) – ready, 41 tools',
        'Beta (STAGING) – ready, 41 tools',
        '-',
        'Add account…',
        'Manage…',
      ],
    ],
    ['allv: Ops (production)', ['Ops (production) – ready, 41 tools', '-', 'Add account…', 'Manage…']],
    [
      'Acting as: ops@acme.example (allv)',
      [
        'ops@acme.example (usual)',
        'ann@acme.example',
        'usr_7',
        '-',
        'Choose…',
        'Stop acting as someone else',
      ],
    ],
    '-',
    ['Recent calls', ['No calls yet', '-', 'Open activity…']],
    'No app is connected',
    '-',
    'Read-only for everything',
    ['Pause all access', ['For 15 minutes', 'For 1 hour', 'Until I resume']],
    '-',
    'Open Gangway',
    'Settings…',
    'Check for updates',
    ['Help', ['Help page', 'Copy diagnostics', 'What’s new']],
    '-',
    'Quit Gangway',
  ]);
});

describe('the status line', () => {
  const at = (snapshot: Snapshot | undefined, change: Partial<TrayState> = {}): string => {
    const { menu } = opened(snapshot, change);
    const [first] = menu.rows;
    expect(first?.enabled).toBe(false);
    return first?.label ?? '';
  };
  const offline = account('Acme', { condition: { state: 'offline', text: '', action: 'wait' } });

  test.each<[string, Snapshot | undefined, Partial<TrayState>]>([
    ['Ready', three, {}],
    ['Ready, read-only', { ...three, settings: { ...three.settings, readOnly: true } }, {}],
    ['No account yet', aSnapshot(), {}],
    ['Starting…', undefined, {}],
    ['Gangway does not answer since 11:02', three, { isLost: true, offlineSince: later(-58 * 60_000) }],
    ['Offline since 11:02', aSnapshot({ accounts: [offline] }), { offlineSince: later(-58 * 60_000) }],
    ['Offline', aSnapshot({ accounts: [offline] }), {}],
    ['Paused until you resume', aSnapshot({ accounts: [acme] }, { paused: true }), {}],
    [
      'Paused until 12:15',
      aSnapshot({ accounts: [acme] }, { paused: true, pausedUntil: later(15 * 60_000).toISOString() }),
      {},
    ],
    [
      'Paused until Sun 09:00',
      aSnapshot({ accounts: [acme] }, { paused: true, pausedUntil: later(21 * 3_600_000).toISOString() }),
      {},
    ],
    ['1 account ready, 1 needs sign-in', aSnapshot({ accounts: [acme, account('Beta', ENDED)] }), {}],
  ])('says %s', (text, snapshot, change) => {
    expect(at(snapshot, change)).toBe(text);
  });
});

describe('recent calls', () => {
  const recent = [
    aCall(7, { accountLabel: 'Acme', at: later(-30_000).toISOString() }),
    aCall(6, { accountLabel: 'Acme', at: later(-120_000).toISOString(), outcome: 'error' }),
    aCall(5, { at: later(-3 * 3_600_000).toISOString(), outcome: 'blocked' }),
    aCall(4, { accountLabel: 'Beta', at: later(-50 * 3_600_000).toISOString(), outcome: 'tool-error' }),
    aCall(3, { accountLabel: 'Beta', method: 'tools/list', target: null, outcome: 'unknown' }),
    aCall(2),
  ];

  test('are the last five, each with mark, account, tool and age', () => {
    const { menu } = opened(aSnapshot({ recent: recent.toReversed() }));
    expect(menu.find('Recent calls').submenu?.texts).toEqual([
      '✓ Acme · tool-7 · just now',
      '✗ Acme · tool-6 · 2 min ago',
      '– no account · tool-5 · 3 h ago',
      '✗ Beta · tool-4 · 2 days ago',
      '? Beta · tools/list · just now',
      '-',
      'Open activity…',
    ]);
  });

  test('tell a time instead of an age where the menu stays as it is', () => {
    const { menu } = opened(aSnapshot({ recent }), { platform: 'linux' });
    expect(menu.find('Recent calls').submenu?.texts[1]).toBe('✗ Acme · tool-6 · 11:58');
  });

  test('lead to the activity', () => {
    const { menu, done } = opened(aSnapshot({ recent }));
    menu.click('Recent calls', '✓ Acme · tool-7');
    menu.click('Recent calls', 'Open activity…');
    expect(done).toEqual([
      ['showWindow', '/activity'],
      ['showWindow', '/activity'],
    ]);
  });
});

test('connected apps have a count, each app once, by its name without its version', () => {
  const sessions = [
    aSession('Cursor 1.0'),
    { ...aSession('Cursor 1.0'), id: 'second' },
    aSession('Claude Desktop v2'),
    aSession(null),
  ];
  const { menu, done } = opened(aSnapshot({ sessions }));
  expect(menu.find('Connected apps: 3').submenu?.texts).toEqual([
    'Claude Desktop',
    'Cursor (2)',
    'stdio client',
  ]);
  menu.click('Connected apps: 3', 'Cursor (2)');
  expect(done).toEqual([['showWindow', '/apps']]);
});

describe('access', () => {
  test('becomes read-only, and back, by one click', () => {
    const off = opened(three);
    expect(off.menu.find('Read-only for everything')).toMatchObject({ type: 'checkbox', checked: false });
    off.menu.click('Read-only for everything');
    expect(off.done).toEqual([['setReadOnly', true]]);
    const on = opened({ ...three, settings: { ...three.settings, readOnly: true } });
    expect(on.menu.find('Read-only for everything').checked).toBe(true);
    on.menu.click('Read-only for everything');
    expect(on.done).toEqual([['setReadOnly', false]]);
  });

  test('pauses for a quarter of an hour, an hour, or until somebody resumes', () => {
    const { menu, done } = opened(three);
    for (const label of ['For 15 minutes', 'For 1 hour', 'Until I resume']) {
      menu.click('Pause all access', label);
    }
    expect(done).toEqual([['pause', 15], ['pause', 60], ['pause']]);
  });

  test('resumes by one click, which says when it would by itself', () => {
    const until = later(15 * 60_000).toISOString();
    const timed = opened(aSnapshot({ accounts: [acme] }, { paused: true, pausedUntil: until }));
    timed.menu.click('Resume (paused until 12:15)');
    expect(timed.done).toEqual([['resume']]);
    const open = opened(aSnapshot({ accounts: [acme] }, { paused: true }));
    expect(open.menu.find('Resume').label).toBe('Resume');
    expect(open.menu.rows.map(({ label }) => label)).not.toContain('Pause all access');
  });
});

describe('the end of the menu', () => {
  test('opens window and settings, helps and quits', () => {
    const { menu, done } = opened(three, { platform: 'linux' });
    menu.click('Open Gangway');
    menu.click('Settings…');
    for (const label of ['Help page', 'Copy diagnostics', 'What’s new', 'Redraw menu'])
      menu.click('Help', label);
    menu.click('Quit Gangway');
    expect(done).toEqual([
      ['showWindow'],
      ['showWindow', '/settings'],
      ['openPage', 'help'],
      ['copyDiagnostics'],
      ['openPage', 'changes'],
      ['redraw'],
      ['quit'],
    ]);
  });

  test.each<[Partial<UpdateState>, string, unknown[][] | undefined]>([
    [{ state: 'idle' }, 'Check for updates', [['checkForUpdates']]],
    [{ state: 'failed' }, 'Check for updates', [['checkForUpdates']]],
    [{ state: 'checking' }, 'Checking for updates…', undefined],
    [{ state: 'downloading', version: '1.2.0', percent: 40 }, 'Downloading 1.2.0…', undefined],
    [{ state: 'downloading' }, 'Downloading…', undefined],
    [{ state: 'ready', version: '1.2.0' }, 'Restart to update to 1.2.0', [['restartToUpdate']]],
    [{ state: 'ready' }, 'Restart to update', [['restartToUpdate']]],
  ])('knows an update that is %j', (update, label, expected) => {
    const { menu, done } = opened(three, { update: { ...NO_UPDATE, ...update } });
    const item = menu.find(label);
    expect(item.enabled).toBe(expected !== undefined);
    if (item.enabled) menu.click(label);
    expect(done).toEqual(expected ?? []);
  });

  test('has no word about updates in a build that takes none', () => {
    const { menu } = opened(three, { update: { ...NO_UPDATE, state: 'off' } });
    expect(menu.rows.filter(({ label }) => /update/i.test(label))).toEqual([]);
  });

  test('asks for the restart among what needs a person, too', () => {
    const { menu } = opened(three, { update: { ...NO_UPDATE, state: 'ready', version: '1.2.0' } });
    expect(menu.texts[2]).toBe('Gangway 1.2.0 is ready: restart to update…');
  });

  test('is all there is while the bridge is away', () => {
    expect(opened(three, { isLost: true }).menu.texts).toEqual([
      'Gangway does not answer',
      '-',
      'Open Gangway',
      'Settings…',
      'Check for updates',
      ['Help', ['Help page', 'Copy diagnostics', 'What’s new']],
      '-',
      'Quit Gangway',
    ]);
  });
});
