import { readFile } from 'node:fs/promises';
import type { Client } from '@modelcontextprotocol/client';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ActivityEntry } from '#contract/activity.ts';
import { PAGE } from '#renderer/views/activity/pages.ts';
import { collect } from '../canary/collect.ts';
import { expectAccessible } from './accessible.ts';
import { aDesktop } from './desktop.ts';
import { hasFocus } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import type { WindowWorld } from './window-world.ts';

/** One Allegro account, in use. */
async function acme(world: WindowWorld): Promise<void> {
  const { acme: place, keys } = await world.workspaces();
  await world.add({ connector: 'allegro', label: 'Acme', url: place.url, key: keys.acmeMember });
}

/** The same and one more, which nobody uses. */
async function acmeAndGlobex(world: WindowWorld): Promise<void> {
  await acme(world);
  const { globex, keys } = await world.workspaces();
  await world.add({ connector: 'allegro', label: 'Globex', url: globex.url, key: keys.globexAdmin });
}

const list = (client: Client): Promise<unknown> => client.callTool({ name: 'list-products', arguments: {} });

const rows = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name }) });

/** The query of the address as the person sees it. */
async function placeOf(page: Page): Promise<string> {
  return page.evaluate<string>('location.hash');
}

const exportIn = (page: Page) => page.getByRole('button', { name: 'Export', exact: true });

async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  const text = await readFile(await download.path(), 'utf8');
  collect('an export of the window', text);
  return { name: download.suggestedFilename(), text };
}

