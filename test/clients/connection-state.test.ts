import { describe, expect, test } from 'vitest';
import { type ConnectionFacts, connectionOf } from '#bridge/clients/connection-state.ts';
import type { Connection } from '#bridge/clients/connections.ts';
import type { AccountCondition } from '#contract/control.ts';
import { accountView } from '../renderer/account-view.ts';
import { aSession } from './a-setup.ts';

const url = 'http://127.0.0.1:4100/mcp';
const at = (hour: number, minute: number, day = 21): string =>
  new Date(2026, 10, day, hour, minute).toISOString();
const connection: Connection = {
  client: 'cursor',
  path: '/home/ada/.cursor/mcp.json',
  address: 'current',
  door: 'http',
  entry: 'gangway',
  leads: url,
  token: { id: 'cli_1', sha256: '0'.repeat(64) },
  written: '{}',
  writtenAt: at(14, 2),
  seen: null,
};
const identity = {
  server: 'Allegro',
  summary: 'member of Acme.',
  tools: 1,
  protocolVersion: '2025-11-25',
  checkedAt: at(10, 0),
};
const usual: ConnectionFacts = {
  connection,
  client: { name: 'Cursor', effect: 'Quit Cursor fully and open it again;', takesEffect: 'restart' },
  entry: { kind: 'same' },
  missing: undefined,
  admitted: true,
  endpoint: { url },
  accounts: [accountView({ current: true, active: true, identity })],
  sessions: [],
  now: new Date(2026, 10, 21, 15, 0),
};

function signIn(text: string): AccountCondition {
  return { state: 'sign-in-needed', text, action: 'sign-in' };
}

describe('a connection', () => {
  test.each<[string, Partial<ConnectionFacts>, string, string, string]>([
    [
      'that was just written',
      {},
      'waiting',
      'restart-client',
      'Written at 14:02. Quit Cursor fully and open it again; Gangway notices.',
    ],
    [
      'of another day, in a client that reads it at once',
      {
        now: new Date(2026, 10, 22, 15, 0),
        client: { name: 'Zed', effect: 'Nothing to do.', takesEffect: 'at-once' },
      },
      ...(['waiting', 'none', 'Written on 21 Nov at 14:02. Nothing to do. Gangway notices.'] as const),
    ],
    ['in use', { sessions: [aSession()] }, 'seen', 'none', 'Sees 1 tool as member of Acme.'],
    [
      'that was used',
      { connection: { ...connection, seen: { at: at(14, 3), program: null } } },
      'seen',
      'none',
      'Sees 1 tool as member of Acme.',
    ],
    [
      'of an account that was never looked at',
      { sessions: [aSession()], accounts: [accountView({ current: true })] },
      ...(['seen', 'none', 'Connected.'] as const),
    ],
    [
      'without its file',
      { entry: { kind: 'no-file' } },
      'gone',
      'repair',
      'The settings file of Cursor is gone.',
    ],
    [
      'without its entry',
      { entry: { kind: 'no-entry' } },
      'gone',
      'repair',
      'The entry gangway is not in the settings of Cursor any more.',
    ],
    [
      'that somebody changed',
      { entry: { kind: 'changed' } },
      'changed',
      'review',
      'Somebody changed the entry gangway in the settings of Cursor.',
    ],
    [
      'that somebody switched off',
      { entry: { kind: 'off' } },
      'changed',
      'review',
      'The entry gangway is switched off in Cursor.',
    ],
    [
      'whose name leads elsewhere',
      { entry: { kind: 'foreign' } },
      'changed',
      'review',
      'The entry gangway in the settings of Cursor leads somewhere else now.',
    ],
    [
      'in a damaged file',
      { entry: { kind: 'unreadable', text: 'Line 3.' } },
      'unreadable',
      'none',
      'Line 3.',
    ],
    [
      'without its command',
      { missing: '/opt/shim' },
      'unusable',
      'repair',
      '/opt/shim is gone, which Cursor starts. Write the entry again.',
    ],
    [
      'without a valid key',
      { admitted: false },
      'unusable',
      'repair',
      'The key of Cursor is not valid any more. Write the entry again.',
    ],
    ['to a closed door', { endpoint: { closed: 'It is closed.' } }, 'unusable', 'none', 'It is closed.'],
    [
      'to another port',
      { endpoint: { url: 'http://127.0.0.1:4200/mcp' } },
      'unusable',
      'repair',
      'Gangway listens at another port now. Write the entry again.',
    ],
    [
      'without an account',
      { accounts: [] },
      'unusable',
      'fix-account',
      'No account is chosen for current. Choose one.',
    ],
    [
      'to an account that is gone',
      { connection: { ...connection, address: 'acme' }, accounts: [] },
      ...(['unusable', 'none', 'There is no account acme any more. Disconnect Cursor from it.'] as const),
    ],
    [
      'to an account that needs a sign-in, though it is in use',
      {
        sessions: [aSession()],
        accounts: [accountView({ current: true, condition: signIn('Sign in again.') })],
      },
      ...(['unusable', 'fix-account', 'Acme: Sign in again.'] as const),
    ],
    [
      'that somebody removed, whatever else is wrong',
      { entry: { kind: 'no-entry' }, admitted: false, accounts: [] },
      ...(['gone', 'repair', 'The entry gangway is not in the settings of Cursor any more.'] as const),
    ],
  ])('%s', (_what, change, state, action, text) => {
    expect(connectionOf({ ...usual, ...change })).toMatchObject({ state, action, text });
  });

  test('takes the account of its latest conversation, which its address may not lead to any more', () => {
    const beta = accountView({ id: 'acc_00000002', identity: { ...identity, summary: 'Beta', tools: 7 } });
    const sessions = [
      aSession({ since: at(14, 30), account: 'acc_00000002' }),
      aSession({ id: 'ses_2', since: at(14, 10) }),
    ];
    const { seen, text } = connectionOf({ ...usual, sessions, accounts: [...usual.accounts, beta] });
    expect(seen).toEqual({ at: at(14, 30), program: 'cursor 3.1', tools: 7, who: 'Beta', open: true });
    expect(text).toBe('Sees 7 tools as Beta.');
  });

  test('by stdio is known by the id that its command names', () => {
    const stdio: Connection = { ...connection, door: 'stdio', leads: '/opt/shim', token: null };
    const facts = { ...usual, connection: stdio, endpoint: undefined };
    const named = (client: string) =>
      connectionOf({ ...facts, sessions: [aSession({ client, door: 'stdio' })] });
    expect([named('cursor').state, named('Cursor').state]).toEqual(['seen', 'waiting']);
  });

  test('says no more than fits', () => {
    const accounts = [accountView({ current: true, condition: signIn('x'.repeat(400)) })];
    const closed = connectionOf({ ...usual, endpoint: { closed: 'x'.repeat(400) } });
    const account = connectionOf({ ...usual, accounts });
    expect([closed.text.length, account.text.length]).toEqual([300, 300]);
  });
});
