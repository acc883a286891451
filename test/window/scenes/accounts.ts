import type { Page } from 'playwright-core';
import { manyAccounts, manyTools, noTools, oneWithLongNames, widerScope } from '../account-seeds.ts';
import type { Scene } from '../scene.ts';
import { team, teamWithSignIn } from '../seeds.ts';

const tabs = ['overview', 'tools', 'apps', 'connection', 'history'];

async function openFirst(page: Page, tab?: string): Promise<void> {
  await page.locator('.account-name').first().click();
  await page.getByRole('tab', { name: 'Overview' }).waitFor();
  if (tab) await page.getByRole('tab', { name: new RegExp(`^${tab}`, 'i') }).click();
}

async function choose(page: Page, line: string): Promise<void> {
  await page
    .getByRole('button', { name: /^More for/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: line }).click();
}

export const scenes: readonly Scene[] = [
  { name: 'accounts-list', route: '/accounts', seed: team, narrow: true },
  { name: 'accounts-empty', route: '/accounts' },
  { name: 'accounts-many', route: '/accounts', seed: manyAccounts, whole: true },
  { name: 'accounts-long-names', route: '/accounts', seed: oneWithLongNames, narrow: true },
  {
    name: 'accounts-menu',
    route: '/accounts',
    seed: team,
    act: async (page) => {
      await page
        .getByRole('button', { name: /^More for/ })
        .first()
        .click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'accounts-remove',
    route: '/accounts',
    seed: team,
    act: async (page) => {
      await choose(page, 'Remove…');
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'accounts-rename',
    route: '/accounts',
    seed: team,
    narrow: true,
    act: async (page) => {
      await choose(page, 'Name and colour');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'accounts-replace-key',
    route: '/accounts',
    seed: team,
    act: async (page) => {
      await choose(page, 'Replace key');
      await page.getByRole('dialog').getByRole('button', { name: 'Replace key' }).click();
      await page.getByText('Enter the key.').waitFor();
    },
  },
  {
    name: 'accounts-switched',
    route: '/accounts',
    seed: team,
    alone: true,
    narrow: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Use Operations' }).click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
    },
  },
  {
    name: 'accounts-none-in-use',
    route: '/accounts',
    seed: team,
    alone: true,
    act: async (page, world) => {
      await world.control.accounts.remove({ account: 'Acme' });
      await page.getByText('No account is in use').waitFor();
    },
  },
  ...tabs.map(
    (tab): Scene => ({
      name: `account-${tab}`,
      route: '/accounts',
      seed: team,
      narrow: tab === 'tools' || tab === 'overview',
      act: async (page) => {
        await openFirst(page, tab);
        await page.waitForTimeout(800);
      },
    }),
  ),
  {
    name: 'account-user',
    route: '/accounts',
    seed: team,
    alone: true,
    narrow: true,
    act: async (page, world) => {
      await world.control.accounts.actAs({ account: 'Operations', user: 'otto@example.com' });
      await world.control.accounts.actAs({ account: 'Operations', user: 'ines@example.com' });
      await world.control.accounts.actAs({ account: 'Operations', user: 'otto@example.com' });
      await page.getByRole('link', { name: 'Operations' }).click();
      await page.getByRole('tab', { name: 'Selected user' }).click();
      await page.getByRole('button', { name: 'Stop acting as somebody else' }).waitFor();
    },
  },
  {
    name: 'account-desktop',
    route: '/accounts',
    seed: team,
    desktop: {},
    act: async (page) => {
      await openFirst(page);
      await page.getByRole('switch', { name: 'Notifications about this account' }).waitFor();
    },
  },
  {
    name: 'account-unknown',
    route: '/accounts/acc_00000000',
    seed: team,
  },
  {
    name: 'account-long-names',
    route: '/accounts',
    seed: oneWithLongNames,
    narrow: true,
    act: (page) => openFirst(page, 'connection'),
  },
  {
    name: 'account-no-tools',
    route: '/accounts',
    seed: noTools,
    act: async (page) => {
      await openFirst(page, 'tools');
      await page.getByRole('heading', { name: 'No tools' }).waitFor();
    },
  },
  {
    name: 'account-many-tools',
    route: '/accounts',
    seed: manyTools,
    act: async (page) => {
      await openFirst(page, 'tools');
      await page.getByRole('button', { name: 'Show 100 more' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'account-tools-failed',
    route: '/accounts',
    seed: team,
    ownWindow: true,
    act: async (page, _, { panel }) => {
      await openFirst(page);
      panel.lose();
      await page.getByRole('tab', { name: 'Tools' }).click();
      await page.getByRole('tabpanel').getByRole('button', { name: 'Try again' }).waitFor();
      panel.find();
    },
  },
  {
    name: 'account-wider-scope',
    route: '/accounts',
    seed: widerScope,
    alone: true,
    act: async (page) => {
      await openFirst(page);
      await page.getByText('It may do more than most work needs').waitFor();
    },
  },
  {
    name: 'sign-in-waiting',
    route: '/accounts',
    seed: teamWithSignIn,
    alone: true,
    narrow: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Sign in: The Gazette' }).click();
      await page.getByRole('dialog').getByRole('link', { name: /^Open/ }).waitFor();
    },
  },
  {
    name: 'sign-in-continue',
    route: '/accounts',
    seed: teamWithSignIn,
    alone: true,
    act: async (page, world) => {
      await world.control.signIn.start({ account: 'The Gazette' });
      await page.getByText('Waiting for you in the browser').waitFor();
      await page.getByRole('button', { name: 'Continue sign-in: The Gazette' }).click();
      await page.getByRole('button', { name: 'Start again' }).waitFor();
    },
  },
  {
    name: 'sign-in-desktop',
    route: '/accounts',
    seed: teamWithSignIn,
    alone: true,
    desktop: {},
    act: async (page) => {
      await page.getByRole('button', { name: 'Sign in: The Gazette' }).click();
      await page.getByRole('button', { name: 'Open the page again' }).waitFor();
    },
  },
];
