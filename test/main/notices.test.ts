import { describe, expect, test } from 'vitest';
import type { AccountView, Snapshot } from '#contract/control.ts';
import { isWanted, type Notice } from '#main/notices.ts';
import {
  account,
  acme,
  aSession,
  aSignIn,
  aSnapshot,
  beta,
  Day,
  ENDED,
  LOCKED,
  later,
  NO_UPDATE,
  NOON,
  ops,
  three,
} from './a-tray.ts';

const HOUR = 3_600_000;

const withAccount = (some: Partial<AccountView>) => aSnapshot({ accounts: [{ ...acme, ...some }, beta] });
const well = withAccount({});

describe('an account that needs a person', () => {
  test.each<[string, Partial<AccountView>, Partial<Notice>]>([
    [
      'whose sign-in was ended by its provider',
      ENDED,
      {
        title: 'Pelcro Acme: access has ended',
        body: 'mcp.example.com no longer accepts the saved sign-in.',
        action: { kind: 'sign-in', label: 'Sign in again', account: acme.id },
      },
    ],
    [
      'whose sign-in cannot be renewed',
      { ...ENDED, signInReason: 'not-renewable' },
      {
        title: 'Pelcro Acme: sign in again',
        action: { kind: 'sign-in', label: 'Sign in again', account: acme.id },
      },
    ],
    [
      'whose key was refused',
      {
        signIn: { kind: 'key', header: 'x-api-key' },
        condition: { state: 'sign-in-needed', text: '', action: 'enter-key' },
      },
      {
        title: 'Pelcro Acme: key refused',
        body: 'mcp.example.com does not accept the saved key.',
        action: { kind: 'show', label: 'Replace key', route: `/accounts/${acme.id}` },
      },
    ],
    [
      'that lacks a permission',
      { condition: { state: 'ready', text: 'A call…', action: 'sign-in', wider: 'write:orders' } },
      {
        title: 'Pelcro Acme: a permission is missing',
        body: 'A call needed write:orders. Sign in again to allow it.',
        action: { kind: 'sign-in', label: 'Sign in', account: acme.id },
      },
    ],
    [
      'that only support can help',
      {
        condition: { state: 'misconfigured', text: 'Its server contradicts itself.', action: 'ask-support' },
      },
      {
        title: 'Pelcro Acme has stopped working',
        body: 'Its server contradicts itself.',
        action: { kind: 'show', label: 'Show', route: `/accounts/${acme.id}` },
      },
    ],
  ])('%s is told once, and at the start too', (_, change, expected) => {
    const sick = withAccount(change);
    const day = new Day();
    expect(day.at(well)).toEqual([]);
    expect(day.at(sick)).toEqual([expect.objectContaining({ ...expected, account: acme.id })]);
    expect(day.at(sick)).toEqual([]);
    expect(new Day().at(sick)).toHaveLength(1);
    day.at(well);
    expect(day.over).toHaveLength(1);
  });

  test.each([
    ['its own person signed out', 'signed-out'],
    ['nobody has signed in to yet', 'never'],
  ] as const)('that %s is no news', (_, signInReason) => {
    const day = new Day();
    day.at(well);
    expect(day.at(withAccount({ ...ENDED, signInReason }))).toEqual([]);
  });

  test('RF-09 is asked to sign in at most once a day', () => {
    const day = new Day();
    const said = (change: Partial<AccountView>, ms: number): number =>
      day.at(withAccount(change), { now: later(ms) }).length;
    expect(said(ENDED, 0)).toBe(1);
    expect(said({}, HOUR)).toBe(0);
    expect(said(ENDED, 2 * HOUR)).toBe(0);
    expect(said({ ...ENDED, signInReason: 'refused' }, 3 * HOUR)).toBe(0);
    expect(said({}, 24 * HOUR)).toBe(0);
    expect(said(ENDED, 25 * HOUR)).toBe(1);
    expect(said({ condition: { state: 'sign-in-needed', text: '', action: 'enter-key' } }, 26 * HOUR)).toBe(
      0,
    );
  });

  test('is told of another matter on the same day', () => {
    const day = new Day();
    expect(day.at(withAccount(ENDED))).toHaveLength(1);
    const broken = {
      state: 'misconfigured',
      text: 'Its server contradicts itself.',
      action: 'ask-support',
    } as const;
    expect(day.titles(withAccount({ condition: broken }), { now: later(HOUR) })).toEqual([
      'Pelcro Acme has stopped working',
    ]);
  });

  test('hears of its question while it signs in, not of the page in its browser', () => {
    const day = new Day();
    const signingIn = withAccount({ condition: { state: 'signing-in', text: '', action: 'none' } });
    const waiting = {
      step: 'waiting',
      host: 'as.example',
      link: 'https://as.example/',
      expiresAt: NOON.toISOString(),
    } as const;
    expect(day.at({ ...signingIn, signIns: [aSignIn(acme, waiting)] })).toEqual([]);
    const asking = aSignIn(acme, {
      step: 'asking',
      question: { kind: 'no-scope', text: 'Go on?', choices: [] },
    });
    expect(day.at({ ...signingIn, signIns: [asking] })).toMatchObject([
      { title: 'Pelcro Acme: answer a question to sign in', body: 'Go on?' },
    ]);
  });
});

