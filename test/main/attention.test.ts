import { describe, expect, test } from 'vitest';
import type { AccountView, Snapshot } from '#contract/control.ts';
import { attentionOf } from '#main/attention.ts';
import {
  account,
  acme,
  aSignIn,
  aSnapshot,
  beta,
  ENDED,
  LOCKED,
  NO_UPDATE,
  NOON,
  opened,
  ops,
} from './a-tray.ts';

describe('what needs a person', () => {
  const texts = (accounts: AccountView[], more: Partial<Snapshot> = {}): string[] =>
    attentionOf(aSnapshot({ accounts, ...more }), NO_UPDATE).map(({ text }) => text);

  test('stands right below the status, and a click does the one thing that helps', () => {
    const key = account('Keyed', {
      connector: 'aly',
      signIn: { kind: 'key', header: 'authorization' },
      condition: { state: 'sign-in-needed', text: 'refused', action: 'enter-key' },
    });
    const { menu, done } = opened(aSnapshot({ accounts: [account('Acme', ENDED), key] }));
    expect(menu.texts.slice(1, 5)).toEqual([
      '-',
      'Pelcro Acme: sign in again…',
      'Aly Keyed: replace the key…',
      '-',
    ]);
    menu.click('Pelcro Acme: sign in again…');
    menu.click('Aly Keyed: replace the key…');
    expect(done).toEqual([
      ['signIn', 'acc_Acme0000'],
      ['showWindow', '/accounts/acc_Keyed000'],
    ]);
  });

  test('is nothing while all is well', () => {
    expect(texts([acme, beta, ops])).toEqual([]);
  });

  test('is one line for a closed keychain, however many accounts it holds up', () => {
    const locked = [account('Acme', { condition: LOCKED }), account('Beta', { condition: LOCKED })];
    const vault = { kind: 'keychain', state: 'locked' } as const;
    const snapshot = aSnapshot({ accounts: locked }, { vault });
    const { menu, done } = opened(snapshot);
    expect(menu.texts.slice(2, 4)).toEqual(['Unlock the keychain…', '-']);
    menu.click('Unlock the keychain…');
    expect(done).toEqual([['unlock']]);
    const closed = aSnapshot({ accounts: locked }, { vault: { ...vault, kind: 'passphrase' } });
    expect(attentionOf(closed, NO_UPDATE).map(({ text }) => text)).toEqual(['Enter your passphrase…']);
  });

  test('leaves out a closed keychain that holds up nobody', () => {
    const snapshot = aSnapshot({ accounts: [acme] }, { vault: { kind: 'keychain', state: 'locked' } });
    expect(attentionOf(snapshot, NO_UPDATE)).toEqual([]);
  });

  test('is not an account that its own person signed out, nor one that only has to wait', () => {
    const signedOut = account('Acme', { ...ENDED, signInReason: 'signed-out' });
    const waiting = account('Beta', { condition: { state: 'blocked', text: 'refused', action: 'wait' } });
    expect(texts([signedOut, waiting])).toEqual([]);
  });

  test('tells a first sign-in from a lost one, and says why in the words of the contract', () => {
    const fresh = account('Acme', { ...ENDED, signInReason: 'never' });
    expect(texts([fresh])).toEqual(['Pelcro Acme: sign in…']);
    const [one] = attentionOf(aSnapshot({ accounts: [account('Acme', ENDED)] }), NO_UPDATE);
    expect(one?.why).toBe('mcp.example.com no longer accepts the saved sign-in.');
  });

  test('includes a permission that a call lacked, and an account that only support can help', () => {
    const narrow = account('Acme', {
      condition: { state: 'ready', text: 'A call needed more.', action: 'sign-in', wider: 'write:orders' },
    });
    const broken = account('Beta', {
      condition: { state: 'misconfigured', text: 'Its server contradicts itself.', action: 'ask-support' },
    });
    expect(texts([narrow, broken])).toEqual([
      'Pelcro Acme: allow write:orders…',
      'Pelcro Beta: see what is wrong…',
    ]);
  });

  test('includes a sign-in that asks, before one that waits in the browser', () => {
    const signingIn = { condition: { state: 'signing-in', text: 'Signing in.', action: 'none' } } as const;
    const accounts = [account('Acme', signingIn), account('Beta', signingIn)] as const;
    const question = { kind: 'no-scope', text: 'Go on without scopes?', choices: [] } as const;
    const signIns = [
      aSignIn(accounts[0], {
        step: 'waiting',
        host: 'as.example',
        link: 'https://as.example/',
        expiresAt: NOON.toISOString(),
      }),
      aSignIn(accounts[1], { step: 'asking', question: { ...question, choices: [] } }),
    ];
    expect(texts([...accounts], { signIns })).toEqual([
      'Pelcro Beta: answer a question to sign in…',
      'Pelcro Acme: finish signing in…',
    ]);
  });

  test('goes on in the window when it is a lot', () => {
    const many = Array.from({ length: 8 }, (_, index) => account(`Many${index}`, ENDED));
    const { menu, done } = opened(aSnapshot({ accounts: many }));
    expect(menu.texts.slice(2, 9)).toHaveLength(7);
    menu.click('3 more…');
    expect(done).toEqual([['showWindow', '/accounts']]);
  });
});
