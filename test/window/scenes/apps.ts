import type { Page } from 'playwright-core';
import {
  appsInEveryState,
  foreignServers,
  foreignServersOfTeam,
  manyApps,
  teamWithApps,
} from '../client-seeds.ts';
import type { Scene } from '../scene.ts';
import { team } from '../seeds.ts';
import type { WindowWorld } from '../window-world.ts';

/** Apps at every kind of address, and tokens nobody has used yet. */
async function connected(world: WindowWorld): Promise<void> {
  await team(world);
  const { control } = world;
  const [, herald] = await control.accounts.list();
  const first = await world.connect('http');
  await first.listTools();
  await world.connect('stdio', 'pelcro');
  await world.connect('http', herald?.slug);
  await world.connectWith({}, 'allv');
  await control.endpoint.mint({ client: 'Cursor', address: 'current' });
  await control.endpoint.mint({ client: 'An app with a rather long name of its own', address: 'aly' });
}

/** Opens the dialog of an app and looks at the change. */
async function review(page: Page, button: string): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('button', { name: 'Review the change' }).click();
}

export const scenes: readonly Scene[] = [
  { name: 'apps-empty', route: '/apps', whole: true },
  { name: 'apps-states', route: '/apps', seed: appsInEveryState, narrow: true, whole: true },
  { name: 'apps-many', route: '/apps', seed: manyApps, narrow: true, whole: true },
  { name: 'app-page', route: '/apps/cursor', seed: appsInEveryState, narrow: true, whole: true },
  { name: 'app-page-by-hand', route: '/apps/jetbrains', seed: appsInEveryState },
  { name: 'app-page-unknown', route: '/apps/netscape' },
  {
    name: 'apps-more',
    route: '/apps',
    seed: appsInEveryState,
    whole: true,
    act: async (page) => {
      await page.getByText(/apps that Gangway knows/).click();
      await page.getByRole('button', { name: 'Set up Kiro anyway' }).waitFor();
    },
  },
  {
    name: 'app-choose',
    route: '/apps',
    seed: appsInEveryState,
    narrow: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Connect another account to Cursor' }).click();
      await page.getByText('How it connects, and where that is written').click();
    },
  },
  {
    name: 'app-review',
    route: '/apps',
    seed: appsInEveryState,
    narrow: true,
    act: async (page) => {
      await review(page, 'Connect another account to Cursor');
      await page.getByRole('button', { name: 'Write the change' }).waitFor();
    },
  },
  {
    name: 'app-remove',
    route: '/apps',
    seed: appsInEveryState,
    act: async (page) => {
      await page.getByRole('button', { name: 'Remove gangway from Cursor' }).click();
      await page.getByRole('button', { name: 'Remove it' }).waitFor();
    },
  },
  {
    name: 'app-written',
    route: '/apps',
    seed: teamWithApps,
    alone: true,
    act: async (page) => {
      await review(page, 'Set up Cursor');
      await page.getByRole('button', { name: 'Write the change' }).click();
      await page.getByRole('dialog', { name: 'Cursor is set up' }).waitFor();
    },
  },
  {
    name: 'app-undo',
    route: '/apps',
    seed: teamWithApps,
    alone: true,
    act: async (page) => {
      await review(page, 'Set up Codex');
      await page.getByRole('button', { name: 'Write the change' }).click();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
    },
  },
  {
    name: 'app-unreadable',
    route: '/apps',
    seed: foreignServers,
    act: async (page) => {
      await review(page, 'Set up Zed');
      await page.getByText('This could not be prepared').waitFor();
    },
  },
  {
    name: 'app-by-hand',
    route: '/apps',
    seed: appsInEveryState,
    act: async (page) => {
      await page.getByRole('button', { name: /^Show how to connect JetBrains/ }).click();
      await page.getByText('"gangway"').last().waitFor();
    },
  },
  {
    name: 'app-put-back',
    route: '/apps/cursor',
    seed: appsInEveryState,
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Put back the copy/ })
        .last()
        .click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'foreign-found',
    route: '/accounts',
    seed: foreignServers,
    narrow: true,
    whole: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Look in my apps' }).click();
      await page.getByText('1 file could not be read').waitFor();
    },
  },
  {
    name: 'foreign-name',
    route: '/accounts',
    seed: foreignServers,
    narrow: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Look in my apps' }).click();
      await page.getByRole('button', { name: 'Bring allegro-acme of Cursor here' }).click();
      await page.getByLabel('Name of the account').waitFor();
    },
  },
  {
    name: 'foreign-same',
    route: '/apps',
    seed: foreignServersOfTeam,
    narrow: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Look in my apps' }).click();
      await page.getByRole('button', { name: 'Bring allegro-acme of Cursor here' }).click();
      await page.getByRole('radio', { name: 'Use Acme, which you have already' }).click();
    },
  },
  {
    name: 'foreign-own',
    route: '/apps',
    seed: foreignServersOfTeam,
    act: async (page) => {
      await page.getByRole('button', { name: 'Look in my apps' }).click();
      await page.getByRole('button', { name: 'Bring shop of Cursor here' }).click();
      await page.getByLabel('Name of the account').fill('');
      await page.getByRole('button', { name: 'Review the change' }).click();
      await page.getByText('Enter a name.').waitFor();
    },
  },
  {
    name: 'foreign-review',
    route: '/accounts',
    seed: foreignServers,
    act: async (page) => {
      await page.getByRole('button', { name: 'Look in my apps' }).click();
      await review(page, 'Bring allegro-acme of Cursor here');
      await page.getByRole('button', { name: 'Bring it here' }).last().waitFor();
    },
  },
  {
    name: 'setup-apps-found',
    route: '/setup/apps',
    seed: teamWithApps,
    narrow: true,
    desktop: { platform: 'darwin' },
    act: async (page) => {
      await page.getByRole('switch', { name: 'Connect Cursor' }).click();
    },
  },
  {
    name: 'setup-review',
    route: '/setup/apps',
    seed: teamWithApps,
    narrow: true,
    whole: true,
    act: async (page) => {
      for (const name of ['Cursor', 'Zed', 'Codex'])
        await page.getByRole('switch', { name: `Connect ${name}` }).click();
      await page.getByRole('button', { name: 'Review changes' }).click();
      await page.getByRole('button', { name: 'Write 3 changes' }).waitFor();
    },
  },
  { name: 'setup-apps-many', route: '/setup/apps', seed: manyApps, narrow: true, whole: true },
  { name: 'setup-check-apps', route: '/setup/check', seed: appsInEveryState },
  {
    name: 'doctor',
    route: '/doctor',
    seed: appsInEveryState,
    narrow: true,
    whole: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Copy as text' }).waitFor();
    },
  },
  { name: 'apps-list', route: '/apps', seed: connected, narrow: true, whole: true },
  {
    name: 'apps-revoke',
    route: '/apps',
    seed: connected,
    act: async (page) => {
      await page.getByRole('button', { name: 'Revoke the token of Cursor' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'apps-pinned',
    route: '/apps',
    seed: team,
    whole: true,
    act: async (page) => {
      await page.getByRole('radio', { name: 'One account' }).click();
      await page.getByText('"gangway-acme"').waitFor();
    },
  },
  {
    name: 'apps-minted',
    route: '/apps',
    seed: team,
    whole: true,
    alone: true,
    act: async (page) => {
      await page.getByLabel('Name of the app').fill('Cursor');
      await page.getByRole('button', { name: 'Make token' }).click();
      await page.getByText('It is shown once').waitFor();
    },
  },
];