test('a closed keychain is told once for all accounts, and is over when it opens', () => {
  const accounts = [account('Acme', { condition: LOCKED }), account('Beta', { condition: LOCKED })];
  const locked = aSnapshot({ accounts }, { vault: { kind: 'keychain', state: 'locked' } });
  const day = new Day();
  day.at(well);
  expect(day.at(locked)).toEqual([
    {
      key: 'vault:locked',
      title: 'Saved sign-ins cannot be read',
      body: LOCKED.text,
      action: { kind: 'unlock', label: 'Unlock' },
    },
  ]);
  day.at(well);
  expect(day.over).toEqual(['vault:locked']);
});

test('a keychain that locks again and again is told once an hour', () => {
  const locked = aSnapshot(
    { accounts: [{ ...acme, condition: LOCKED }] },
    { vault: { kind: 'keychain', state: 'locked' } },
  );
  const day = new Day();
  const said = (snapshot: Snapshot, ms: number): number => day.at(snapshot, { now: later(ms) }).length;
  day.at(well);
  expect([said(locked, 0), said(well, 1_000), said(locked, 2_000), said(well, 3_000)]).toEqual([1, 0, 0, 0]);
  expect([said(locked, HOUR - 1), said(well, HOUR), said(locked, HOUR + 1)]).toEqual([0, 0, 1]);
});

test('each question of a sign-in is another one', () => {
  const signingIn = withAccount({ condition: { state: 'signing-in', text: '', action: 'none' } });
  const ask = (text: string): Snapshot => ({
    ...signingIn,
    signIns: [aSignIn(acme, { step: 'asking', question: { kind: 'no-scope', text, choices: [] } })],
  });
  const day = new Day();
  day.at(signingIn);
  expect([day.at(ask('One?')).length, day.at(signingIn).length, day.at(ask('Two?')).length]).toEqual([
    1, 0, 1,
  ]);
});

test('an update that is ready is told once per version', () => {
  const day = new Day();
  const ready = { ...NO_UPDATE, state: 'ready', version: '1.2.0' } as const;
  day.at(three);
  expect(day.at(three, { update: { ...ready, state: 'downloading' } })).toEqual([]);
  expect(day.at(three, { update: ready })).toEqual([
    expect.objectContaining({
      title: 'Gangway 1.2.0 is ready',
      action: { kind: 'restart-to-update', label: 'Restart now' },
    }),
  ]);
  expect(day.at(three, { update: ready })).toEqual([]);
  expect(day.titles(three, { update: { ...ready, version: '1.3.0' } })).toEqual(['Gangway 1.3.0 is ready']);
});

describe('acting as somebody else', () => {
  const acting = (value: string): Snapshot =>
    aSnapshot({ accounts: [{ ...ops, actingAs: { by: 'email', value } }] });

  test('is told after an hour, once, with a way to stop', () => {
    const day = new Day();
    expect(day.at(acting('ann@acme.example'))).toEqual([]);
    expect(day.at(acting('ann@acme.example'), { now: later(HOUR - 1) })).toEqual([]);
    expect(day.at(acting('ann@acme.example'), { now: later(HOUR) })).toEqual([
      {
        key: `acting:${ops.id}:${NOON.toISOString()}`,
        title: 'Still acting as ann@acme.example',
        body: 'Calls of allv Ops have run in this name for an hour or more.',
        action: { kind: 'stop-acting', label: 'Stop', account: ops.id },
        account: ops.id,
      },
    ]);
    expect(day.at(acting('ann@acme.example'), { now: later(2 * HOUR) })).toEqual([]);
    day.at(three, { now: later(2 * HOUR) });
    expect(day.over).toHaveLength(1);
  });

  test('counts from the beginning for another user', () => {
    const day = new Day();
    day.at(acting('ann@acme.example'));
    day.at(acting('bob@acme.example'), { now: later(HOUR - 1) });
    expect(day.at(acting('bob@acme.example'), { now: later(HOUR + 1) })).toEqual([]);
    expect(day.titles(acting('bob@acme.example'), { now: later(2 * HOUR) })).toEqual([
      'Still acting as bob@acme.example',
    ]);
  });
});

test('a notification is not for people who want none, or none of this account', () => {
  const [told] = new Day().at(withAccount(ENDED));
  const [common] = new Day().at(three, { update: { ...NO_UPDATE, state: 'ready', version: '1' } });
  if (!told || !common) throw new Error('Nothing was told.');
  const choices = { notifications: true, muted: [], askBeforeQuit: true, knowsTray: true };
  expect(isWanted(told, choices)).toBe(true);
  expect(isWanted(told, { ...choices, muted: [acme.id] })).toBe(false);
  expect(isWanted(told, { ...choices, muted: [beta.id] })).toBe(true);
  expect(isWanted(common, { ...choices, muted: [acme.id] })).toBe(true);
  expect(isWanted(common, { ...choices, notifications: false })).toBe(false);
});

test('words from outside are cut and have no odd characters', () => {
  const evil = `A\u202e\u0007${'x'.repeat(5_000)}`;
  const day = new Day();
  day.at(aSnapshot());
  const sick = account('Evil', {
    ...ENDED,
    label: evil,
    condition: { state: 'blocked', text: evil, action: 'ask-support' },
  });
  const said = day.at(aSnapshot({ accounts: [sick], sessions: [aSession(evil, { account: sick.id })] }));
  expect(said).toHaveLength(2);
  for (const { title, body } of said) {
    expect(title.length).toBeLessThanOrEqual(100);
    expect(body.length).toBeLessThanOrEqual(200);
    expect(title + body).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
  }
});
