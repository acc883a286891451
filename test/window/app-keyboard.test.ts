import { expect, test } from 'vitest';
import { readSettings, teamWithApps } from './client-seeds.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';

test('an app is set up by keyboard alone; the focus is never lost between the steps', async () => {
  await using opened = await openWindow({ route: '/apps', seed: teamWithApps });
  const { page, world } = opened;
  const dialog = page.getByRole('dialog');
  const isInside = (): Promise<boolean> =>
    page.evaluate<boolean>("document.activeElement.closest('[role=dialog]') !== null");
  const press = async (name: string): Promise<void> => {
    await tabTo(page, dialog.getByRole('button', { name, exact: true }));
    await page.keyboard.press('Enter');
  };
  await tabTo(page, page.getByRole('button', { name: 'Set up Cursor' }));
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await expect.poll(isInside).toBe(true);

  await press('Review the change');
  await dialog.getByText('Other servers in the file: github, postgres.').waitFor();
  expect(await isInside()).toBe(true);
  await press('Back');
  await dialog.getByRole('radio', { name: 'The account in use' }).waitFor();
  expect(await isInside()).toBe(true);
  await press('Review the change');
  await press('Write the change');
  await page.getByRole('dialog', { name: 'Cursor is set up' }).waitFor();
  expect(await isInside()).toBe(true);
  expect(readSettings(world, '.cursor', 'mcp.json')).toContain('"gangway": {');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  // Apps that are set up come first, so the button that it began with has moved.
  const name = page.getByRole('link', { name: 'Cursor', exact: true });
  await expect.poll(() => hasFocus(name)).toBe(true);
});

test('the settings of an app are put back by keyboard, and the focus stays on the page', async () => {
  await using opened = await openWindow({ route: '/apps/cursor', seed: teamWithApps });
  const { page, world, control } = opened;
  const before = readSettings(world, '.cursor', 'mcp.json');
  const { token } = await control.clients.preview({ client: 'cursor' });
  await control.clients.write({ token });
  const put = page.getByRole('button', { name: 'Put the file back as it was' });
  await tabTo(page, put);
  await page.keyboard.press('Enter');
  const asked = page.getByRole('alertdialog');
  await asked.waitFor();
  await page.keyboard.press('Escape');
  await asked.waitFor({ state: 'detached' });
  expect(await hasFocus(put)).toBe(true);
  await page.keyboard.press('Enter');
  await tabTo(page, asked.getByRole('button', { name: 'Put back' }));
  await page.keyboard.press('Enter');
  await page.getByText('The settings of Cursor were put back').waitFor();
  expect(readSettings(world, '.cursor', 'mcp.json')).toBe(before);
  await expect.poll(() => hasFocus(page.getByRole('heading', { level: 1 }))).toBe(true);
});
