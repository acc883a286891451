import type { Page } from 'playwright-core';
import type { Scene } from '../scene.ts';
import { team, teamWithSignIn } from '../seeds.ts';
import type { WindowWorld } from '../window-world.ts';

const openPalette = async (page: Page): Promise<void> => {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Search or run a command' }).waitFor();
};

/** Paused and read-only at once. */
async function quiet({ control }: WindowWorld): Promise<void> {
  await control.pause({});
  await control.settings.set({ readOnly: true });
}

export const scenes: readonly Scene[] = [
  { name: 'shell-attention', route: '/settings', seed: teamWithSignIn, narrow: true },
  { name: 'shell-banners', route: '/settings', seed: quiet, hints: true, narrow: true },
  { name: 'shell-passphrase', route: '/settings', vault: 'passphrase' },
  {
    name: 'shell-passphrase-dialog',
    route: '/settings',
    vault: 'passphrase',
    act: async (page) => {
      await page.getByRole('button', { name: 'Enter passphrase' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Unlock' }).click();
    },
  },
  {
    name: 'shell-lost',
    route: '/settings/security',
    seed: team,
    ownWindow: true,
    act: async (page, _, { panel }) => {
      panel.lose();
      await page.getByText('Gangway is not running').waitFor();
      await page.getByRole('switch', { name: 'Read-only for everything' }).click();
      await page.getByRole('alert').filter({ hasText: 'Gangway has stopped' }).waitFor();
    },
  },
  {
    name: 'shell-locked',
    route: '/about',
    seed: team,
    ownWindow: true,
    act: async (page, _, { panel }) => {
      await page.context().clearCookies();
      panel.lose();
      panel.find();
      await page.getByText('This window is locked').waitFor();
    },
  },
  { name: 'palette', route: '/settings', seed: teamWithSignIn, act: openPalette, narrow: true },
  {
    name: 'palette-found',
    route: '/settings',
    seed: teamWithSignIn,
    act: async (page) => {
      await openPalette(page);
      await page.keyboard.type('herald');
    },
  },
  {
    name: 'palette-empty',
    route: '/settings',
    seed: team,
    act: async (page) => {
      await openPalette(page);
      await page.keyboard.type('qqq');
    },
  },
];
