import { describe, expect, test } from 'vitest';
import type { Snapshot } from '#contract/control.ts';
import { trouble } from '#contract/errors.ts';
import { aCall, acme, aSession, aSnapshot, beta, Day, later, NOON, three } from './a-tray.ts';

const [MINUTE, HOUR] = [60_000, 3_600_000];

const well = aSnapshot({ accounts: [acme, beta] });

describe('an app', () => {
  const connected = (...sessions: Snapshot['sessions']): Snapshot =>
    aSnapshot({ accounts: [acme], sessions });

  test('that was never here is told, with the account it uses', () => {
    const day = new Day();
    day.at(connected());
    expect(day.at(connected(aSession('Cursor 1.0', { account: acme.id })))).toEqual([
      {
        key: 'app:Cursor',
        title: 'Cursor is connected',
        body: 'Cursor uses Pelcro Acme from now on.',
        action: { kind: 'show', label: 'Show', route: '/apps' },
      },
    ]);
  });

  test('is told once, however often it comes back and in whatever version', () => {
    const day = new Day();
    day.at(connected());
    expect(day.at(connected(aSession('Cursor 1.0')))).toHaveLength(1);
    expect(day.at(connected())).toEqual([]);
    expect(day.at(connected(aSession('Cursor 1.1')))).toEqual([]);
  });

  test('is told when it has said its name, not before', () => {
    const day = new Day();
    day.at(connected());
    expect(day.at(connected(aSession(null)))).toEqual([]);
    expect(day.titles(connected(aSession('Codex 2')))).toEqual(['Codex is connected']);
  });

  test('that is here at the start, was in the log, or has used its token before is known', () => {
    const day = new Day();
    const token = { id: 't', label: 'My editor', address: 'current', createdAt: NOON.toISOString() };
    day.at({
      ...connected(aSession('Cursor 1.0')),
      recent: [aCall(1, { client: 'Codex 1.0' })],
      clients: [
        { ...token, lastUsedAt: NOON.toISOString() },
        { ...token, label: 'Fresh', lastUsedAt: null },
      ],
    });
    expect(day.titles(connected(aSession('Cursor 1.0'), aSession('Codex 2.0')))).toEqual([]);
    expect(day.titles(connected(aSession('zed 1.0', { client: 'My editor' })))).toEqual([]);
    expect(day.titles(connected(aSession('vim 9', { client: 'Fresh' })))).toEqual(['vim is connected']);
  });
});

describe('a workspace that asks to wait', () => {
  const refused = (id: number, ms = 0): Snapshot['recent'][number] =>
    aCall(id, { account: acme.id, code: trouble.wait.rpc, outcome: 'error', at: later(ms).toISOString() });
  const calls = (...recent: Snapshot['recent']): Snapshot => aSnapshot({ accounts: [acme], recent });

  test('is told at the first call it turns away, and not for those that follow', () => {
    const day = new Day();
    day.at(calls());
    expect(day.at(calls(refused(1)))).toEqual([
      {
        key: `limit:${acme.id}`,
        title: 'Pelcro Acme asks to wait',
        body: 'The workspace takes no more calls for now. Cursor met this at 12:00 and was told to wait.',
        action: { kind: 'show', label: 'Show', route: '/activity' },
        account: acme.id,
      },
    ]);
    expect(day.at(calls(refused(1), refused(2, MINUTE)))).toEqual([]);
    expect(day.at(calls(refused(3, 10 * MINUTE)))).toEqual([]);
    expect(day.at(calls(aCall(4, { account: acme.id, code: -32602 })))).toEqual([]);
    expect(day.at(calls(refused(1), refused(5, 30 * MINUTE)))).toHaveLength(1);
    expect(day.at(calls(refused(1), refused(5, 30 * MINUTE)))).toEqual([]);
  });

  test('is no news at the start', () => {
    const day = new Day();
    expect(day.at(calls(refused(1)))).toEqual([]);
    expect(day.at(calls(refused(1)))).toEqual([]);
  });
});

describe('being back online', () => {
  test('is told after an absence that somebody can have noticed', () => {
    const day = new Day();
    expect(day.at(three, { isLost: true })).toEqual([]);
    expect(day.titles(three, { now: later(2 * MINUTE) })).toEqual(['Back online']);
    expect(day.at(three, { now: later(2 * MINUTE) })).toEqual([]);
  });

  test('is not told each time of a network that comes and goes', () => {
    const day = new Day();
    const said = (isLost: boolean, ms: number): number => day.at(three, { isLost, now: later(ms) }).length;
    expect([said(true, 0), said(false, 2 * MINUTE), said(true, 3 * MINUTE), said(false, 6 * MINUTE)]).toEqual(
      [0, 1, 0, 0],
    );
    expect([said(true, HOUR), said(false, HOUR + 3 * MINUTE)]).toEqual([0, 1]);
  });

  test('is not told after a moment', () => {
    const day = new Day();
    day.at(three, { isLost: true });
    expect(day.at(three, { now: later(5_000) })).toEqual([]);
  });

  test('is told when the accounts can be reached again', () => {
    const offline = { ...acme, condition: { state: 'offline', text: '', action: 'wait' } } as const;
    const day = new Day();
    const alone = aSnapshot({ accounts: [offline] });
    day.at(alone);
    expect(day.titles(well, { now: later(2 * HOUR) })).toEqual(['Back online']);
  });
});
