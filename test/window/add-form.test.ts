import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { startPlain } from '../workspaces/plain.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { team } from './seeds.ts';

// Other tests may take the processor meanwhile.
const SOON = { timeout: 10_000 };

describe('the form for a new account', () => {
  test('begins with the focus in its first field, and says at each field what is missing', async () => {
    await using opened = await openWindow({ route: '/accounts/add/allv' });
    const { page } = opened;
    const workspace = page.getByLabel('Workspace id');
    expect(await hasFocus(workspace)).toBe(true);
    await workspace.fill('ws_demo');
    await workspace.press('Enter');
    await page.getByText('Enter the member that calls run as.').waitFor();
    const key = page.getByLabel('API key');
    expect(await hasFocus(key)).toBe(true);
    await key.fill(canary('allv'));
    await page.getByText('Enter the key.').waitFor({ state: 'detached' });
  });

  test('proposes the way to sign in that was found, until the person chooses', async () => {
    await using plain = await startPlain();
    await using opened = await openWindow({ route: '/accounts/add/custom' });
    const { page, world } = opened;
    const { aly } = await world.workspaces();
    const address = page.getByLabel('Address', { exact: true });
    await address.fill(aly.url);
    await chosen(page, 'Sign in with the browser');
    await address.fill(plain.url);
    await chosen(page, 'No sign-in');
    await page.getByRole('radio', { name: 'Use a key' }).check();
    await address.fill(aly.url);
    await page.locator('.checklist-ok').nth(4).waitFor();
    await chosen(page, 'Use a key');
  });

  test('offers the own network where the address asks for it, and goes on offering it', async () => {
    await using opened = await openWindow({ route: '/accounts/add/allegro' });
    const { page, world, control } = opened;
    const { acme, keys } = await world.workspaces();
    await page.getByLabel('Personal access token').fill(keys.acmeMember);
    await page.getByLabel('Tenant address').fill('http://10.1.2.3/mcp');
    await page.getByRole('button', { name: 'Check and add' }).click();
    await page.getByRole('alert').filter({ hasText: 'private network' }).waitFor();
    const own = page.getByRole('switch', { name: 'Server in my own network' });
    await own.waitFor();
    await page.getByLabel('Tenant address').fill(acme.url);
    await own.click();
    await page.locator('.checklist-ok').nth(4).waitFor();
    expect(await own.getAttribute('aria-checked')).toBe('true');
    await page.getByRole('button', { name: 'Check and add' }).click();
    await page.getByRole('heading', { name: /was added/ }).waitFor();
    expect(await control.accounts.list()).toMatchObject([{ ownNetwork: true }]);
  });

  test('keeps what is open open while an address is typed and cleared', async () => {
    await using opened = await openWindow({ route: '/accounts/add/pelcro' });
    const { page } = opened;
    await page.getByText('Another address').click();
    const address = page.getByLabel('Address (optional)');
    const { y } = (await address.boundingBox())!;
    await address.fill('http://127.0.0.1:1/');
    expect((await address.boundingBox())!.y).toBe(y);
    await address.fill('');
    expect(await hasFocus(address)).toBe(true);
    expect((await address.boundingBox())!.y).toBe(y);
  });

  test('is taken back when it is left while the workspace is asked', async () => {
    const asked = Promise.withResolvers<Socket>();
    await using server = createServer((socket) => asked.resolve(socket.resume())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const at = server.address();
    await using opened = await openWindow({ route: '/accounts/add/aly' });
    const { page, control } = opened;
    await page.getByRole('radio', { name: 'Use a key' }).check();
    await page.getByLabel('API key').fill(canary('aly'));
    await page.getByText('Another address').click();
    const port = typeof at === 'object' && at ? at.port : 0;
    await page.getByLabel('Address').fill(`http://127.0.0.1:${port}/api/mcp`);
    await page.getByRole('button', { name: 'Check and add' }).click();
    const socket = await asked.promise;
    const closed = once(socket, 'close');
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('heading', { name: 'Add account' }).waitFor();
    await closed;
    expect(await control.accounts.list()).toEqual([]);
    expect(await page.locator('.toast').count()).toBe(0);
  });

  test('has its table of headers used by keyboard', async () => {
    await using opened = await openWindow({ route: '/accounts/add/custom' });
    const { page } = opened;
    const more = page.getByRole('button', { name: 'Add a header' });
    await tabTo(page, more);
    await page.keyboard.press('Enter');
    await page.keyboard.type('x-team');
    expect(await page.getByLabel('Header 1', { exact: true }).inputValue()).toBe('x-team');
    await tabTo(page, page.getByRole('button', { name: 'Remove header 1' }));
    await page.keyboard.press('Enter');
    await expect.poll(() => hasFocus(more), SOON).toBe(true);
  });

  test('offers the members of other accounts', async () => {
    await using opened = await openWindow({ route: '/accounts/add/allv', seed: team });
    const { page } = opened;
    await page.getByRole('button', { name: 'ines@example.com' }).click();
    expect(await page.getByLabel('Selected user').inputValue()).toBe('ines@example.com');
  });
});

describe('a pasted text', () => {
  test('that is confirmed at once waits for what is there', async () => {
    await using opened = await openWindow({ route: '/accounts/add' });
    const { page, world } = opened;
    const { aly } = await world.workspaces();
    const box = page.getByLabel('Paste an address');
    await box.fill(aly.url);
    await box.press('Enter');
    await page.getByRole('heading', { name: 'Add another MCP server' }).waitFor();
    await chosen(page, 'Sign in with the browser');
  });

  test('is forgotten when the form is left, and never in the markup of the page', async () => {
    await using opened = await openWindow({ route: '/accounts/add' });
    const { page, go } = opened;
    const key = canary('bearer');
    const snippet = { url: 'http://127.0.0.1:1/mcp', headers: { Authorization: `Bearer ${key}` } };
    const paste = async (): Promise<void> => {
      await page.getByLabel('Paste an address').fill(JSON.stringify({ mcpServers: { one: snippet } }));
      expect(await page.content()).not.toContain(key);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('heading', { name: 'Add another MCP server' }).waitFor();
      expect(await keyIn(page)).toBe(key);
    };
    await paste();
    await page.getByRole('link', { name: 'Activity' }).click();
    await go('/accounts/add/custom');
    expect(await keyIn(page)).toBe('');
    await go('/accounts/add');
    await paste();
    await page.goBack();
    await page.getByRole('button', { name: /^Other MCP server/ }).click();
    expect(await keyIn(page)).toBe('');
  });
});

test('after an account was added, another one of its kind begins with an empty form', async () => {
  await using opened = await openWindow({ route: '/accounts/add/allegro' });
  const { page, world, control } = opened;
  const { acme, keys } = await world.workspaces();
  await page.getByLabel('Tenant address').fill(acme.url);
  await page.getByLabel('Personal access token').fill(keys.acmeMember);
  await page.getByRole('button', { name: 'Check and add' }).click();
  await expect.poll(() => hasFocus(page.getByRole('heading', { name: /was added/ })), SOON).toBe(true);
  await page.getByRole('radio', { name: 'Teal' }).click();
  await expect.poll(async () => (await control.accounts.list())[0]?.color, SOON).toBe('teal');
  await page.getByRole('button', { name: 'Add another' }).click();
  await page.getByRole('heading', { name: 'Add Allegro' }).waitFor();
  await expect.poll(() => hasFocus(page.getByLabel('Tenant address')), SOON).toBe(true);
  expect(await page.getByLabel('Tenant address').inputValue()).toBe('');
  expect(await page.getByLabel('Personal access token').inputValue()).toBe('');
});

async function chosen(page: Page, way: string): Promise<void> {
  await page.getByRole('radio', { name: way, checked: true }).waitFor();
}

async function keyIn(page: Page): Promise<string> {
  await page.getByRole('heading', { name: 'Add another MCP server' }).waitFor();
  return page.getByLabel('Key', { exact: true }).inputValue();
}
