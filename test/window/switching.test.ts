import { expect, test } from 'vitest';
import { modern, modernHeads } from '../downstream/raw-http.ts';
import { Notices } from '../flows/notices.ts';
import { text } from '../flows/world.ts';
import { openWindow } from './open-window.ts';
import { team } from './seeds.ts';
import type { WindowWorld } from './window-world.ts';

/** Two accounts of one workspace whose lists differ: a reader and the owner. */
async function twoShops(world: WindowWorld): Promise<void> {
  const { aly, keys } = await world.workspaces();
  await world.add({ connector: 'aly', label: 'Reader', url: aly.url, key: keys.alyReader, readOnly: true });
  await world.add({ connector: 'aly', label: 'Owner', url: aly.url, key: keys.alyOwner });
  await world.control.accounts.use({ account: 'Reader' });
}

test('a click switches the account, a connected client sees its lists change, and Undo goes back', async () => {
  await using opened = await openWindow({ route: '/accounts', seed: twoShops });
  const { page, world, control } = opened;
  const notices = new Notices();
  const client = await world.connect('stdio', 'current', notices.listen);
  const before = (await client.listTools()).tools.length;
  await page.getByRole('button', { name: 'Use Owner' }).click();
  await page.getByText('Owner is in use now').first().waitFor();
  await notices.atLeast('tools', 1);
  expect((await client.listTools()).tools.length).toBeGreaterThan(before);
  await page.getByRole('button', { name: 'Undo' }).click();
  await notices.atLeast('tools', 2);
  expect((await client.listTools()).tools).toHaveLength(before);
  expect((await control.accounts.list()).find(({ current }) => current)?.label).toBe('Reader');
});

test('a switch names the app that cannot be told of it', async () => {
  await using opened = await openWindow({ route: '/accounts', seed: twoShops });
  const { page, world } = opened;
  const { url, headers } = await world.endpoint();
  const listed = await fetch(url, {
    method: 'POST',
    headers: {
      ...headers,
      ...modernHeads('tools/list'),
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    },
    body: modern(1, 'tools/list'),
  });
  expect(await listed.text()).toContain('"tools"');
  await page.getByRole('button', { name: 'Use Owner' }).click();
  await page.getByText('If raw 1 (current) still shows the old tools, restart it.').first().waitFor();
});

test('Undo belongs to the last switch, and says when there is nothing to go back to', async () => {
  await using opened = await openWindow({ route: '/accounts', seed: team });
  const { page, control } = opened;
  await page.getByRole('button', { name: 'Use Operations' }).dblclick();
  await page.getByText('Operations is in use now').first().waitFor();
  await page.getByRole('button', { name: 'Use Shop' }).click();
  await page.getByText('Shop is in use now').first().waitFor();
  expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Operations is in use now').first().waitFor();
  await control.accounts.remove({ account: 'Shop' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Shop was removed meanwhile').first().waitFor();
  expect((await control.accounts.list()).find(({ current }) => current)?.label).toBe('Operations');
});

test('acting as another member changes who a connected client speaks as', async () => {
  await using opened = await openWindow({ route: '/accounts', seed: team });
  const { page, world, control } = opened;
  await control.accounts.use({ account: 'Operations' });
  const client = await world.connect('http');
  expect(await text(client, 'workspace.whoami')).toContain('ines@example.com');
  await page.getByRole('link', { name: 'Operations' }).click();
  await page.getByRole('tab', { name: 'Selected user' }).click();
  await page.getByLabel('E-mail or user id').fill('otto@example.com');
  await page.getByRole('button', { name: 'Act as this member' }).click();
  await page.getByText('Calls run as otto@example.com now').first().waitFor();
  expect(await text(client, 'workspace.whoami')).toContain('otto@example.com');
  await page.getByRole('button', { name: 'Stop acting as somebody else' }).click();
  await page.getByText('Calls run as the usual member again').first().waitFor();
  expect(await text(client, 'workspace.whoami')).toContain('ines@example.com');
  await page.getByRole('button', { name: 'Act as otto@example.com' }).waitFor();
});

test('a tool that is switched off disappears from a connected client, and comes back', async () => {
  await using opened = await openWindow({ route: '/accounts', seed: team });
  const { page, world } = opened;
  const notices = new Notices();
  const client = await world.connect('stdio', 'current', notices.listen);
  const names = async () => (await client.listTools()).tools.map(({ name }) => name);
  expect(await names()).toContain('create-product');
  await page.getByRole('link', { name: 'Acme', exact: true }).click();
  await page.getByRole('tab', { name: 'Tools' }).click();
  const tool = page.getByRole('switch', { name: 'Apps may use create-product' });
  await tool.click();
  await notices.atLeast('tools', 1);
  expect(await names()).not.toContain('create-product');
  await tool.click();
  await notices.atLeast('tools', 2);
  expect(await names()).toContain('create-product');
});
