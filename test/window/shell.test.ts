import { describe, expect, test, vi } from 'vitest';
import { needsPerson } from '#renderer/shell/attention.ts';
import { canary } from '../canary/canary.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { team, teamWithSignIn } from './seeds.ts';

describe('the frame of the window', () => {
  test('is used by keyboard alone: skip the navigation, choose a page, begin at its heading', async () => {
    await using opened = await openWindow({ route: '/settings' });
    const { page } = opened;
    const heading = (name: string) => page.getByRole('heading', { level: 1, name });
    expect(await hasFocus(heading('Settings'))).toBe(true);

    await tabTo(page, page.getByRole('link', { name: 'About' }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await heading('About').waitFor();
    await vi.waitFor(async () => expect(await hasFocus(heading('About'))).toBe(true));
    expect(await page.title()).toBe('About - Gangway');
    expect(await page.getByRole('link', { name: 'About' }).getAttribute('aria-current')).toBe('page');
    expect(await page.getByRole('link', { name: 'Settings' }).getAttribute('aria-current')).toBeNull();

    await tabTo(page, page.getByRole('button', { name: 'Skip to the content' }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    expect(await hasFocus(page.getByRole('main'))).toBe(true);

    await page.keyboard.press('Control+Comma');
    await heading('Settings').waitFor();
  });

  test('says beside Accounts how many need the person, also in words', async () => {
    await using opened = await openWindow({ route: '/settings', seed: teamWithSignIn });
    await opened.page.getByRole('link', { name: /^Accounts\s+1 account needs you$/ }).waitFor();
  });

  test('begins every page at its top', async () => {
    await using opened = await openWindow({
      route: '/settings',
      viewport: { width: 800, height: 320 },
    });
    const { page } = opened;
    const main = page.getByRole('main');
    const top = () => main.evaluate(({ scrollTop }: { scrollTop: number }) => scrollTop);
    await main.hover();
    await page.mouse.wheel(0, 400);
    await vi.waitFor(async () => expect(await top()).toBeGreaterThan(0));
    await page.getByRole('link', { name: 'About' }).click();
    await page.getByRole('heading', { level: 1, name: 'About' }).waitFor();
    expect(await top()).toBe(0);
  });

  test.each([420, 720, 1100])('shows everything of a page in a window %i pixels wide', async (width) => {
    await using opened = await openWindow({ route: '/settings', viewport: { width, height: 700 } });
    const { page } = opened;
    for (const name of ['Accounts', 'Apps', 'Activity', 'Rules', 'Settings', 'About']) {
      const box = await page.getByRole('link', { name, exact: true }).boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
    }
    const sideways = await page.evaluate<number>(
      "Math.max(...['html', '#content'].map((one) => document.querySelector(one)).map((at) => at.scrollWidth - at.clientWidth))",
    );
    expect(sideways).toBe(0);
  });
});

describe('what is true for everything', () => {
  test('a bridge that is gone is said at once; the last state stays, and it goes on by itself', async () => {
    await using opened = await openWindow({ route: '/settings/security', seed: team });
    const { page, panel, control } = opened;
    panel.lose();
    await page.getByRole('alert').filter({ hasText: 'Gangway is not running' }).waitFor();
    await page.getByText('Memory only; gone when Gangway ends').waitFor();
    await page.getByRole('button', { name: 'Pause for 1 hour' }).click();
    await page.getByText('Gangway has stopped').first().waitFor();
    expect((await control.status()).paused).toBe(false);

    panel.find();
    await page.getByText('Gangway is not running').waitFor({ state: 'detached' });
    await control.pause({});
    await page.getByText('All access is paused.').waitFor();
  });

  test('a window that is no longer let in says how to get a new link', async () => {
    await using opened = await openWindow({ route: '/settings', seed: team });
    const { page, panel } = opened;
    await page.context().clearCookies();
    panel.lose();
    panel.find();
    await page.getByRole('alert').filter({ hasText: 'This window is locked' }).waitFor();
    await page.getByText('Run “gangway panel” again').waitFor();
  });

  test('a pause and read-only for everything are said on every page and ended there', async () => {
    await using opened = await openWindow({
      route: '/settings',
      seed: async ({ control }) => {
        await control.pause({ minutes: 15 });
        await control.settings.set({ readOnly: true });
      },
    });
    const { page, control } = opened;
    await page.getByText(/All access is paused until \d\d:\d\d/).waitFor();
    await tabTo(page, page.getByRole('button', { name: 'Resume' }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByText(/All access is paused/).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Allow changes again' }).click();
    await page.getByText('Everything is read-only.').waitFor({ state: 'detached' });
    expect(await control.status()).toMatchObject({ paused: false, pausedUntil: null });
    expect(await control.settings.get()).toMatchObject({ readOnly: false });
  });

  test('that keys are kept in memory only is said until it was read once', async () => {
    await using opened = await openWindow({ route: '/settings', hints: true });
    const { page } = opened;
    const hint = page.getByText(/are kept in memory only and are gone when Gangway ends/);
    await hint.waitFor();
    await page.getByRole('button', { name: 'Got it' }).click();
    await hint.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    expect(await hint.count()).toBe(0);
  });

  test('a vault closed with a passphrase asks for it; the field is empty once it was sent', async () => {
    await using opened = await openWindow({ route: '/settings/security', vault: 'passphrase' });
    const { page, control } = opened;
    const ask = page.getByRole('button', { name: 'Enter passphrase' });
    await tabTo(page, ask, 'Shift+Tab');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Open your saved keys and sign-ins' });
    const field = dialog.getByLabel('Passphrase');
    await vi.waitFor(async () => expect(await hasFocus(field)).toBe(true));

    await page.keyboard.press('Enter');
    await dialog.getByText('Enter the passphrase.').waitFor();
    await page.keyboard.type('short');
    await page.keyboard.press('Enter');
    await dialog.getByText('The passphrase is too short').waitFor();
    expect(await field.inputValue()).toBe('');

    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await vi.waitFor(async () => expect(await hasFocus(ask)).toBe(true));
    await page.keyboard.press('Enter');
    await field.fill(canary('generic'));
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('are closed with your passphrase').waitFor({ state: 'detached' });
    expect((await control.status()).vault).toEqual({ kind: 'passphrase', state: 'ready' });
  });
});

describe('an account needs its person', () => {
  test.each([
    ['never signed in', 'sign-in', 'sign-in-needed', 'never', true],
    ['signed out by its person', 'sign-in', 'sign-in-needed', 'signed-out', false],
    ['asked for a wider permission', 'sign-in', 'ready', undefined, true],
    ['key refused', 'enter-key', 'sign-in-needed', 'refused', true],
    ['set up against the rules', 'ask-support', 'misconfigured', undefined, true],
    ['keychain closed', 'unlock', 'locked', undefined, false],
    ['offline', 'wait', 'offline', undefined, false],
    ['fine', 'none', 'ready', undefined, false],
  ] as const)('%s', (_, action, state, signInReason, needs) => {
    expect(needsPerson({ condition: { state, action, text: '' }, signInReason })).toBe(needs);
  });
});
