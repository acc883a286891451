import type { Page } from 'playwright-core';
import type { Scene } from '../scene.ts';
import { team } from '../seeds.ts';
import type { WindowWorld } from '../window-world.ts';

/** A team whose accounts have all kinds of rules. */
async function ruled(world: WindowWorld): Promise<void> {
  await team(world);
  const { control } = world;
  const [acme, herald, test] = await control.accounts.list();
  await control.accounts.update({
    account: acme!.id,
    rules: { deny: ['create-product', 'create-template'] },
  });
  await control.accounts.update({ account: herald!.id, rules: { readOnly: true } });
  await control.accounts.update({ account: test!.id, rules: { allow: ['list_customers'], deny: [] } });
}

async function paused(world: WindowWorld): Promise<void> {
  await ruled(world);
  await world.control.settings.set({ readOnly: true });
  await world.control.pause({ minutes: 15 });
}

async function chooseAccount(page: Page): Promise<void> {
  await page.getByRole('combobox', { name: 'used this account' }).click();
  await page.getByRole('option', { name: 'Acme', exact: true }).click();
}

async function ask(page: Page, tool: string): Promise<void> {
  await chooseAccount(page);
  await page.getByRole('combobox', { name: 'to call this tool' }).fill(tool);
  await page.getByRole('option', { name: tool }).click();
  await page.locator('.verdict .health').waitFor();
}

export const scenes: readonly Scene[] = [
  { name: 'rules-empty', route: '/rules' },
  { name: 'rules-list', route: '/rules', seed: ruled, narrow: true, whole: true },
  { name: 'rules-paused', route: '/rules', seed: paused, whole: true },
  {
    name: 'rules-presets',
    route: '/rules',
    seed: ruled,
    act: async (page) => {
      await page.getByRole('button', { name: 'Change the rules of The Herald', exact: true }).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'rules-what-if',
    route: '/rules',
    seed: ruled,
    whole: true,
    act: (page) => ask(page, 'list-products'),
  },
  {
    name: 'rules-refused',
    route: '/rules',
    seed: ruled,
    whole: true,
    act: (page) => ask(page, 'create-product'),
  },
  {
    name: 'rules-tool-choice',
    route: '/rules',
    seed: ruled,
    act: async (page) => {
      await chooseAccount(page);
      await page.getByRole('combobox', { name: 'to call this tool' }).fill('c');
      await page.getByRole('listbox').waitFor();
    },
  },
];
