import { describe, expect, test } from 'vitest';
import type { SignInState, SignInView } from '#contract/sign-in.ts';
import { type Followed, follow, linesOf, underWay } from '#renderer/sign-in/steps.ts';
import { accountView } from './account-view.ts';

const { id: account } = accountView();
const waiting: SignInState = {
  step: 'waiting',
  host: 'a.example',
  link: 'https://a.example/',
  expiresAt: '2026-01-01T00:10:00.000Z',
};

function view(id: string, state: SignInState): SignInView {
  return { id, account, label: 'Acme', startedAt: '2026-01-01T00:00:00.000Z', state };
}

const begun: Followed = {
  view: view('sgn_00000001', { step: 'discovering' }),
  isTold: false,
  isJoined: false,
  isLost: false,
};

describe('a sign-in that is followed', () => {
  test('is there before the bridge has told of it', () => {
    expect(follow(begun, [])).toEqual(begun);
  });

  test('goes on as the bridge tells', () => {
    const told = view('sgn_00000001', waiting);
    expect(follow(begun, [told])).toEqual({ ...begun, view: told, isTold: true });
  });

  test('is lost when the bridge that knew it knows it no more', () => {
    const told = follow(begun, [view('sgn_00000001', waiting)]);
    expect(follow(told, []).isLost).toBe(true);
  });

  test('stays as it ended when the bridge has forgotten it since', () => {
    const done = view('sgn_00000001', { step: 'done', account, who: 'Ann', notes: [] });
    const ended = follow(begun, [done]);
    expect(follow(ended, [])).toMatchObject({ view: done, isLost: false });
  });

  test('is the one that took its place elsewhere', () => {
    const other = view('sgn_00000002', waiting);
    const next = follow(begun, [other, view('sgn_00000001', { step: 'cancelled' })]);
    expect(next).toEqual({ view: other, isTold: true, isJoined: true, isLost: false });
  });

  test('is cancelled when no other took its place', () => {
    const cancelled = view('sgn_00000001', { step: 'cancelled' });
    const ended = view('sgn_00000002', { step: 'done', account, who: 'Ann', notes: [] });
    expect(follow(begun, [cancelled, ended]).view).toBe(cancelled);
  });
});

test('one that has ended is not under way', () => {
  expect(underWay([view('sgn_00000001', { step: 'cancelled' })], account)).toBe(undefined);
  expect(underWay([view('sgn_00000001', waiting)], account)?.id).toBe('sgn_00000001');
});

test.each<[SignInState | undefined, string[]]>([
  [undefined, ['running', 'open', 'open']],
  [{ step: 'registering', host: 'a.example' }, ['running', 'open', 'open']],
  [waiting, ['ok', 'running', 'open']],
  [{ step: 'identity', host: 'a.example' }, ['ok', 'ok', 'running']],
  [{ step: 'done', account, who: 'Ann', notes: [] }, ['ok', 'ok', 'ok']],
])('the steps at %j', (state, expected) => {
  expect(linesOf(state).map((line) => line.state)).toEqual(expected);
});
