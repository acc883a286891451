import { describe, expect, test } from 'vitest';
import { type ConditionFacts, conditionOf } from '#bridge/accounts/condition.ts';
import { SignInReason } from '#contract/account.ts';
import { AccountCondition } from '#contract/control.ts';
import { anAccount } from './an-account.ts';

const byOAuth = { kind: 'oauth', legacy: false };
const facts = (change: Partial<ConditionFacts> = {}): ConditionFacts => ({
  vault: 'ready',
  signingIn: false,
  untold: [],
  grant: { state: 'ready', text: '' },
  ...change,
});

describe('the condition of an account', () => {
  test('is ready and silent when nothing is to be done', () => {
    expect(conditionOf(anAccount({ signIn: byOAuth }), facts())).toEqual({
      state: 'ready',
      text: '',
      action: 'none',
    });
  });

  test.each(SignInReason.options)(
    'names why a sign-in is needed (%s), and the command that helps',
    (reason) => {
      const account = anAccount({ signIn: byOAuth, state: 'sign-in-needed', signInReason: reason });
      const condition = conditionOf(account, facts());
      expect(condition).toMatchObject({ state: 'sign-in-needed', action: 'sign-in' });
      expect(condition.text).toMatch(/^[A-Z0-9].+\. Sign in: open Gangway, or run: gangway login acme$/);
      expect(condition.text.length).toBeLessThanOrEqual(300);
    },
  );

  test('every reason has a sentence of its own', () => {
    const texts = SignInReason.options.map(
      (signInReason) =>
        conditionOf(anAccount({ signIn: byOAuth, state: 'sign-in-needed', signInReason }), facts()).text,
    );
    expect(new Set(texts).size).toBe(SignInReason.options.length);
  });

  test('asks for a key where the account has one', () => {
    expect(conditionOf(anAccount({ state: 'sign-in-needed' }), facts())).toMatchObject({
      action: 'enter-key',
      text: expect.stringContaining('does not accept the saved key. Replace the key in Gangway.') as string,
    });
  });

  test.each(['locked', 'denied', 'absent', 'empty'] as const)('says that the keychain is %s', (vault) => {
    expect(conditionOf(anAccount({ signIn: byOAuth }), facts({ vault }))).toMatchObject({
      state: 'locked',
      action: 'unlock',
    });
  });

  test('a locked keychain does not matter to an account without secrets', () => {
    const account = anAccount({ signIn: { kind: 'none' } });
    expect(conditionOf(account, facts({ vault: 'locked' }))).toMatchObject({ state: 'ready' });
  });

  test.each(['offline', 'blocked', 'misconfigured', 'unsaved'] as const)(
    'passes on that the sign-in is %s',
    (state) => {
      const condition = conditionOf(
        anAccount({ signIn: byOAuth }),
        facts({ grant: { state, text: 'Because.' } }),
      );
      expect(condition).toMatchObject({ state, text: 'Because.' });
      expect(AccountCondition.parse(condition)).toEqual(condition);
    },
  );

  test.each([
    [{ state: 'blocked', text: 'Because.', needsPeople: true }, 'ask-support'],
    [{ state: 'blocked', text: 'Because.' }, 'wait'],
    [{ state: 'offline', text: 'Because.' }, 'wait'],
    [{ state: 'unsaved', text: 'Because.' }, 'wait'],
  ] as const)('%j asks for the one thing that helps', (grant, action) => {
    expect(conditionOf(anAccount({ signIn: byOAuth }), facts({ grant }))).toMatchObject({ action });
  });

  test('says which server was not told of the sign-out yet', () => {
    const account = anAccount({ signIn: byOAuth, state: 'sign-in-needed', signInReason: 'signed-out' });
    expect(conditionOf(account, facts({ untold: ['as.example'] })).text).toBe(
      'It was signed out. as.example was not told yet; Gangway tries again. Sign in: open Gangway, or run: gangway login acme',
    );
  });

  test('an account without a credential does not hear of a key', () => {
    const account = anAccount({ signIn: { kind: 'none' }, state: 'sign-in-needed' });
    expect(conditionOf(account, facts()).text).toMatch(/^\S+ asks for a sign-in\. Add it again, /);
  });

  test.each([
    { grant: { state: 'ready', text: '', wider: 'scope:'.padEnd(900, 'x') } },
    { grant: { state: 'unsaved', text: 'x'.repeat(340) } },
  ] as const)('a text has 300 characters at most: %j', (change) => {
    const slug = 's'.repeat(63);
    const { text } = conditionOf(anAccount({ signIn: byOAuth, slug }), facts(change));
    expect(text.length).toBeLessThanOrEqual(300);
    if (change.grant.state === 'ready') expect(text.endsWith(`gangway login ${slug}`)).toBe(true);
  });

  test('offers a wider sign-in after a call was refused for lack of a scope', () => {
    const condition = conditionOf(
      anAccount({ signIn: byOAuth }),
      facts({ grant: { state: 'ready', text: '', wider: 'write:orders' } }),
    );
    expect(condition).toMatchObject({ state: 'ready', action: 'sign-in', wider: 'write:orders' });
    expect(condition.text).toContain('write:orders');
  });

  test('a sign-in under way comes before everything else', () => {
    const account = anAccount({ signIn: byOAuth, state: 'sign-in-needed', signInReason: 'ended' });
    expect(conditionOf(account, facts({ signingIn: true, vault: 'locked' }))).toMatchObject({
      state: 'signing-in',
      action: 'none',
    });
  });
});
