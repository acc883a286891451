import type { WindowWorld } from './window-world.ts';

/** Five accounts at four kinds of workspaces; the Allegro one is in use. */
export async function team(world: WindowWorld): Promise<void> {
  const { acme, pelcro, pelcroStaging, allv, aly, keys } = await world.workspaces();
  await world.add({
    connector: 'allegro',
    label: 'Acme',
    url: acme.url,
    key: keys.acmeMember,
    color: 'blue',
  });
  await world.add({
    connector: 'pelcro',
    label: 'The Herald',
    url: pelcro.origin,
    environment: 'production',
    signIn: 'key',
    key: keys.pelcroHerald,
    color: 'green',
  });
  await world.add({
    connector: 'pelcro',
    label: 'The Herald (test)',
    url: pelcroStaging.origin,
    environment: 'staging',
    signIn: 'key',
    key: keys.pelcroStaging,
    color: 'amber',
  });
  await world.add({
    connector: 'allv',
    label: 'Operations',
    url: allv.url,
    key: keys.allv,
    user: 'ines@example.com',
    color: 'violet',
  });
  await world.add({ connector: 'aly', label: 'Shop', url: aly.url, key: keys.alyReader, color: 'pink' });
}

/** The same, and a Pelcro account that nobody signed in to yet. */
export async function teamWithSignIn(world: WindowWorld): Promise<void> {
  await team(world);
  const { pelcro } = await world.workspaces();
  await world.add({
    connector: 'pelcro',
    label: 'The Gazette',
    url: pelcro.origin,
    environment: 'production',
  });
}
