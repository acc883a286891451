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

export const scenes: readonly Scene[] = [
  { name: 'apps-empty', route: '/apps', whole: true },
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
