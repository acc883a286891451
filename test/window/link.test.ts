import { expect, test } from 'vitest';
import { expectAccessible } from './accessible.ts';
import { aDesktop } from './desktop.ts';
import { openWindow } from './open-window.ts';

test('DL-01 a link fills in a form; nothing is added or contacted before the person acts', async () => {
  const desktop = aDesktop();
  await using opened = await openWindow({ route: '/accounts', desktop });
  const { page, world, control } = opened;
  const { acme } = await world.workspaces();
  acme.requests.clear();
  desktop.change({
    form: { connector: 'allegro', url: acme.url, label: 'Acme', notes: ['A key was left out.'] },
  });
  const dialog = page.getByRole('dialog', { name: 'A link wants to add an account' });
  await dialog.getByText(acme.url).waitFor();
  await expectAccessible(page);
  expect(desktop.calls.map(([name]) => name)).toContain('formTaken');
  await dialog.getByRole('button', { name: 'Review the form' }).click();
  await page.getByText('A link filled in this form.').waitFor();
  await expectAccessible(page);
  expect(await page.getByLabel('Tenant address').inputValue()).toBe(acme.url);
  expect(await page.getByLabel('Name').inputValue()).toBe('Acme');
  // Longer than the form waits before it looks at what a person types.
  await page.waitForTimeout(1500);
  expect(acme.requests.all).toEqual([]);
  expect(await control.accounts.list()).toEqual([]);
  await page.getByLabel('Name').fill('Acme, reviewed');
  await page.getByRole('list', { name: 'What is there' }).locator('.checklist-ok').first().waitFor();
});

test('DL-05 a second link waits until the first was answered', async () => {
  const desktop = aDesktop();
  await using opened = await openWindow({ route: '/accounts', desktop });
  const { page } = opened;
  desktop.change({ form: { label: 'First', notes: [] } });
  const dialog = page.getByRole('dialog', { name: 'A link wants to add an account' });
  await dialog.getByText('First').waitFor();
  desktop.change({ form: { label: 'Second', notes: [] } });
  await dialog.getByText('First').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByText('Second').waitFor();
});
