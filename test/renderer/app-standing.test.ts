import { expect, test } from 'vitest';
import type { ClientConnection, ClientView } from '#contract/clients.ts';
import type { SessionView } from '#contract/session.ts';
import { conversationsOf, lineOf, sorted, strangers } from '#renderer/clients/standing.ts';
import { canTakeBack } from '#renderer/clients/written.ts';

test('apps that are set up come first, then those that are found; what is only known waits elsewhere', () => {
  const clients = [
    client('zed', 'Zed', { found: false }),
    client('cursor', 'Cursor', { found: true }),
    client('codex', 'Codex', { found: false, connections: [connection('gone')] }),
    client('kiro', 'Kiro', { found: false }),
  ];
  const { here, elsewhere } = sorted(clients, [session('Kiro')]);
  expect(here.map(({ id }) => id)).toEqual(['codex', 'cursor', 'kiro']);
  expect(elsewhere.map(({ id }) => id)).toEqual(['zed']);
});

test('a conversation belongs to the app that its token or its shim names; every other one is a stranger', () => {
  const cursor = client('claude-code', 'Claude Code', {});
  const byToken = session('Claude Code', '2026-01-01T10:00:00Z');
  const byShim = session('claude-code', '2026-01-01T11:00:00Z');
  const other = session('Claude');
  expect(conversationsOf(cursor, [byToken, other, byShim])).toEqual([byShim, byToken]);
  expect(strangers([cursor], [byToken, other, byShim])).toEqual([other]);
});

test.each([
  ['waiting', 'running'],
  ['seen', 'ok'],
  ['changed', 'failed'],
  ['gone', 'failed'],
  ['unreadable', 'failed'],
  ['unusable', 'failed'],
] as const)('a connection that is %s is a line that is %s', (state, mark) => {
  const line = lineOf(client('cursor', 'Cursor', {}), connection(state));
  expect(line).toEqual({ key: 'cursor current', text: 'Cursor: As it is.', state: mark });
});

const HTTP_ENTRY = '"gangway": { "url": "http://127.0.0.1:1/mcp" }';

test.each([
  ['an entry that came', 'connect', '', undefined, true],
  ['an entry before which a comment moved', 'connect', ' /* mine */ // yes', undefined, true],
  ['an entry for which an empty list made room', 'connect', '{}', undefined, true],
  ['an entry that took the place of an older one', 'connect', HTTP_ENTRY, undefined, false],
  ['an entry that was repaired', 'connect', '', 'changed', false],
  ['an entry that was written again', 'connect', '', 'gone', false],
  ['an entry that went', 'disconnect', HTTP_ENTRY, 'seen', true],
  ['an entry that went before it was used', 'disconnect', HTTP_ENTRY, 'waiting', true],
  ['an entry that somebody had changed, and that went', 'disconnect', HTTP_ENTRY, 'changed', false],
  ['an entry without an account that went', 'disconnect', HTTP_ENTRY, 'unusable', false],
  ['an entry that was brought here', 'migrate', HTTP_ENTRY, undefined, false],
] as const)('Undo for %s', (_, kind, removed, state, can) => {
  const before = { connections: state === undefined ? [] : [connection(state)] };
  expect(canTakeBack(before, { kind, address: 'current', removed })).toBe(can);
});

function client(id: ClientView['id'], name: string, given: Partial<ClientView>): ClientView {
  return {
    id,
    name,
    found: true,
    way: 'file',
    doors: ['http'],
    places: [],
    takesEffect: 'at-once',
    effect: '',
    bundle: false,
    note: null,
    connections: [],
    backups: [],
    ...given,
  };
}

function connection(state: ClientConnection['state']): ClientConnection {
  return {
    address: 'current',
    door: 'http',
    entry: 'gangway',
    path: '/home/ines/.cursor/mcp.json',
    writtenAt: '2026-01-01T10:00:00Z',
    state,
    text: 'As it is.',
    action: 'none',
    seen: null,
  };
}

function session(client: string, since = '2026-01-01T10:00:00Z'): SessionView {
  return {
    id: `${client} ${since}`,
    client,
    program: null,
    door: 'http',
    address: 'current',
    account: null,
    protocolVersion: null,
    since,
    calls: 0,
  };
}
