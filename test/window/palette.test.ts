import type { Page } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import type { Command, CommandGroup } from '#renderer/shell/commands.ts';
import { matching } from '#renderer/shell/matching.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { team, teamWithSignIn } from './seeds.ts';

/** Opens it with the keyboard, types and takes what is marked. */
async function run(page: Page, typed: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await palette(page).waitFor();
  await page.keyboard.type(typed);
  await page.keyboard.press('Enter');
  await palette(page).waitFor({ state: 'detached' });
}

const palette = (page: Page) => page.getByRole('dialog', { name: 'Search or run a command' });

describe('the command palette, by keyboard alone', () => {
  test('switches the account; Undo switches back', async () => {
    await using opened = await openWindow({ route: '/settings', seed: team });
    const { page, control } = opened;
    const current = async () => (await control.accounts.list()).find((account) => account.current)?.label;
    expect(await current()).toBe('Acme');
    await run(page, 'operat');
    await page.getByText('Operations is in use now').first().waitFor();
    expect(await current()).toBe('Operations');
    await page.keyboard.press('F6');
    await tabTo(page, page.getByRole('button', { name: 'Undo' }));
    await page.keyboard.press('Enter');
    await page.getByText('Acme is in use now').first().waitFor();
    expect(await current()).toBe('Acme');
  });

  test('arrows choose among what was found, with names of the groups', async () => {
    await using opened = await openWindow({ route: '/settings', seed: team });
    const { page, control } = opened;
    await page.keyboard.press('Control+k');
    await page.keyboard.type('herald');
    const option = (name: string) =>
      page.getByRole('group', { name: 'Switch account' }).getByRole('option', { name });
    await option('Switch to The Herald Pelcro · Production').waitFor();
    await page.getByRole('group', { name: 'Open account' }).waitFor();
    expect(await page.getByRole('option').count()).toBe(4);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('The Herald (test) is in use now').first().waitFor();
    expect((await control.accounts.list()).find((account) => account.current)?.label).toBe(
      'The Herald (test)',
    );
  });

  test('goes to pages and accounts, and begins at their heading', async () => {
    await using opened = await openWindow({ route: '/settings', seed: team });
    const { page } = opened;
    for (const [typed, title] of [
      ['about', 'About'],
      ['open shop', 'Shop'],
    ] as const) {
      // From a place that stays, to which the focus would go back.
      await page.getByRole('link', { name: 'Rules' }).focus();
      await run(page, typed);
      const heading = page.getByRole('heading', { level: 1, name: title });
      await heading.waitFor();
      await vi.waitFor(async () => expect(await hasFocus(heading)).toBe(true));
    }
    await run(page, 'add pelcro');
    await vi.waitFor(() => expect(page.url()).toMatch(/#\/accounts\/add\/pelcro$/));
  });

  test('pauses for a while, resumes, and makes everything read-only', async () => {
    await using opened = await openWindow({ route: '/settings', seed: team });
    const { page, control } = opened;
    await run(page, 'pause 15');
    await page.getByText(/All access is paused until/).waitFor();
    const { pausedUntil } = await control.status();
    const minutes = (Date.parse(pausedUntil ?? '') - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(13);
    expect(minutes).toBeLessThanOrEqual(15);
    await run(page, 'resume access');
    await page.getByText(/All access is paused until/).waitFor({ state: 'detached' });
    await run(page, 'read-only');
    await page.getByText('Everything is read-only.').waitFor();
    expect(await control.settings.get()).toMatchObject({ readOnly: true, paused: false });
    await run(page, 'allow changes');
    await page.getByText('Everything is read-only.').waitFor({ state: 'detached' });
  });

  test('signs in an account that needs it', async () => {
    await using opened = await openWindow({ route: '/settings', seed: teamWithSignIn });
    const { page } = opened;
    await run(page, 'login gazette');
    await page.getByRole('dialog', { name: 'Sign in to The Gazette' }).waitFor();
  });

  test('changes the theme, which stays', async () => {
    await using opened = await openWindow({ route: '/settings' });
    const { page } = opened;
    const theme = () => page.locator('html').getAttribute('data-theme');
    await run(page, 'dark');
    expect(await theme()).toBe('dark');
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await theme()).toBe('dark');
  });

  test('says when nothing fits; Escape gives the focus back; it begins empty again', async () => {
    await using opened = await openWindow({ route: '/settings', seed: team });
    const { page } = opened;
    const link = page.getByRole('link', { name: 'Rules' });
    await tabTo(page, link, 'Shift+Tab');
    await page.keyboard.press('Control+k');
    const input = page.getByRole('combobox', { name: 'Account, page or command' });
    await vi.waitFor(async () => expect(await hasFocus(input)).toBe(true));
    await page.keyboard.type('qqq');
    await page.getByText('Nothing fits.').waitFor();
    await page.keyboard.press('Escape');
    await palette(page).waitFor({ state: 'detached' });
    await vi.waitFor(async () => expect(await hasFocus(link)).toBe(true));
    await page.keyboard.press('Control+k');
    expect(await input.inputValue()).toBe('');
  });

  test('does not open over a dialog that waits for an answer', async () => {
    await using opened = await openWindow({ route: '/settings/storage' });
    const { page } = opened;
    await page.getByRole('button', { name: 'Clear log…' }).click();
    await page.getByRole('alertdialog').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await palette(page).count()).toBe(0);
  });
});

describe('what is typed finds', () => {
  const command = (label: string, detail = '', also = ''): Command => {
    return { key: label, label, detail, also, deed: { kind: 'resume' } };
  };
  const groups: readonly CommandGroup[] = [
    {
      value: 'Switch account',
      items: [
        command('Switch to Acme', 'Allegro · Production'),
        command('Switch to Café', 'Pelcro · Staging'),
      ],
    },
    {
      value: 'Access',
      items: [command('Pause all access for 15 minutes', '', 'stop break'), command('Resume access')],
    },
  ];
  test.each([
    [
      'nothing, so everything stays',
      '  ',
      ['Switch to Acme', 'Switch to Café', 'Pause all access for 15 minutes', 'Resume access'],
    ],
    ['the beginning of a word', 'acm', ['Switch to Acme']],
    ['words in any order', 'acme switch', ['Switch to Acme']],
    ['words without their accents and case', 'CAFE', ['Switch to Café']],
    ['what stands beside the label', 'pelcro', ['Switch to Café']],
    ['other words for it', 'stop', ['Pause all access for 15 minutes']],
    ['letters in their order', 'puse', ['Pause all access for 15 minutes']],
    ['a number', 'pause 15', ['Pause all access for 15 minutes']],
    ['the best first, label before the rest', 'access', ['Pause all access for 15 minutes', 'Resume access']],
    ['nothing for letters that occur nowhere in a row', 'xyz', []],
    ['nothing when only one of two words fits', 'acme pelcro', []],
    ['nothing by two scattered letters', 'pe re', []],
  ])('%s', (_, typed, labels) => {
    const found = matching(groups, typed);
    expect(found.flatMap(({ items }) => items.map(({ label }) => label))).toEqual(labels);
    expect(found.every(({ items }) => items.length > 0)).toBe(true);
  });

  test('the group with the best one first', () => {
    const found = matching(
      [
        { value: 'First', items: [command('Open Pausanias')] },
        { value: 'Second', items: [command('Pause')] },
      ],
      'pause',
    );
    expect(found.map(({ value }) => value)).toEqual(['Second']);
    expect(
      matching(
        [
          { value: 'A', items: [command('Unpause it')] },
          { value: 'B', items: [command('Pause')] },
        ],
        'pause',
      ).map(({ value }) => value),
    ).toEqual(['B', 'A']);
  });
});
