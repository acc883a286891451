import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { expectAccessible } from './accessible.ts';
import { openWindow } from './open-window.ts';

const COMMAND = fileURLToPath(new URL('../workspaces/allegro-command.ts', import.meta.url));

/** Waits for the last page of the form and for the account to be in the list. */
async function added(page: Page, label: string): Promise<void> {
  await page.getByRole('heading', { name: `${label} was added` }).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: label }).waitFor();
}

describe('adding an account in the window', () => {
  test('Allegro: the address is looked at while it is typed, then the token is checked', async () => {
    await using opened = await openWindow({ route: '/accounts/add' });
    const { page, world, control } = opened;
    const { acme, keys } = await world.workspaces();
    await page.getByRole('button', { name: /^Allegro/ }).click();
    await page.getByLabel('Tenant address').fill(acme.url);
    const checks = page.getByRole('list', { name: 'What is there' });
    await checks.locator('.checklist-ok').nth(3).waitFor();
    await page.getByLabel('Personal access token').fill(keys.acmeMember);
    await page.getByLabel('Name').fill('Acme');
    await page.getByRole('button', { name: 'Check and add' }).click();
    await added(page, 'Acme');
    const [account] = await control.accounts.list();
    expect(account).toMatchObject({ label: 'Acme', state: 'ready', identity: { tools: 16 } });
  });

  test('Pelcro: with an access token, and read-only from the start', async () => {
    await using opened = await openWindow({ route: '/accounts/add/pelcro' });
    const { page, world, control } = opened;
    const { pelcro, keys } = await world.workspaces();
    await page.getByText('Another address').click();
    await page.getByLabel('Address').fill(pelcro.origin);
    await page.getByRole('radio', { name: 'Use a key' }).check();
    await page.getByLabel('Access token').fill(keys.pelcroHerald);
    await page.getByRole('switch', { name: 'Read-only' }).click();
    await page.getByLabel('Name').fill('Herald');
    await page.getByRole('button', { name: 'Check and add' }).click();
    await added(page, 'Herald');
    const [account] = await control.accounts.list();
    expect(account).toMatchObject({ connector: 'pelcro', rules: { readOnly: true } });
  });

  test('allv: with the key in x-api-key and a selected user', async () => {
    await using opened = await openWindow({ route: '/accounts/add/allv' });
    const { page, world, control } = opened;
    const { allv, keys } = await world.workspaces();
    await page.getByLabel('Workspace id').fill(allv.url);
    await page.getByLabel('API key').fill(keys.allv);
    await page.getByRole('combobox', { name: 'Where the key is sent' }).click();
    await page.getByRole('option', { name: 'x-api-key' }).click();
    await page.getByLabel('Selected user').fill('ines@example.com');
    await page.getByLabel('Name').fill('Operations');
    await page.getByRole('button', { name: 'Check and add' }).click();
    await added(page, 'Operations');
    const [account] = await control.accounts.list();
    expect(account).toMatchObject({
      user: { by: 'email', value: 'ines@example.com' },
      signIn: { kind: 'key', header: 'x-api-key' },
    });
  });

  test('Aly: with a key', async () => {
    await using opened = await openWindow({ route: '/accounts/add/aly' });
    const { page, world, control } = opened;
    const { aly, keys } = await world.workspaces();
    await page.getByRole('radio', { name: 'Use a key' }).check();
    await page.getByLabel('API key').fill(keys.alyReader);
    await page.getByText('Another address').click();
    await page.getByLabel('Address').fill(aly.url);
    await page.getByLabel('Name').fill('Shop');
    await page.getByRole('button', { name: 'Check and add' }).click();
    await added(page, 'Shop');
    expect(await control.accounts.list()).toMatchObject([{ connector: 'aly', state: 'ready' }]);
  });

  test('another server: by its address, with a secret header of its own', async () => {
    await using opened = await openWindow({ route: '/accounts/add/custom' });
    const { page, world, control } = opened;
    const { acme, keys } = await world.workspaces();
    await page.getByLabel('Address').fill(acme.url);
    await page.getByLabel('Key', { exact: true }).fill(keys.acmeMember);
    await page.getByRole('button', { name: 'Add a header' }).click();
    await page.getByLabel('Header 1', { exact: true }).fill('x-team');
    await page.getByLabel('Value 1', { exact: true }).fill('red');
    await page.getByRole('checkbox', { name: 'Secret' }).uncheck();
    await page.getByLabel('Name (optional)').fill('By hand');
    await page.getByRole('button', { name: 'Check and add' }).click();
    await added(page, 'By hand');
    const [account] = await control.accounts.list();
    expect(account?.headers).toEqual({ 'x-team': 'red' });
  });

  test('another server: a local command', async () => {
    await using opened = await openWindow({ route: '/accounts/add/custom' });
    const { page, control } = opened;
    await page.getByText('Advanced').click();
    await page.getByRole('button', { name: 'Use a local command instead of an address' }).click();
    const words = [process.execPath, COMMAND, '--tenant', 'acme', '--user', 'admin@example.com'];
    await page.getByLabel('Command').fill(words.join('\n'));
    await page.getByLabel('Name (optional)').fill('Local');
    await page.getByRole('button', { name: 'Check and add' }).click();
    await added(page, 'Local');
    expect(await control.accounts.list()).toMatchObject([{ upstream: { kind: 'command' } }]);
  });

  test('a pasted snippet of another app fills the form, its key included', async () => {
    await using opened = await openWindow({ route: '/accounts/add' });
    const { page, world, control } = opened;
    const { acme, keys } = await world.workspaces();
    const snippet = {
      mcpServers: { acme: { url: acme.url, headers: { Authorization: `Bearer ${keys.acmeAdmin}` } } },
    };
    await page.getByLabel('Paste an address').fill(JSON.stringify(snippet));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Add another MCP server' }).waitFor();
    await page.getByRole('button', { name: 'Check and add' }).click();
    await page.getByRole('heading', { name: /was added/ }).waitFor();
    expect(await control.accounts.list()).toMatchObject([{ state: 'ready', signIn: { kind: 'key' } }]);
  });

  test('the keyboard alone is enough', async () => {
    await using opened = await openWindow({ route: '/accounts/add' });
    const { page, world, control } = opened;
    const { acme, keys } = await world.workspaces();
    const tile = page.getByRole('button', { name: /^Allegro/ });
    for (let presses = 0; presses < 30 && !(await tile.evaluate(isFocused)); presses += 1) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByLabel('Tenant address').waitFor();
    await page.keyboard.type(acme.url);
    await page.keyboard.press('Tab');
    await page.keyboard.type(keys.acmeMember);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /was added/ }).waitFor();
    expect(await control.accounts.list()).toHaveLength(1);
  });
});

function isFocused(element: { ownerDocument: { activeElement: unknown } }): boolean {
  return element.ownerDocument.activeElement === element;
}
