import { expect, test } from 'vitest';
import { failure } from '../flows/world.ts';
import { expectAccessible } from './accessible.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { team } from './seeds.ts';

test('connected apps are listed by what they are, with the account each of their conversations reaches now', async () => {
  await using opened = await openWindow({ route: '/apps', seed: team });
  const { page, world, control } = opened;
  await page.getByRole('heading', { name: 'No AI app found' }).waitFor();
  const [acme, herald] = await control.accounts.list();
  const follower = await world.connect('stdio');
  await world.connect('http', herald?.slug);
  const app = page.getByRole('table', { name: 'Conversations of flows 1.0.0' });
  await app.getByRole('row').nth(2).waitFor();
  const [pinned, follows] = await app.locator('tbody tr').all();
  expect(await pinned?.innerText()).toMatch(
    /Pinned to\s+The Herald\s+The Herald\s+Address \(HTTP\)\s*token “flows”/,
  );
  expect(await follows?.innerText()).toMatch(/Follows the account in use\s+Acme\s+Command \(stdio\)/);

  await follower.listTools();
  await expect.poll(() => follows?.locator('.app-calls').innerText()).toBe('1');
  await control.accounts.use({ account: herald?.id ?? '' });
  await expect.poll(() => follows?.getByRole('link').innerText()).toBe('The Herald');
  expect(await pinned?.getByRole('link').innerText()).toBe('The Herald');

  await follower.close();
  await app.getByRole('row').nth(2).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Its calls of flows 1.0.0' }).click();
  await page.getByRole('button', { name: 'tools/list' }).waitFor();
  expect(await page.evaluate('location.hash')).toBe('#/activity?client=flows+1.0.0');
  expect(acme?.label).toBe('Acme');
});

test('an access token is taken back: its app is refused with a reason, and no other one', async () => {
  await using opened = await openWindow({ route: '/apps', seed: team });
  const { page, world, control } = opened;
  await control.endpoint.mint({ client: 'Cursor', address: 'pelcro' });
  const client = await world.connect('http');
  await client.listTools();
  const other = await world.connect('http', 'allv');
  const revoke = page.getByRole('button', { name: 'Revoke the token of flows' }).last();
  await page.getByRole('row', { name: /^Cursor Follows Pelcro now Never/ }).waitFor();

  // By keyboard, and first not.
  await tabTo(page, revoke);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('alertdialog', { name: 'Revoke the token of flows?' });
  await dialog.waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await hasFocus(revoke)).toBe(true);
  expect(await control.endpoint.list()).toHaveLength(3);

  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('The token of flows was revoked').waitFor();
  expect((await control.endpoint.list()).map(({ address }) => address).sort()).toEqual(['allv', 'pelcro']);
  await expect.poll(() => page.getByRole('button', { name: /^Revoke the token/ }).count()).toBe(2);
  expect(await page.evaluate('document.activeElement.tagName')).not.toBe('BODY');

  const refused = await failure(client.listTools());
  expect(refused.message).toMatch(/token/i);
  expect((await other.listTools()).tools.length).toBeGreaterThan(0);
});

test('an app is connected by hand: to the account in use, to one kind of workspace, or to one account', async () => {
  await using opened = await openWindow({ route: '/apps', seed: team });
  const { page, control } = opened;
  const accounts = await control.accounts.list();
  await page.getByText('Right now that is Acme.').waitFor();

  await page.getByRole('radio', { name: 'The account in use' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('combobox', { name: 'Kind of workspace' }).click();
  await page.getByRole('option', { name: 'Pelcro' }).click();
  await page.getByText('Right now that is The Herald.').waitFor();
  await page.getByRole('radio', { name: 'One account' }).click();
  await page.getByRole('combobox', { name: 'Account', exact: true }).click();
  await page.getByRole('option', { name: 'Operations' }).click();

  const name = page.getByLabel('Name of the app');
  await name.fill('Cursor');
  await name.press('Enter');
  const entry = page.getByLabel('For apps that take an address');
  await entry.waitFor();
  const slug = accounts.find(({ label }) => label === 'Operations')?.slug;
  const shown = await entry.inputValue();
  expect(shown).toContain(`/mcp/${slug}`);
  expect(shown).toContain('"Authorization": "Bearer ••••••••"');
  expect(shown).not.toContain('gw_');
  await page.getByRole('row', { name: /^Cursor Pinned to Operations now Never/ }).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  expect(await hasFocus(name)).toBe(true);
  expect(await name.inputValue()).toBe('');

  // Removed meanwhile: the choice goes back to what is always there.
  await control.accounts.remove({ account: slug ?? '' });
  await page.getByText('Right now that is Acme.').waitFor();
  await page.getByRole('row', { name: /Pinned to an account that was removed/ }).waitFor();
});
