import { describe, expect, test } from 'vitest';
import type { Switched } from '#contract/control.ts';
import { BridgeError } from '#contract/errors.ts';
import {
  beforeSwitch,
  failedNotice,
  notSwitchedNotice,
  slowSwitchNotice,
  switchedNotice,
} from '#main/switch-notices.ts';
import { account, acme, aSnapshot, beta, ops, three } from './a-tray.ts';

describe('a switch that is done', () => {
  const done = (following: string[], notAffected: string[] = [], mayNeedReload: string[] = []): Switched => ({
    account: beta,
    following,
    notAffected,
    mayNeedReload,
  });
  const before = beforeSwitch(three, beta);

  test.each<[string, Switched]>([
    ['New calls use Beta.', done([])],
    ['Cursor keeps its open calls on Acme; new calls use Beta.', done(['Cursor 1.0 (current)'])],
    [
      'Cursor and Claude keep their open calls on Acme; new calls use Beta.',
      done(['Cursor 1.0 (current)', 'Claude 2.1 (pelcro)', 'Cursor 1.0 (pelcro)']),
    ],
    [
      'Cursor, Claude and 2 more keep their open calls on Acme; new calls use Beta. Not affected: Codex.',
      done(['Cursor (x)', 'Claude (x)', 'Zed (x)', 'Vim (x)'], ['Codex 3 (acme)', 'Cursor (acme)']),
    ],
    [
      'Cursor keeps its open calls on Acme; new calls use Beta. If Cursor still shows the old tools, restart it.',
      done(['Cursor 1.0 (current)'], [], ['Cursor 1.0 (current)']),
    ],
    [
      'Cursor and Zed keep their open calls on Acme; new calls use Beta. ' +
        'If Cursor and Zed still show the old tools, restart them. Not affected: Codex.',
      done(['Cursor (x)', 'Zed (x)'], ['Codex 3 (acme)'], ['Cursor (x)', 'Cursor (pelcro)', 'Zed (x)']),
    ],
  ])('says "%s"', (body, switched) => {
    expect(switchedNotice(switched, before)).toEqual({
      key: 'switch',
      title: 'Pelcro is now Beta',
      body,
      action: { kind: 'undo', label: 'Undo' },
      // A person may mute it.
      account: beta.id,
    });
  });

  test('cannot be taken back when nothing was chosen before', () => {
    const alone = aSnapshot({ accounts: [account('Acme'), beta] });
    const { action, body } = switchedNotice(done(['Cursor 1 (x)']), beforeSwitch(alone, beta));
    expect(action).toEqual({ kind: 'show', label: 'Show', route: `/accounts/${beta.id}` });
    expect(body).toBe('New calls use Beta.');
  });

  test('fits into a notification whatever the apps are called', () => {
    const long = Array.from({ length: 9 }, (_, index) => `${index}${'x'.repeat(500)} (x)`);
    expect(
      switchedNotice(
        done(
          long,
          long.map((name) => `y${name}`),
          long,
        ),
        before,
      ).body.length,
    ).toBeLessThanOrEqual(200);
  });
});

describe('the way back', () => {
  const labels = (snapshot: typeof three, to: typeof acme): string[] =>
    beforeSwitch(snapshot, to).accounts.map(({ label }) => label);

  test('is the account of the same connector, when that was the current one', () => {
    expect(labels(three, beta)).toEqual(['Acme']);
  });

  test('ends with the current one of another connector', () => {
    const accounts = [{ ...acme, current: false }, beta, { ...ops, current: true }];
    expect(labels({ ...three, accounts }, beta)).toEqual(['Acme', 'Ops']);
    expect(labels({ ...three, accounts }, { ...acme, current: false })).toEqual(['Ops']);
  });
});

test.each([
  ['sign-in-needed', { kind: 'sign-in', label: 'Sign in', account: beta.id }],
  ['vault-locked', { kind: 'unlock', label: 'Unlock' }],
  ['wait', { kind: 'show', label: 'Show', route: `/accounts/${beta.id}` }],
] as const)('a switch that failed with %s offers what helps', (code, action) => {
  const error = new BridgeError(code, 'It did not work.');
  expect(notSwitchedNotice(beta, error)).toEqual({
    key: 'switch',
    title: 'Not switched to Pelcro Beta',
    body: 'It did not work.',
    action,
  });
});

test('a slow switch says where calls go meanwhile', () => {
  expect(slowSwitchNotice(beta, beforeSwitch(three, beta))).toMatchObject({
    title: 'Still switching to Pelcro Beta',
    body: 'It takes longer than usual. Calls go to Pelcro Acme until it is done.',
    account: beta.id,
  });
  expect(slowSwitchNotice(beta, { accounts: [] }).body).toBe('It takes longer than usual.');
});

test('any other failure leads to the accounts', () => {
  expect(failedNotice(new BridgeError('storage', 'The disk is full.'))).toEqual({
    key: 'failed',
    title: 'That did not work',
    body: 'The disk is full.',
    action: { kind: 'show', label: 'Show', route: '/accounts' },
  });
});
