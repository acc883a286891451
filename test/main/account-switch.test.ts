import { describe, expect, test, vi } from 'vitest';
import type { AccountId } from '#contract/account.ts';
import type { Switched } from '#contract/control.ts';
import { BridgeError } from '#contract/errors.ts';
import { expecting } from '#main/tray-accounts.ts';
import { desktop } from '../electron/desktop.ts';
import { acme, beta, ops, three } from './a-tray.ts';
import { onADesktop, opened, switched, ticks } from './an-open-tray.ts';

onADesktop();

describe('a click on an account', () => {
  const answer = (id: AccountId, following?: string[]) => () => switched(three, id, following);

  test('moves the tick at once, and the bridge confirms it', async () => {
    const tray = opened(three, {
      'accounts.use': answer(beta.id, ['Cursor 1.0 (current)', 'Claude 2.1 (pelcro)']),
    });
    desktop().clickTray('Pelcro: Acme', 'Beta');
    expect(ticks()).toEqual([
      'Pelcro Beta (STAGING)',
      'Beta (STAGING)',
      'Ops (production)',
      'ops@acme.example (usual)',
    ]);
    tray.told.tell(expecting(three, beta.id));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ticks()).toContain('Beta (STAGING)');
    expect(tray.inputsOf('accounts.use')).toEqual([{ account: beta.id }]);
    expect(tray.notes.map(({ notice }) => [notice.title, notice.body])).toEqual([
      ['Pelcro is now Beta', 'Cursor and Claude keep their open calls on Acme; new calls use Beta.'],
    ]);
  });

  test('is taken back by "Undo": the active account of the connector first, then the current one', async () => {
    let now = three;
    const tray = opened(
      { ...three, accounts: [{ ...acme, current: false }, beta, { ...ops, current: true }] },
      {
        'accounts.use': (input) => {
          const { account: id } = input as { account: AccountId };
          now = expecting(now, id);
          tray.told.tell(now);
          return switched(now, id);
        },
      },
    );
    now = tray.told.snapshot ?? now;
    desktop().clickTray('Pelcro: Acme', 'Beta');
    await vi.advanceTimersByTimeAsync(10);
    tray.notes[0]?.undo?.();
    await vi.advanceTimersByTimeAsync(10);
    expect(tray.inputsOf('accounts.use')).toEqual([
      { account: beta.id },
      { account: acme.id },
      { account: ops.id },
    ]);
    expect(ticks()).toEqual([
      'allv Ops (production)',
      'Acme (production)',
      'Ops (production)',
      'ops@acme.example (usual)',
    ]);
    expect(tray.notes).toHaveLength(1);
  });

  test('ends an "Undo" that is still under way', async () => {
    const acting = { ...three, accounts: [{ ...acme, current: false }, beta, { ...ops, current: true }] };
    const back = Promise.withResolvers<Switched>();
    const tray = opened(acting, {
      'accounts.use': (input) => {
        const { account: id } = input as { account: AccountId };
        return id === acme.id ? back.promise : switched(acting, id);
      },
    });
    desktop().clickTray('Pelcro: Acme', 'Beta');
    await vi.advanceTimersByTimeAsync(10);
    tray.told.tell(expecting(acting, beta.id));
    tray.notes[0]?.undo?.();
    desktop().clickTray('Pelcro: Acme', 'Beta');
    back.resolve(switched(acting, acme.id));
    await vi.advanceTimersByTimeAsync(10);
    // Not to Ops, the current one of before.
    expect(tray.inputsOf('accounts.use')).toEqual([beta, acme, beta].map(({ id }) => ({ account: id })));
  });

  test('that fails leaves the tick where it was and offers the one thing that helps', async () => {
    const refused = new BridgeError('sign-in-needed', 'Beta: sign-in needed. Nobody has signed in yet.');
    const tray = opened(three, { 'accounts.use': () => Promise.reject(refused) });
    desktop().clickTray('Pelcro: Acme', 'Beta');
    await vi.advanceTimersByTimeAsync(10);
    expect(ticks()).toContain('Acme (production)');
    expect(tray.notes.map(({ notice }) => notice)).toEqual([
      {
        key: 'switch',
        title: 'Not switched to Pelcro Beta',
        body: 'Beta: sign-in needed. Nobody has signed in yet.',
        action: { kind: 'sign-in', label: 'Sign in', account: beta.id },
      },
    ]);
  });

  test('that fails while notifications are off says so in the window', async () => {
    const refused = new BridgeError('unreachable', 'Beta cannot be reached.');
    const tray = opened(three, { 'accounts.use': () => Promise.reject(refused) }, { notify: () => false });
    desktop().clickTray('Pelcro: Acme', 'Beta');
    await vi.advanceTimersByTimeAsync(10);
    expect(tray.done).toEqual([['showWindow', `/accounts/${beta.id}`]]);
  });

  test('that fails says so in the window too when the system shows no notification after all', async () => {
    const refused = new BridgeError('unreachable', 'Beta cannot be reached.');
    const tray = opened(three, { 'accounts.use': () => Promise.reject(refused) });
    desktop().clickTray('Pelcro: Acme', 'Beta');
    await vi.advanceTimersByTimeAsync(10);
    expect(tray.done).toEqual([]);
    tray.notes[0]?.unseen?.();
    expect(tray.done).toEqual([['showWindow', `/accounts/${beta.id}`]]);
  });

  test('that nobody confirms for three seconds moves the tick back and says so', async () => {
    const late = Promise.withResolvers<Switched>();
    const tray = opened(three, { 'accounts.use': () => late.promise });
    desktop().clickTray('Pelcro: Acme', 'Beta');
    await vi.advanceTimersByTimeAsync(2_900);
    expect(ticks()).toContain('Beta (STAGING)');
    await vi.advanceTimersByTimeAsync(200);
    expect(ticks()).toContain('Acme (production)');
    expect(tray.notes.map(({ notice }) => notice.title)).toEqual(['Still switching to Pelcro Beta']);
    tray.told.tell(expecting(three, beta.id));
    late.resolve(switched(three, beta.id));
    await vi.advanceTimersByTimeAsync(10);
    expect(ticks()).toContain('Beta (STAGING)');
    expect(tray.notes.map(({ notice }) => notice.title).at(-1)).toBe('Pelcro is now Beta');
  });

  test('is followed by another one: only the last speaks', async () => {
    const first = Promise.withResolvers<Switched>();
    const tray = opened(three, {
      'accounts.use': (input) =>
        (input as { account: AccountId }).account === beta.id ? first.promise : switched(three, ops.id),
    });
    desktop().clickTray('Pelcro: Acme', 'Beta');
    desktop().clickTray('Current account', 'allv Ops');
    first.reject(new BridgeError('unreachable', 'Beta cannot be reached.'));
    await vi.advanceTimersByTimeAsync(10);
    expect(tray.notes.map(({ notice }) => notice.title)).toEqual(['allv is now Ops']);
    expect(ticks()).toContain('allv Ops (production)');
  });

  test('is followed by another one: what the first one brought is no news any more', async () => {
    const first = Promise.withResolvers<Switched>();
    const tray = opened(three, {
      'accounts.use': (input) =>
        (input as { account: AccountId }).account === beta.id ? first.promise : switched(three, ops.id),
    });
    desktop().clickTray('Pelcro: Acme', 'Beta');
    desktop().clickTray('Current account', 'allv Ops');
    await vi.advanceTimersByTimeAsync(10);
    first.resolve(switched(three, beta.id));
    await vi.advanceTimersByTimeAsync(10);
    expect(tray.notes.map(({ notice }) => notice.title)).toEqual(['allv is now Ops']);
  });

  test('that is in use already does nothing', async () => {
    const tray = opened(three);
    desktop().clickTray('Pelcro: Acme', 'Acme');
    await vi.advanceTimersByTimeAsync(10);
    expect(tray.inputsOf('accounts.use')).toEqual([]);
  });

  test('is not reported any more once the tray is gone', async () => {
    const tray = opened(three, {
      'accounts.use': (_, signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        }),
    });
    desktop().clickTray('Pelcro: Acme', 'Beta');
    tray[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tray.notes).toEqual([]);
  });
});
