import { describe, expect, test } from 'vitest';
import type { AccountCondition } from '#contract/control.ts';
import type { SignInState, SignInView } from '#contract/sign-in.ts';
import { howToSignIn } from '#contract/sign-in-text.ts';
import { healthOf } from '#renderer/accounts/health.ts';
import { canSignOut } from '#renderer/views/accounts/sign-out.ts';
import { accountView } from './account-view.ts';

const identity = {
  server: 'allegro',
  summary: 'allegro-acme',
  tools: 1,
  protocolVersion: '2025-11-25',
  checkedAt: '2026-01-01T00:00:00.000Z',
};
const signingIn: AccountCondition = { state: 'signing-in', text: 'Signing in.', action: 'none' };

function signIn(state: SignInState): SignInView {
  return {
    id: 'sgn_00000001',
    account: accountView().id,
    label: 'Acme',
    startedAt: '2026-01-01T00:00:00.000Z',
    state,
  };
}

describe('the sentence about an account', () => {
  test('says that it is ready, and what it offers where that is known', () => {
    expect(healthOf(accountView({ identity }))).toEqual({ tone: 'good', text: 'Ready, 1 tool' });
    expect(healthOf(accountView())).toEqual({ tone: 'good', text: 'Ready' });
  });

  test('is the bridge’s own, without what the button beside it does', () => {
    const account = accountView({ signIn: { kind: 'oauth', legacy: false }, state: 'sign-in-needed' });
    const text = `Nobody has signed in yet. ${howToSignIn(account)}`;
    expect(healthOf({ ...account, condition: { state: 'sign-in-needed', text, action: 'sign-in' } })).toEqual(
      { tone: 'warn', text: 'Nobody has signed in yet.' },
    );
  });

  test('warns while it works but asks for something', () => {
    const condition: AccountCondition = { state: 'ready', text: 'A call needed more.', action: 'sign-in' };
    expect(healthOf(accountView({ identity, condition })).tone).toBe('warn');
  });

  test.each<[SignInState | undefined, string, string]>([
    [undefined, 'info', 'Signing in'],
    [{ step: 'discovering' }, 'info', 'Signing in'],
    [
      {
        step: 'waiting',
        host: 'a.example',
        link: 'https://a.example/',
        expiresAt: '2026-01-01T00:10:00.000Z',
      },
      'info',
      'Waiting for you in the browser',
    ],
    [
      { step: 'asking', question: { kind: 'legacy', text: 'Go on?', choices: [] } },
      'warn',
      'The sign-in waits for your answer',
    ],
  ])('says whose turn it is while somebody signs in: %j', (state, tone, text) => {
    const account = accountView({ condition: signingIn });
    expect(healthOf(account, state && signIn(state))).toEqual({ tone, text });
  });
});

describe('signing out', () => {
  const oauth = { signIn: { kind: 'oauth' as const, legacy: false } };

  test.each([
    ['of a sign-in that works', accountView(oauth), true],
    ['of one that ended', accountView({ ...oauth, state: 'sign-in-needed', signInReason: 'ended' }), true],
    [
      'never before the first',
      accountView({ ...oauth, state: 'sign-in-needed', signInReason: 'never' }),
      false,
    ],
    ['not twice', accountView({ ...oauth, state: 'sign-in-needed', signInReason: 'signed-out' }), false],
    ['not of a key', accountView(), false],
  ])('%s', (_, account, expected) => {
    expect(canSignOut(account)).toBe(expected);
  });
});
