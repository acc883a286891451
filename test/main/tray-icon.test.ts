import { describe, expect, test } from 'vitest';
import type { Snapshot } from '#contract/control.ts';
import { callBegan, iconFile, isPanelDark, trayLook } from '#main/tray-icon.ts';
import {
  aCall,
  account,
  acme,
  aSession,
  aSignIn,
  aSnapshot,
  ENDED,
  LOCKED,
  later,
  NOON,
  three,
} from './a-tray.ts';

describe('the icon', () => {
  const look = (snapshot: Snapshot | undefined, isLost = false, lastCall?: Date) =>
    trayLook(snapshot, isLost, NOON, lastCall);
  const offline = { condition: { state: 'offline', text: '', action: 'wait' } } as const;
  const signingIn = account('Acme', { condition: { state: 'signing-in', text: '', action: 'none' } });

  test.each<[string, string, ReturnType<typeof look>]>([
    ['fine', '3 accounts ready', look(three)],
    ['fine', 'No account yet', look(aSnapshot())],
    ['busy', '3 accounts ready', look({ ...three, recent: [aCall(1, { at: later(-2_000).toISOString() })] })],
    ['fine', '3 accounts ready', look({ ...three, recent: [aCall(1, { at: later(-9_000).toISOString() })] })],
    ['busy', '3 accounts ready', look(three, false, later(-1_000))],
    [
      'busy',
      '3 accounts ready',
      look({ ...three, recent: [aCall(1, { at: later(-9_000).toISOString(), durationMs: 8_000 })] }),
    ],
    [
      'busy',
      '0 accounts ready, 1 signing in',
      look(aSnapshot({ accounts: [signingIn], signIns: [aSignIn(signingIn, { step: 'discovering' })] })),
    ],
    [
      'attention',
      '3 accounts ready, 1 needs sign-in',
      look({ ...three, accounts: [...three.accounts, account('Gone', ENDED)] }),
    ],
    [
      'attention',
      '0 accounts ready, 2 locked',
      look(
        aSnapshot(
          { accounts: [account('A', { condition: LOCKED }), account('B', { condition: LOCKED })] },
          { vault: { kind: 'keychain', state: 'locked' } },
        ),
      ),
    ],
    [
      'fine',
      '1 account ready, 1 signed out',
      look(aSnapshot({ accounts: [acme, account('Gone', { ...ENDED, signInReason: 'signed-out' })] })),
    ],
    ['fine', '1 account ready, 1 in trouble', look(aSnapshot({ accounts: [acme, account('B', offline)] }))],
    ['paused', 'Paused until you resume', look(aSnapshot({ accounts: [acme] }, { paused: true }))],
    [
      'paused',
      'Paused until you resume, 1 needs sign-in',
      look(aSnapshot({ accounts: [acme, account('Gone', ENDED)] }, { paused: true })),
    ],
    ['offline', 'Offline', look(aSnapshot({ accounts: [account('A', offline), account('B', offline)] }))],
    ['offline', 'Gangway does not answer', look(three, true)],
    ['offline', 'Starting…', look(undefined)],
  ])('is %s with the words "%s"', (state, tooltip, seen) => {
    expect(seen).toMatchObject({ state, tooltip });
  });

  test('says when the dot of a call will go', () => {
    const seen = look({ ...three, recent: [aCall(1, { at: later(-1_000).toISOString(), durationMs: 0 })] });
    expect(seen.until).toEqual(later(3_000));
    expect(look(three).until).toBeUndefined();
  });

  test('has at most 100 characters of words beside the name of the app', () => {
    const states = ['signing-in', 'sign-in-needed', 'locked', 'blocked'] as const;
    const accounts = Array.from({ length: 900 }, (_, index) =>
      account(`N${index}`, {
        condition: { state: states[index % 4]!, text: '', action: index % 8 === 1 ? 'enter-key' : 'none' },
      }),
    );
    const { tooltip } = look(aSnapshot({ accounts }));
    expect(`Gangway: ${tooltip}`.length).toBeLessThanOrEqual(100);
  });
});

test('a call that is still running is seen by its conversation', () => {
  const before = aSnapshot({ sessions: [aSession('Cursor 1.0', { calls: 3 })] });
  const after = (...sessions: Snapshot['sessions']): Snapshot => aSnapshot({ sessions });
  expect(callBegan(before, after(aSession('Cursor 1.0', { calls: 4 })))).toBe(true);
  expect(callBegan(before, after(aSession('Codex 1.0', { calls: 1 })))).toBe(true);
  expect(callBegan(before, before)).toBe(false);
  expect(callBegan(before, after())).toBe(false);
  // At the start nobody knows how old the calls are.
  expect(callBegan(undefined, before)).toBe(false);
});

describe('the picture', () => {
  test.each([
    ['darwin', true, 'busyTemplate.png'],
    ['win32', true, 'busy-on-dark.ico'],
    ['win32', false, 'busy-on-light.ico'],
    ['linux', true, 'busy-on-dark.png'],
    ['linux', false, 'busy-on-light.png'],
  ] as const)('on %s, dark: %s, is %s', (platform, isDark, file) => {
    expect(iconFile('busy', platform, isDark)).toBe(file);
  });

  test.each([
    ['linux', 'ubuntu:GNOME', { apps: false, system: false }, true],
    ['linux', 'KDE', { apps: false, system: false }, false],
    ['linux', 'KDE', { apps: true, system: true }, true],
    ['linux', undefined, { apps: true, system: false }, true],
    ['win32', undefined, { apps: false, system: true }, true],
    ['win32', undefined, { apps: true, system: false }, false],
    ['darwin', undefined, { apps: true, system: true }, true],
  ] as const)('on %s (%s), with %j, is for a dark panel: %s', (platform, desktop, dark, expected) => {
    const theme = { shouldUseDarkColors: dark.apps, shouldUseDarkColorsForSystemIntegratedUI: dark.system };
    expect(isPanelDark(platform, desktop, theme)).toBe(expected);
  });
});
