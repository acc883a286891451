import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { AccountRules } from '#contract/account.ts';
import { backTo, changeTo, isAt, presets, ruleText } from '#renderer/views/rules/rule-text.ts';
import { Notices } from '../flows/notices.ts';
import { failure, text } from '../flows/world.ts';
import { expectAccessible } from './accessible.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { team } from './seeds.ts';

/** What the test box says of a call. */
async function verdict(page: Page, tool: string): Promise<string> {
  const field = page.getByRole('combobox', { name: 'to call this tool' });
  await field.fill(tool);
  await page.getByRole('option', { name: tool }).click();
  return page.locator('.verdict .health').innerText();
}

async function choose(page: Page, field: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: field }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

test('read-only hides what may change something from a connected app, at once and until it ends', async () => {
  await using opened = await openWindow({ route: '/rules', seed: team });
  const { page, world, control } = opened;
  const notices = new Notices();
  const client = await world.connect('stdio', 'current', notices.listen);
  const names = async (): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);
  const all = await names();
  expect(all).toContain('create-product');

  // By keyboard alone: one account.
  await tabTo(page, page.getByRole('switch', { name: 'Acme is read-only' }));
  await page.keyboard.press('Space');
  await page.getByRole('listitem').filter({ hasText: 'Acme' }).getByText('Apps may only read.').waitFor();
  await notices.atLeast('tools', 1);
  const reading = await names();
  expect(reading).toContain('list-products');
  expect(reading).not.toContain('create-product');
  await page.keyboard.press('Space');
  await notices.atLeast('tools', 2);
  expect(await names()).toEqual(all);

  // Everything.
  await page.getByRole('switch', { name: 'Everything is read-only' }).click();
  await notices.atLeast('tools', 3);
  expect(await names()).toEqual(reading);
  await page.getByText('Apps may only read, because everything is read-only.').nth(4).waitFor();
  const refused = await failure(text(client, 'create-product', { name: 'Basic' }));
  expect(refused.message).toContain('read-only');
  expect((await control.settings.get()).readOnly).toBe(true);
  await expectAccessible(page);
});

test('a preset changes the rules of an account, and Undo brings back what was there', async () => {
  await using opened = await openWindow({ route: '/rules', seed: team });
  const { page, control } = opened;
  const [acme] = await control.accounts.list();
  const rules = async (): Promise<AccountRules | undefined> => (await control.accounts.list())[0]?.rules;
  await control.accounts.update({ account: acme?.id ?? '', rules: { deny: ['create-product'] } });
  const row = page.getByRole('listitem').filter({ hasText: 'Acme' });
  await row.getByText('Apps may use every tool except 1 that you switched off.').waitFor();

  const change = row.getByRole('button', { name: 'Change the rules of Acme' });
  await change.click();
  await page.getByRole('menuitem', { name: 'Only what is switched on' }).click();
  await row.getByText('Apps may use the 15 tools you switched on. New tools stay off.').waitFor();
  expect((await rules())?.allow).not.toContain('create-product');
  await page.getByRole('button', { name: 'Undo' }).click();
  await row.getByText('Apps may use every tool except 1 that you switched off.').waitFor();
  expect(await rules()).toEqual({ readOnly: false, deny: ['create-product'] });

  await change.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await row.getByText('Apps may use every tool.').waitFor();
  expect(await rules()).toEqual({ readOnly: false, deny: [] });
  await row.getByRole('link', { name: 'Tools of Acme' }).click();
  await page.getByRole('tab', { name: 'Tools', selected: true }).waitFor();
});

