import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { text } from '../flows/world.ts';
import { signInAs } from '../sign-in/person.ts';
import { startAly } from '../workspaces/aly.ts';
import { hasFocus } from './keyboard.ts';
import { openWindow } from './open-window.ts';

test('a bad key is said at its field, and nothing is stored', async () => {
  await using opened = await openWindow({ route: '/accounts/add/allegro' });
  const { page, world, control } = opened;
  const { acme } = await world.workspaces();
  await page.getByLabel('Tenant address').fill(acme.url);
  await page.getByLabel('Personal access token').fill(canary('sanctum'));
  await page.getByRole('button', { name: 'Check and add' }).click();
  const field = page.getByLabel('Personal access token');
  await page.locator('.field-error', { hasText: 'does not accept' }).waitFor();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  expect(await control.accounts.list()).toEqual([]);
});

test('an unknown member is said, and the form stays as it was', async () => {
  await using opened = await openWindow({ route: '/accounts/add/allv' });
  const { page, world, control } = opened;
  const { allv, keys } = await world.workspaces();
  await page.getByLabel('Workspace id').fill(allv.url);
  await page.getByLabel('API key').fill(keys.allv);
  await page.getByLabel('Selected user').fill('nobody@example.com');
  await page.getByRole('button', { name: 'Check and add' }).click();
  await page.locator('.field-error', { hasText: 'not a member of this workspace' }).waitFor();
  const field = page.getByLabel('Selected user');
  expect(await field.inputValue()).toBe('nobody@example.com');
  expect(await hasFocus(field)).toBe(true);
  expect(await control.accounts.list()).toEqual([]);
});

test('a workspace that cannot be reached is said while its address is typed', async () => {
  await using opened = await openWindow({ route: '/accounts/add/custom' });
  const { page } = opened;
  await page.getByLabel('Address').fill(`http://127.0.0.1:${await closedPort()}/mcp`);
  await page.locator('.checklist-failed', { hasText: 'reach' }).waitFor();
});

test('a key that stops working turns its row, with the one thing to do', async () => {
  await using opened = await openWindow({
    route: '/accounts',
    seed: async (world) => {
      const { acme, keys } = await world.workspaces();
      await world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: keys.acmeMember });
    },
  });
  const { page, world, control } = opened;
  const { acme, keys } = await world.workspaces();
  acme.revoke(keys.acmeMember);
  await control.accounts.check({ account: 'Acme' }).catch(() => undefined);
  await page.getByRole('button', { name: 'Replace key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Replace the key of Acme' });
  await dialog.getByLabel('New key').fill(keys.acmeAdmin);
  await dialog.getByRole('button', { name: 'Replace key' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('Ready, 16 tools').waitFor();
});

test('a bridge that is gone is said, and the window goes on by itself when it is back', async () => {
  await using opened = await openWindow({ route: '/accounts' });
  const { page } = opened;
  opened.panel.lose();
  await page.getByText('Gangway is not running').waitFor();
  opened.panel.find();
  await page.getByText('Gangway is not running').waitFor({ state: 'detached' });
});

/** A port of this computer where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 1;
}

test('a missing permission is named at its account, with signing in as the one thing to do', async () => {
  await using aly = await startAly({ keys: [], publishedScopes: ['read:orders', 'read:content'] });
  await using opened = await openWindow({
    route: '/accounts',
    seed: async (world) => {
      await world.add({ connector: 'aly', label: 'Shop', url: aly.url, signIn: 'oauth' });
    },
  });
  const { page, world, control } = opened;
  await signInAs(control, 'shop', { choose: { email: 'ann@example.com' } });
  const client = await world.connect('stdio', 'shop');
  await expect(text(client, 'orders_update', { id: 'orders_1', note: 'x' })).rejects.toThrow('write:orders');
  await page.getByText('A call needed the permission write:orders, which this sign-in lacks.').waitFor();
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await page.getByRole('dialog', { name: 'Sign in to Shop' }).getByRole('link', { name: /^Open/ }).waitFor();
});
