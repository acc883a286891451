import { expect, test } from 'vitest';
import { expectAccessible } from './accessible.ts';
import { entryIn, foreignServers, foreignServersOfTeam, readSettings } from './client-seeds.ts';
import { tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';

const CURSOR = ['.cursor', 'mcp.json'] as const;

test('a server that an app reaches with mcp-remote is brought here, and its key leaves the file', async () => {
  await using opened = await openWindow({ route: '/accounts', seed: foreignServers });
  const { page, world, control } = opened;
  await page.getByRole('heading', { name: 'No account yet' }).waitFor();
  expect(await page.getByText('allegro-acme').count()).toBe(0);
  await page.getByRole('button', { name: 'Look in my apps' }).click();
  await page.getByRole('heading', { name: '2 servers that your apps reach without Gangway' }).waitFor();
  await page.getByText('1 file could not be read').waitFor();
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Bring allegro-acme of Cursor here' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/^Authorization: its value moves out of the file/).waitFor();
  await dialog.getByLabel('Name of the account').fill('Acme');
  await page.keyboard.press('Enter');
  await dialog.getByText('mcp-remote').first().waitFor();
  const { keys } = await world.workspaces();
  expect(await dialog.innerText()).not.toContain(keys.acmeMember);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Bring it here' }).click();
  await page.getByRole('dialog', { name: 'allegro-acme was brought here' }).waitFor();

  const file = readSettings(world, ...CURSOR);
  expect(file).not.toContain(keys.acmeMember);
  expect(entryIn(file, 'allegro-acme').url).toContain('/mcp/acme');
  const [account] = await control.accounts.list();
  expect(account).toMatchObject({ label: 'Acme', connector: 'allegro', signIn: { kind: 'key' } });
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByText('Ready, 16 tools').waitFor();
});

test('a server at the address of an account gets one of its own unless the person says it is the same', async () => {
  await using opened = await openWindow({ route: '/apps', seed: foreignServersOfTeam });
  const { page, world, control } = opened;
  await page.getByRole('button', { name: 'Look in my apps' }).click();
  await page.getByText('You have Acme at the same address').waitFor();
  await tabTo(page, page.getByRole('button', { name: 'Bring allegro-acme of Cursor here' }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  const own = dialog.getByRole('radio', { name: 'Add an account for it' });
  expect(await own.isChecked()).toBe(true);
  expect(await dialog.getByLabel('Name of the account').inputValue()).toBe('allegro-acme');
  await expectAccessible(page);

  await tabTo(page, own);
  await page.keyboard.press('ArrowDown');
  expect(await dialog.getByRole('radio', { name: 'Use Acme, which you have already' }).isChecked()).toBe(
    true,
  );
  await dialog.getByLabel('Name of the account').waitFor({ state: 'detached' });
  await dialog.getByText('Authorization: goes out of the file. The account has its own sign-in.').waitFor();
  await tabTo(page, dialog.getByRole('button', { name: 'Review the change' }));
  await page.keyboard.press('Enter');
  await dialog.getByText('It uses the account Acme, which is there already.').waitFor();
  await dialog.getByRole('button', { name: 'Bring it here' }).click();
  await page.getByRole('dialog', { name: 'allegro-acme was brought here' }).waitFor();

  const { keys } = await world.workspaces();
  const file = readSettings(world, ...CURSOR);
  expect(file).not.toContain(keys.acmeMember);
  expect(entryIn(file, 'allegro-acme').url).toMatch(/\/mcp\/acme$/);
  expect(await control.accounts.list()).toHaveLength(5);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await page.evaluate('document.activeElement.tagName')).not.toBe('BODY');
});
