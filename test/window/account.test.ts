import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { startPlain } from '../workspaces/plain.ts';
import { manyTools, oneWithLongNames } from './account-seeds.ts';
import { aDesktop } from './desktop.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { team } from './seeds.ts';

async function chooseInMenu(page: Page, account: string, line: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${account}` }).click();
  await page.getByRole('menuitem', { name: line }).click();
}

// Other tests may take the processor meanwhile.
const SOON = { timeout: 10_000 };

describe('the dialogs of an account', () => {
  test('give the focus back to where they were opened, and begin in their field', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: team });
    const { page, control } = opened;
    const more = page.getByRole('button', { name: 'More for Acme' });
    await chooseInMenu(page, 'Acme', 'Name and colour');
    const name = page.getByRole('dialog').getByLabel('Name');
    await expect.poll(() => hasFocus(name), SOON).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => hasFocus(more), SOON).toBe(true);
    await chooseInMenu(page, 'Acme', 'Name and colour');
    await name.fill('Acme Print');
    await page.getByRole('radio', { name: 'Pink' }).click();
    await name.press('Enter');
    await page.getByRole('link', { name: 'Acme Print' }).waitFor();
    await expect
      .poll(() => hasFocus(page.getByRole('button', { name: 'More for Acme Print' })), SOON)
      .toBe(true);
    expect((await control.accounts.list())[0]).toMatchObject({ label: 'Acme Print', color: 'pink' });
  });

  test('give it back on the page whose title they change', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: team });
    const { page } = opened;
    await page.getByRole('link', { name: 'Acme', exact: true }).click();
    const rename = page.getByRole('button', { name: 'Name and colour' });
    await rename.click();
    await page.getByRole('dialog').getByLabel('Name').fill('Acme Print');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Acme Print' }).waitFor();
    await expect.poll(() => hasFocus(rename), SOON).toBe(true);
  });

  test('say what a removal means, and leave the focus at the heading of the list', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: team });
    const { page, world } = opened;
    await world.endpoint('acme');
    await chooseInMenu(page, 'Acme', 'Remove…');
    const dialog = page.getByRole('alertdialog', { name: 'Remove Acme?' });
    await dialog.getByText('1 access token leads to it alone').waitFor();
    await dialog.getByText('No account is in use then').waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No account is in use').first().waitFor();
    await expect.poll(() => hasFocus(page.getByRole('heading', { level: 1 })), SOON).toBe(true);
  });

  test('do not carry what was typed for one account to another', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: team });
    const { page, control, go } = opened;
    const [acme, herald] = await control.accounts.list();
    await go(`/accounts/${acme!.id}`);
    await page.getByRole('button', { name: 'Name and colour' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Something else');
    await go(`/accounts/${herald!.id}`);
    await page.getByRole('heading', { level: 1, name: 'The Herald' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

test('an account that was added without a sign-in and needs one now is added again at its address', async () => {
  await using plain = await startPlain({ tokens: {} });
  await using opened = await openWindow({
    route: '/accounts',
    seed: async (world) => {
      await world.add({ connector: 'custom', label: 'Open', url: plain.url, signIn: 'none', check: false });
      await world.control.accounts.check({ account: 'Open' }).catch(() => undefined);
    },
  });
  const { page } = opened;
  await page.getByRole('button', { name: 'Add it again: Open' }).click();
  await page.getByRole('heading', { name: 'Add another MCP server' }).waitFor();
  expect(await page.getByLabel('Address').inputValue()).toBe(plain.url);
});

describe('the page of an account', () => {
  test('is gone through by keyboard: its tabs by arrows, each with its own address', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: team });
    const { page } = opened;
    await page.getByRole('link', { name: 'Operations' }).click();
    await tabTo(page, page.getByRole('tab', { name: 'Overview' }));
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: 'Selected user', selected: true }).waitFor();
    await page.keyboard.press('End');
    await page.getByRole('tab', { name: 'History', selected: true }).waitFor();
    expect(await page.evaluate('location.hash')).toMatch(/\/history$/);
    expect(await hasFocus(page.getByRole('tab', { name: 'History' }))).toBe(true);
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: 'Overview', selected: true }).waitFor();
  });

  test('says how much the account is used, and goes on with it', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: team });
    const { page, world } = opened;
    await page.getByRole('link', { name: 'Acme', exact: true }).click();
    await factOf(page, 'Last used', 'Never');
    await factOf(page, 'Calls today', '0');
    const client = await world.connect('stdio');
    await client.callTool({ name: 'list-products', arguments: {} });
    await factOf(page, 'Last used', 'now');
  });

  test('names the access tokens that lead to it', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: team });
    const { page, world } = opened;
    await world.endpoint('acme');
    await page.getByRole('link', { name: 'Acme', exact: true }).click();
    await page.getByRole('tab', { name: 'Apps' }).click();
    await page.getByRole('heading', { name: 'Access tokens that lead here' }).waitFor();
    await page.getByText('not used yet').waitFor();
  });

  test('mutes its notifications in the desktop app', async () => {
    const desktop = aDesktop();
    await using opened = await openWindow({ route: '/accounts', seed: team, desktop });
    const { page, control } = opened;
    const [acme] = await control.accounts.list();
    await page.getByRole('link', { name: 'Acme', exact: true }).click();
    const notify = page.getByRole('switch', { name: 'Notifications about this account' });
    await notify.click();
    await expect.poll(() => desktop.state.choices.muted, SOON).toEqual([acme!.id]);
    await notify.click();
    await expect.poll(() => desktop.state.choices.muted, SOON).toEqual([]);
  });

  test.each([420, 720, 1100])('shows names of any length whole, %i pixels wide', async (width) => {
    await using opened = await openWindow({
      route: '/accounts',
      seed: oneWithLongNames,
      viewport: { width, height: 800 },
    });
    const { page } = opened;
    for (const link of await page.locator('.account-name').all()) {
      expect(await isCut(page)).toBe(false);
      await link.click();
      for (const tab of await page.getByRole('tab').all()) {
        await tab.click();
        expect(await isCut(page)).toBe(false);
      }
      await page.goBack();
      await link.waitFor();
    }
  });
});

describe('the tools of an account', () => {
  test('that are switched one right after the other are all off', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: team });
    const { page, control } = opened;
    await page.getByRole('link', { name: 'Acme', exact: true }).click();
    await page.getByRole('tab', { name: 'Tools' }).click();
    const names = ['create-product', 'create-template', 'get-template'];
    const switches = names.map((name) => page.getByRole('switch', { name: `Apps may use ${name}` }));
    await switches[0]!.waitFor();
    // In one go, so that no answer comes between.
    await page.evaluate(
      `for (const name of ${JSON.stringify(names)}) document.querySelector(\`[aria-label="Apps may use \${name}"]\`).click()`,
    );
    await expect.poll(async () => (await control.accounts.list())[0]?.rules.deny, SOON).toEqual(names);
    for (const one of switches) expect(await one.getAttribute('aria-checked')).toBe('false');
  });

  test('are shown a hundred at a time when there are thousands, and found among all', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: manyTools });
    const { page } = opened;
    await page.getByRole('link', { name: 'Huge' }).click();
    await page.getByRole('tab', { name: 'Tools' }).click();
    const rows = page.locator('.tool-row');
    await rows.nth(99).waitFor();
    expect(await rows.count()).toBe(100);
    await page.getByRole('button', { name: 'Show 100 more' }).press('Enter');
    await rows.nth(199).waitFor();
    await expect.poll(() => hasFocus(rows.nth(100).getByRole('switch')), SOON).toBe(true);
    await page.getByLabel('Find a tool').fill('number_4899');
    await page.getByText('1 of 4,910 tools').waitFor();
    await rows.getByText('tool_number_4899').waitFor();
  });

  test('stay in view when they cannot be asked for again, and are asked for at a click', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: team });
    const { page, panel } = opened;
    await page.getByRole('link', { name: 'Acme', exact: true }).click();
    panel.lose();
    await page.getByRole('tab', { name: 'Tools' }).click();
    const again = page.getByRole('tabpanel').getByRole('button', { name: 'Try again' });
    await again.waitFor();
    panel.find();
    await again.click();
    await page.getByText('16 of 16 tools').waitFor();
  });
});

async function factOf(page: Page, name: string, value: string): Promise<void> {
  const row: Locator = page.locator('.facts > div').filter({ has: page.getByText(name, { exact: true }) });
  await row.locator('dd').getByText(value, { exact: true }).waitFor();
}

/** Whether something is wider than its place. */
async function isCut(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(
    "(() => { const { scrollWidth, clientWidth } = document.querySelector('#content'); return scrollWidth > clientWidth; })()",
  );
}
