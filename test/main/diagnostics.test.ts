import { expect, test } from 'vitest';
import { AccountId, Slug } from '#contract/account.ts';
import type { AccountView, Snapshot } from '#contract/control.ts';
import { Settings } from '#contract/settings.ts';
import { type DiagnosticFacts, diagnosticsText } from '#main/diagnostics.ts';
import { idle } from '#main/update-state.ts';
import { canary } from '../canary/canary.ts';

function account(change: Partial<AccountView> = {}): AccountView {
  return {
    id: AccountId.parse('acc_12345678'),
    slug: Slug.parse('acme'),
    connector: 'allv',
    label: 'Acme',
    color: 'blue',
    environment: 'production',
    upstream: { kind: 'http', url: 'https://agent.allv.ai/api/workspaces/ws_secret/mcp?team=secret' },
    signIn: { kind: 'key', header: 'authorization' },
    headers: { 'x-team': 'secret' },
    secretHeaders: ['x-other'],
    recentUsers: [{ by: 'email', value: 'me@acme.example' }],
    ownNetwork: false,
    rules: { readOnly: false, deny: [] },
    state: 'ready',
    createdAt: '2027-01-01T00:00:00.000Z',
    current: false,
    active: true,
    condition: { state: 'ready', text: '', action: 'none' },
    ...change,
  };
}

function snapshot(accounts: AccountView[] = []): Snapshot {
  return {
    status: {
      version: '0.1.0',
      pid: 4711,
      home: '/home/somebody/.local/share/gangway',
      socket: '/home/somebody/.local/share/gangway/run/gangway.sock',
      url: 'http://127.0.0.1:4711/mcp',
      vault: { kind: 'keychain', state: 'locked' },
      paused: true,
      pausedUntil: null,
      startedAt: '2027-03-01T11:00:00.000Z',
    },
    accounts,
    signIns: [],
    sessions: [],
    clients: [],
    knownClients: [],
    settings: Settings.parse({}),
    recent: [],
  };
}

const facts: DiagnosticFacts = {
  snapshot: snapshot(),
  isLost: false,
  versions: { gangway: '0.1.0', electron: '45.4.1', chrome: '150.0.1', node: '24.1.0' },
  platform: 'linux',
  release: '6.1.0',
  arch: 'x64',
  isPackaged: true,
  tray: 'shown',
  update: idle,
  now: new Date('2027-03-01T12:30:00.000Z'),
};

test('says what somebody who helps needs to know', () => {
  const accounts = [
    account({
      current: true,
      condition: { state: 'sign-in-needed', text: 'The server said no.', action: 'enter-key' },
    }),
    account({
      label: 'Own\nserver',
      connector: 'custom',
      upstream: { kind: 'command', command: '/home/somebody/bin/serve', args: ['--token=x'] },
    }),
  ];
  expect(diagnosticsText({ ...facts, snapshot: snapshot(accounts) })).toBe(
    [
      'Gangway 0.1.0, 2027-03-01T12:30:00.000Z',
      'Electron 45.4.1, Chrome 150.0.1, Node 24.1.0',
      'System: linux 6.1.0 x64, tray shown',
      'Update: idle',
      'Bridge: 0.1.0, up 90 min, paused',
      'Vault: keychain, locked',
      'HTTP door: open; proxy: system',
      'Sessions: 0 (0 over HTTP); clients: 0',
      'Last calls: none',
      'Accounts: 2',
      '- Acme: allv, production, agent.allv.ai, http, key, sign-in-needed, current',
      '- Own server: custom, production, serve, command, key, ready',
      '',
    ].join('\n'),
  );
});

test('RD-06: a report for support names no secret, no member, no path, no text of a server, and of an address only its host', () => {
  const secret = canary('allv');
  const accounts = [
    account({
      upstream: { kind: 'http', url: `https://agent.allv.ai/${secret}?key=${secret}` },
      headers: { 'x-team': secret },
      condition: { state: 'blocked', text: `Said ${secret}`, action: 'wait' },
    }),
  ];
  const text = diagnosticsText({ ...facts, snapshot: snapshot(accounts) });
  expect(text).toContain('agent.allv.ai');
  expect(text).not.toMatch(/CANARY|somebody|acme\.example|workspaces|4711|Said|secret/);
});

test('is there before the bridge said anything, and without Electron', () => {
  const { versions } = facts;
  const text = diagnosticsText({
    ...facts,
    snapshot: undefined,
    isPackaged: false,
    versions: { gangway: versions.gangway, node: versions.node },
    update: { ...idle, state: 'ready', version: '0.2.0' },
  });
  expect(text.split('\n').slice(0, 5)).toEqual([
    'Gangway 0.1.0 (not installed), 2027-03-01T12:30:00.000Z',
    'Node 24.1.0',
    'System: linux 6.1.0 x64, tray shown',
    'Update: ready 0.2.0',
    'Bridge: nothing heard yet',
  ]);
});

test('says when the owner is away', () => {
  expect(diagnosticsText({ ...facts, isLost: true })).toContain('up 90 min, lost, paused');
});
