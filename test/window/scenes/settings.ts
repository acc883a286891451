import type { Scene } from '../scene.ts';
import { team } from '../seeds.ts';
import type { WindowWorld } from '../window-world.ts';

const idle = { state: 'idle', version: null, text: '', percent: null } as const;

/** Paused for an hour, and with arguments and results in the log. */
async function strict({ control }: WindowWorld): Promise<void> {
  await control.pause({ minutes: 60 });
  await control.settings.set({ activityBodies: true, http: false, readOnly: true });
}

export const scenes: readonly Scene[] = [
  { name: 'settings-general', route: '/settings', seed: team, whole: true, narrow: true },
  {
    name: 'settings-general-desktop',
    route: '/settings/general',
    seed: team,
    desktop: { update: idle, tray: 'missing' },
    whole: true,
    narrow: true,
  },
  { name: 'settings-security', route: '/settings/security', seed: team, whole: true, narrow: true },
  { name: 'settings-security-strict', route: '/settings/security', seed: strict, whole: true },
  { name: 'settings-security-passphrase', route: '/settings/security', vault: 'passphrase', whole: true },
  { name: 'settings-network', route: '/settings/network', seed: team, whole: true, narrow: true },
  {
    name: 'settings-network-proxy',
    route: '/settings/network',
    seed: strict,
    whole: true,
    act: async (page) => {
      await page.getByRole('radio', { name: 'This one' }).click();
      await page.getByLabel('Address of the proxy').fill('proxy.example.com');
      await page.keyboard.press('Enter');
      await page.getByLabel('Port').fill('80');
      await page.keyboard.press('Enter');
    },
  },
  { name: 'settings-data', route: '/settings/storage', seed: team, whole: true, narrow: true },
  { name: 'settings-data-strict', route: '/settings/storage', seed: strict, whole: true },
  {
    name: 'settings-data-clear',
    route: '/settings/storage',
    seed: team,
    act: async (page) => {
      await page.getByRole('button', { name: 'Clear log…' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  { name: 'settings-updates', route: '/settings/updates', seed: team, desktop: { update: idle } },
  {
    name: 'settings-updates-downloading',
    route: '/settings/updates',
    seed: team,
    desktop: { update: { state: 'downloading', version: '0.2.0', text: '', percent: 42 } },
  },
  {
    name: 'settings-updates-ready',
    route: '/settings/updates',
    seed: team,
    desktop: { update: { state: 'ready', version: '0.2.0', text: '', percent: null } },
    narrow: true,
  },
  { name: 'settings-advanced', route: '/settings/advanced', seed: team, whole: true, narrow: true },
  { name: 'about', route: '/about', seed: team, whole: true, narrow: true },
  { name: 'about-desktop', route: '/about', seed: team, whole: true, desktop: {} },
];