test('the test box says what the bridge then does', async () => {
  await using opened = await openWindow({ route: '/rules', seed: team });
  const { page, world, control } = opened;
  const [acme, herald] = await control.accounts.list();
  const client = await world.connect('http');
  await choose(page, 'this app', 'flows 1.0.0');
  // It knows where the app goes.
  expect(await page.getByRole('combobox', { name: 'used this account' }).innerText()).toBe('Acme');
  expect(await verdict(page, 'list-products')).toBe('It goes through to Acme. The tool only reads.');
  expect(await text(client, 'list-products')).toContain('products');

  expect(await verdict(page, 'create-product')).toBe(
    'It goes through to Acme. The tool may change something there.',
  );
  await control.accounts.update({ account: acme?.id ?? '', rules: { deny: ['create-product'] } });
  await page.getByText('It is refused here and never sent: you switched this tool off').waitFor();
  expect((await failure(text(client, 'create-product'))).message).toContain('switched off');

  await control.accounts.update({ account: acme?.id ?? '', rules: { deny: [], readOnly: true } });
  await page.getByText('It is refused here and never sent: the account is read-only').waitFor();
  expect((await failure(text(client, 'create-product'))).message).toContain('read-only');

  await control.pause();
  await page.getByText('It is refused here and never sent: all access is paused.').waitFor();
  expect((await failure(text(client, 'list-products'))).message).toContain('paused');
  await page.getByRole('button', { name: 'Resume' }).last().click();
  await page.getByText('Access is on').waitFor();
  expect(await hasFocus(page.getByRole('button', { name: 'Pause' }))).toBe(true);

  await control.accounts.use({ account: herald?.id ?? '' });
  await page
    .getByText('flows 1.0.0 would not get there: it reaches The Herald right now, not Acme.')
    .waitFor();
  await choose(page, 'this app', 'Any app');
  await choose(page, 'used this account', 'Operations');
  expect(await verdict(page, 'workspace.whoami')).toBe(
    'It goes through to Operations and runs as ines@example.com. The tool only reads.',
  );
});

test('access is paused and resumed, and a switch that could not be saved goes back', async () => {
  await using opened = await openWindow({ route: '/rules', seed: team });
  const { page, control, panel } = opened;
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('menuitem', { name: 'For 15 minutes' }).click();
  await page.getByText(/^All access is paused until \d\d:\d\d$/).waitFor();
  expect((await control.status()).paused).toBe(true);

  panel.lose();
  await page.getByText('Gangway is not running').waitFor();
  const everything = page.getByRole('switch', { name: 'Everything is read-only' });
  await everything.click();
  await page.getByRole('alert').filter({ hasText: 'has stopped' }).waitFor();
  expect(await everything.getAttribute('aria-checked')).toBe('false');
});

const rules = (change: Partial<AccountRules> = {}): AccountRules => ({
  readOnly: false,
  deny: [],
  ...change,
});

test.each([
  [rules(), false, 'Apps may use every tool.'],
  [rules({ deny: ['a', 'b'] }), false, 'Apps may use every tool except 2 that you switched off.'],
  [rules({ allow: ['a'] }), false, 'Apps may use the one tool you switched on. New tools stay off.'],
  [rules({ allow: ['a'], deny: ['a'] }), false, 'Apps may use no tool: none is switched on.'],
  [rules(), true, 'Apps may only read, because everything is read-only.'],
  [rules({ readOnly: true, deny: ['a'] }), true, 'Apps may only read. Besides, 1 tool is switched off.'],
  [rules({ readOnly: true, allow: [] }), false, 'Apps may only read. And none of its tools is switched on.'],
])('%j with everything read-only: %s reads "%s"', (given, all, said) => {
  expect(ruleText(given, all)).toBe(said);
});

test('a preset leads to what it says, and the way back to what was', () => {
  const starts = [rules(), rules({ readOnly: true, deny: ['b'] }), rules({ allow: ['a', 'b'], deny: ['b'] })];
  for (const start of starts) {
    for (const preset of presets) {
      const {
        readOnly = start.readOnly,
        allow,
        deny = start.deny,
      } = changeTo(preset, start, ['a', 'b', 'c']);
      const kept = allow === undefined ? start.allow : allow;
      expect(isAt(preset, { readOnly, deny, ...(kept && { allow: kept }) })).toBe(true);
    }
    expect(backTo(start)).toEqual({ allow: null, ...start });
  }
  expect(changeTo('listed', rules({ deny: ['b'] }), ['a', 'b', 'c'])).toEqual({
    allow: ['a', 'c'],
    deny: [],
  });
});
