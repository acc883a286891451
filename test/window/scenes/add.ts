import type { Page } from 'playwright-core';
import { signInByScript } from '../../browser/scripted.ts';
import { canary } from '../../canary/canary.ts';
import type { Scene } from '../scene.ts';
import { team } from '../seeds.ts';
import type { OpenWindow } from '../window.ts';
import type { WindowWorld } from '../window-world.ts';

/** Adds a Pelcro account up to the page at which a person signs in. */
async function pelcroUntilPage(page: Page, world: WindowWorld): Promise<void> {
  const { pelcro } = await world.workspaces();
  await page.getByText('Another address').click();
  await page.getByLabel('Address').fill(pelcro.origin);
  await page.getByRole('button', { name: 'Sign in with browser' }).click();
  await page.getByRole('link', { name: /^Open/ }).waitFor();
}

/** What a person does on the provider's pages, without the browser. */
async function there(world: WindowWorld, choose: { account?: string; decline?: boolean }): Promise<void> {
  const open = (await world.control.signIn.list()).find(({ state }) => state.step === 'waiting');
  if (open?.state.step === 'waiting') await signInByScript(open.state.link, choose);
}

async function addAcme({ page, world }: Pick<OpenWindow, 'page' | 'world'>): Promise<void> {
  const { acme, keys } = await world.workspaces();
  await page.getByLabel('Tenant address').fill(acme.url);
  await page.getByLabel('Personal access token').fill(keys.acmeMember);
  await page.getByRole('button', { name: 'Check and add' }).click();
  await page.getByRole('heading', { name: /was added/ }).waitFor();
}

export const scenes: readonly Scene[] = [
  { name: 'add-choose', route: '/accounts/add', narrow: true },
  ...['allegro', 'pelcro', 'allv', 'aly', 'custom'].map(
    (connector): Scene => ({
      name: `add-${connector}`,
      route: `/accounts/add/${connector}`,
      narrow: connector === 'custom',
      whole: true,
    }),
  ),
  {
    name: 'add-pasted',
    route: '/accounts/add',
    act: async (page, world) => {
      const { acme } = await world.workspaces();
      await page.getByLabel('Paste an address').fill(acme.url);
      await page.locator('.checklist-ok').nth(4).waitFor();
    },
  },
  {
    name: 'add-look-ok',
    route: '/accounts/add/allegro',
    narrow: true,
    act: async (page, world) => {
      const { acme } = await world.workspaces();
      await page.getByLabel('Tenant address').fill(acme.url);
      await page.locator('.checklist-ok').nth(4).waitFor();
    },
  },
  {
    name: 'add-look-failed',
    route: '/accounts/add/custom',
    act: async (page) => {
      await page.getByLabel('Address').fill('http://127.0.0.1:9/mcp');
      await page.locator('.checklist-failed').waitFor();
    },
  },
  {
    name: 'add-private-network',
    route: '/accounts/add/custom',
    act: async (page) => {
      await page.getByLabel('Address').fill('http://10.1.2.3/mcp');
      await page.getByRole('switch', { name: 'Server in my own network' }).waitFor();
    },
  },
  {
    name: 'add-incomplete',
    route: '/accounts/add/allv',
    whole: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Check and add' }).click();
      await page.getByText('Enter the key.').waitFor();
    },
  },
  {
    name: 'add-key-refused',
    route: '/accounts/add/allegro',
    act: async (page, world) => {
      const { acme } = await world.workspaces();
      await page.getByLabel('Tenant address').fill(acme.url);
      await page.getByLabel('Personal access token').fill(canary('sanctum'));
      await page.getByRole('button', { name: 'Check and add' }).click();
      await page.locator('.field-error').waitFor();
    },
  },
  {
    name: 'add-custom-open',
    route: '/accounts/add/custom',
    whole: true,
    narrow: true,
    act: async (page) => {
      await page.getByRole('radio', { name: 'Sign in with the browser' }).check();
      await page.getByText('Use an OAuth client of my own').click();
      await page.getByRole('button', { name: 'Add a header' }).click();
      await page.getByRole('button', { name: 'Add a header' }).click();
      await page.getByText('Advanced').click();
    },
  },
  {
    name: 'add-command',
    route: '/accounts/add/allegro',
    act: async (page) => {
      await page.getByRole('button', { name: 'Use a local command instead' }).click();
      await page.getByLabel('Command').fill('php artisan mcp:start allegro');
    },
  },
  {
    name: 'add-recent-users',
    route: '/accounts/add/allv',
    seed: team,
    act: async (page) => {
      await page.getByRole('button', { name: 'ines@example.com' }).waitFor();
    },
  },
  {
    name: 'added',
    route: '/accounts/add/allegro',
    alone: true,
    narrow: true,
    whole: true,
    act: (page, world) => addAcme({ page, world }),
  },
  {
    name: 'added-further',
    route: '/accounts/add/pelcro',
    seed: team,
    alone: true,
    act: async (page, world) => {
      await pelcroUntilPage(page, world);
      await there(world, { account: 'The Gazette' });
      await page.getByRole('heading', { name: /was added/ }).waitFor();
    },
  },
  {
    name: 'sign-in-failed',
    route: '/accounts/add/pelcro',
    alone: true,
    act: async (page, world) => {
      await pelcroUntilPage(page, world);
      await there(world, { decline: true });
      await page.getByRole('button', { name: 'Try again' }).waitFor();
    },
  },
  {
    name: 'sign-in-question',
    route: '/accounts/add/pelcro',
    alone: true,
    narrow: true,
    act: async (page, world) => {
      await pelcroUntilPage(page, world);
      await there(world, { account: 'The Gazette' });
      await page.getByRole('button', { name: 'Add another' }).click();
      await pelcroUntilPage(page, world);
      await there(world, { account: 'The Gazette' });
      await page.getByRole('button', { name: 'Pick another account' }).waitFor();
    },
  },
  { name: 'setup-welcome', route: '/setup', narrow: true },
  {
    name: 'setup-stored',
    route: '/setup',
    narrow: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'What is stored where' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'setup-workspace', route: '/setup/workspace', narrow: true },
  { name: 'setup-workspace-more', route: '/setup/workspace', seed: team },
  { name: 'setup-apps', route: '/setup/apps', narrow: true },
  { name: 'setup-check', route: '/setup/check' },
  { name: 'setup-check-no-tray', route: '/setup/check', desktop: { tray: 'missing' } },
];
