import { expect, test } from 'vitest';
import { expectAccessible } from './accessible.ts';
import { setUp, teamWithApps, writeSettings } from './client-seeds.ts';
import { hasFocus } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { teamWithSignIn } from './seeds.ts';

test('everything is looked at when the page opens; what is the matter leads to where it is put right', async () => {
  await using opened = await openWindow({
    route: '/doctor',
    seed: async (world) => {
      await teamWithApps(world);
      await setUp(world, { client: 'codex' });
      writeSettings(world, ['.codex', 'config.toml'], 'model = "gpt"\n');
    },
  });
  const { page } = opened;
  const apps = page.getByRole('region', { name: 'Apps' });
  await apps.getByText(/Codex/).first().waitFor();
  await page.getByRole('region', { name: 'Keychain' }).waitFor();
  await expectAccessible(page);

  const accounts = page.getByRole('region', { name: 'Accounts' });
  expect(await accounts.getByText(/Acme/).first().isVisible()).toBe(false);
  await accounts.getByText('All fine').click();
  await accounts.getByText(/Acme/).first().waitFor();
  const checked = page.getByText(/^Checked/).locator('time');
  const first = await checked.getAttribute('datetime');
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect.poll(() => checked.getAttribute('datetime')).not.toBe(first);

  await apps.getByRole('link', { name: 'Show in Apps: Codex' }).click();
  await page.getByRole('heading', { level: 1, name: 'Codex' }).waitFor();
});

test('an account that needs its person is one click away, and the report is copied as text', async () => {
  await using opened = await openWindow({ route: '/doctor', seed: teamWithSignIn });
  const { page } = opened;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('link', { name: 'Open the account: The Gazette' }).waitFor();
  await page.getByRole('button', { name: 'Copy as text' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await page.evaluate<string>('navigator.clipboard.readText()');
  expect(copied).toMatch(/^Gangway 0\.1\.0, /);
  expect(copied).toMatch(/Accounts\n {2}\[Needs you\] .*The Gazette/);
  await page.getByRole('link', { name: 'Open the account: The Gazette' }).click();
  await page.getByRole('heading', { level: 1, name: 'The Gazette' }).waitFor();
});

test('the check is reached from the apps, the settings and the search', async () => {
  await using opened = await openWindow({ route: '/apps' });
  const { page, go } = opened;
  const heading = page.getByRole('heading', { level: 1, name: 'Check everything' });
  await page.getByRole('link', { name: 'Check everything' }).click();
  await heading.waitFor();
  await go('/settings/advanced');
  await page.getByRole('link', { name: 'Check everything' }).click();
  await heading.waitFor();
  await go('/accounts');
  await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('doctor');
  await page.keyboard.press('Enter');
  await heading.waitFor();
});

test('what the window can put right is put right there, and looked at again', async () => {
  await using opened = await openWindow({
    route: '/doctor',
    vault: 'passphrase',
    seed: async ({ control }) => void (await control.pause({})),
  });
  const { page } = opened;
  const keychain = page.getByRole('region', { name: 'Keychain' });
  await keychain.getByRole('button', { name: 'Enter passphrase' }).waitFor();
  await page.getByRole('link', { name: 'Add account' }).waitFor();
  const gangway = page.getByRole('region', { name: 'Gangway itself' });
  await expectAccessible(page);
  await gangway.getByRole('button', { name: 'Resume' }).click();
  await gangway.getByText('All fine').waitFor();
  expect(await hasFocus(page.getByRole('heading', { level: 1 }))).toBe(true);

  await keychain.getByRole('button', { name: 'Enter passphrase' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Passphrase').fill('a passphrase of this test');
  await page.keyboard.press('Enter');
  await keychain.getByText('All fine').waitFor();
});