describe('the activity screen', () => {
  test('shows a call of a connected app while one looks, and what became of it', async () => {
    await using opened = await openWindow({ route: '/activity', seed: acme });
    const { page, world } = opened;
    await page.getByText('Ask your assistant to list something.').waitFor();
    const client = await world.connect('http');
    await list(client);
    const row = rows(page, 'list-products');
    await row.waitFor();
    expect(await row.innerText()).toMatch(/flows 1\.0\.0\s+Acme\s+list-products[\s\S]*Done\s+\d+ ms\s+\d+ B/);
    await page.getByRole('img', { name: /in the last 24 hours, all done\./ }).waitFor();

    await client.callTool({ name: 'get-template', arguments: { id: 'unknown' } });
    await rows(page, 'get-template').getByText('Tool error').waitFor();
    await page.getByRole('img', { name: /, 1 not done\./ }).waitFor();
    const order = await page.locator('.call-open').allInnerTexts();
    expect(order.slice(0, 2)).toEqual(['get-template', 'list-products']);
  });

  test('keeps filters in its address, and lets new calls wait while it is filtered', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: acmeAndGlobex });
    const { page, world, control } = opened;
    const [first, second] = await control.accounts.list();
    const client = await world.connect('http');
    const other = await world.connect('http', second?.slug);
    await list(client);
    await list(other);

    await page.getByRole('link', { name: 'Acme' }).click();
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('button', { name: 'list-products' }).waitFor();
    await page.getByRole('link', { name: 'All activity' }).click();
    await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor();
    expect(await placeOf(page)).toBe(`#/activity?account=${first?.id}`);
    await rows(page, 'list-products').waitFor();
    expect(await rows(page, 'list-products').count()).toBe(1);
    expect(await page.getByRole('combobox', { name: 'Account' }).innerText()).toBe('Acme');

    await list(client);
    await list(other);
    await page.getByRole('button', { name: '1 new call' }).waitFor();
    expect(await rows(page, 'list-products').count()).toBe(1);
    await page.getByRole('button', { name: '1 new call' }).click();
    await rows(page, 'list-products').nth(1).waitFor();
    await page.getByRole('button', { name: '1 new call' }).waitFor({ state: 'detached' });

    await page.getByRole('combobox', { name: 'Outcome' }).click();
    await page.getByRole('option', { name: 'Cancelled' }).click();
    await page.getByRole('heading', { name: 'No call fits' }).waitFor();
    expect(await placeOf(page)).toBe(`#/activity?account=${first?.id}&outcome=cancelled`);
    await page.reload();
    await page.getByRole('heading', { name: 'No call fits' }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await rows(page, 'list-products').nth(3).waitFor();
    expect(await placeOf(page)).toBe('#/activity');

    // What was looked for is forgotten with the screen.
    await opened.go(`/activity?outcome=blocked`);
    await page.getByRole('heading', { name: 'No call fits' }).waitFor();
    await page.getByRole('link', { name: 'Rules' }).click();
    await page.getByRole('link', { name: 'Activity' }).click();
    await rows(page, 'list-products').nth(3).waitFor();
  });

  test('finds a tool by its name, with the keyboard alone', async () => {
    await using opened = await openWindow({ route: '/activity', seed: acme });
    const { page, world } = opened;
    const client = await world.connect('http');
    await list(client);
    await client.callTool({ name: 'get-template', arguments: { id: 'unknown' } });
    const tool = page.getByRole('combobox', { name: 'Tool' });
    await tool.focus();
    await page.keyboard.type('prod');
    await page.getByRole('option', { name: 'list-products' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('1 call', { exact: true }).first().waitFor();
    expect(await placeOf(page)).toBe('#/activity?tool=list-products');
    expect(await hasFocus(tool)).toBe(true);

    // A name that the latest calls do not have is looked for all the same.
    await tool.fill('get-temp');
    await page.keyboard.press('Escape');
    await tool.fill('an-older-tool');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'No call fits' }).waitFor();
    expect(await placeOf(page)).toBe('#/activity?tool=an-older-tool');
  });

  test('opens a call at the side; Escape closes it and the focus goes back', async () => {
    await using opened = await openWindow({ route: '/activity', seed: acme });
    const { page, world, control } = opened;
    const client = await world.connect('http');
    await list(client);
    await control.settings.set({ readOnly: true, activityBodies: true });
    const refused = client.callTool({ name: 'create-product', arguments: { name: 'Basic' } });
    await expect(refused).rejects.toThrow();
    await rows(page, 'create-product').waitFor();

    await page.getByRole('button', { name: 'create-product' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog', { name: 'list-products' });
    await panel.getByText('Nothing is kept').waitFor();
    await expectAccessible(page);
    // What comes meanwhile does not move the list under it.
    await list(client);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('list-products');

    await rows(page, 'list-products').nth(1).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    const kept = page.getByRole('dialog', { name: 'list-products' });
    await kept.waitFor();
    expect(await kept.getByLabel('Answer').inputValue()).toContain('"products"');
    expect(await kept.getByLabel('Arguments').inputValue()).toBe('{}');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'create-product' }).click();
    const blocked = page.getByRole('dialog', { name: 'create-product' });
    await blocked.getByText('Your rules do not allow it. Nothing was sent.').waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await blocked.getByRole('button', { name: 'Copy as text' }).click();
    await blocked.getByText('Copied').waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).toContain('App: flows 1.0.0\n');
    expect(copied).toContain(
      'Outcome: Blocked by your rules\nError code: -31014: Your rules do not allow it.',
    );
    await page.keyboard.press('Escape');

    await control.settings.set({ activityBodies: false });
    await page.getByRole('button', { name: 'list-products' }).last().click();
    await page.getByRole('link', { name: 'Keep them from now on, in Settings' }).click();
    await page.getByRole('switch', { name: /arguments/i }).waitFor();
  });

  test('exports what the filters show, as CSV and as JSON Lines, without secrets', async () => {
    await using opened = await openWindow({ route: '/activity?tool=list-products', seed: acme });
    const { page, world, control } = opened;
    const { keys } = await world.workspaces();
    await control.settings.set({ activityBodies: true });
    const client = await world.connect('http');
    await client.callTool({
      name: 'list-products',
      arguments: { note: `is this ${keys.acmeMember} a key?` },
    });
    await client.callTool({ name: 'get-template', arguments: { id: 'unknown' } });
    await rows(page, 'list-products').waitFor();

    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByText('Every call that fits the filters').waitFor();
    const csv = await saved(page, () => exportIn(page).click());
    await page.getByText('The export is ready').waitFor();
    expect(csv.name).toMatch(/^gangway-activity-\d{4}-\d\d-\d\d-\d{4}\.csv$/);
    const lines = csv.text.trimEnd().split('\r\n');
    expect(lines[0]).toBe(
      'id,at,client,door,account,accountLabel,user,method,target,outcome,code,durationMs,sentBytes,receivedBytes,truncated,arguments,result',
    );
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(',list-products,ok,');
    expect(lines[1]).toContain('is this ');
    expect(csv.text).not.toContain(keys.acmeMember);

    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByRole('radio', { name: /JSON Lines/ }).check();
    const json = await saved(page, () => exportIn(page).click());
    expect(json.name).toMatch(/\.jsonl$/);
    const parsed = JSON.parse(json.text) as ActivityEntry;
    expect(parsed).toMatchObject({ client: 'flows 1.0.0', accountLabel: 'Acme', target: 'list-products' });
    expect(json.text).not.toContain(keys.acmeMember);
  });

  test('an export says how far it is and can be stopped; in the desktop app it is the same', async () => {
    await using opened = await openWindow({ route: '/activity', seed: acme, desktop: aDesktop() });
    const { page, world } = opened;
    await list(await world.connect('http'));
    await page.getByRole('button', { name: 'Export…' }).click();
    const { text } = await saved(page, () => exportIn(page).click());
    expect(text).toContain(',list-products,');

    await using tab = await openWindow({ route: '/activity', world });
    await tab.page.route('**/activity/export', () => new Promise(() => undefined));
    await tab.page.getByRole('button', { name: 'Export…' }).click();
    await exportIn(tab.page).click();
    await tab.page.getByText('0 B so far…').waitFor();
    const stopped = tab.page.waitForEvent('requestfailed', (request) =>
      request.url().endsWith('/activity/export'),
    );
    await tab.page.getByRole('button', { name: 'Cancel' }).click();
    expect((await stopped).failure()?.errorText).toContain('ABORTED');
    await tab.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('goes back page by page, and misses nothing while the bridge was away', async () => {
    await using opened = await openWindow({ route: '/activity', seed: acme });
    const { page, world, panel } = opened;
    const client = await world.connect('http');
    const count = PAGE + 30;
    await Promise.all(Array.from({ length: count }, () => list(client)));
    await page.reload();
    await page.getByText(`The latest ${PAGE} calls`).waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText(`${count} calls`, { exact: true }).waitFor();
    expect(await page.locator('.call-row').count()).toBe(count);

    await page.locator('.call-row').last().scrollIntoViewIfNeeded();
    panel.lose();
    await page.getByText('Gangway is not running').waitFor();
    expect(await page.locator('.call-row').count()).toBe(count);
    await list(client);
    await list(client);
    panel.find();
    await page.getByRole('button', { name: '2 new calls' }).click();
    await page.getByText(`${count + 2} calls`, { exact: true }).waitFor();
    expect(await hasFocus(page.getByText(`${count + 2} calls`, { exact: true }))).toBe(true);
  });
});
