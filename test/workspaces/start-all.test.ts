import { expect, test } from 'vitest';
import { bearer, connect } from './connect.ts';
import { startAll } from './start-all.ts';

test('all sample workspaces run side by side and answer as the right one', async () => {
  await using all = await startAll();
  const { keys } = all;
  const places = [
    { at: all.acme, key: keys.acmeMember, tool: 'list-products', says: 'acme' },
    { at: all.globex, key: keys.globexAdmin, tool: 'list-products', says: 'globex' },
    { at: all.pelcro, key: keys.pelcroHerald, tool: 'get_account', says: 'The Herald' },
    { at: all.pelcro, key: keys.pelcroGazette, tool: 'get_account', says: 'The Gazette' },
    { at: all.pelcroStaging, key: keys.pelcroStaging, tool: 'get_account', says: 'staging' },
    { at: all.allv, key: keys.allv, tool: 'workspace.whoami', says: 'otto@example.com' },
    { at: all.aly, key: keys.alyReader, tool: 'orders_list', says: 'aly' },
  ];
  for (const { at, key, tool, says } of places) {
    const member = at === all.allv ? { 'x-allv-user-id': 'usr_otto' } : {};
    await using client = await connect(at.url, { headers: { ...bearer(key), ...member } });
    expect(await client.say(tool), tool).toContain(says);
  }
  await using station = await connect(all.borealis.url, { headers: bearer(keys.borealis) });
  expect(await station.say('list-stations', { below: -12 })).toContain('Sodankylä');
  await using route = await connect(all.meridian.url, { headers: bearer(keys.meridian), mode: 'auto' });
  expect(await route.say('list-routes', { from: 'Cádiz' })).toContain('Las Palmas');
});

test('a list of a hundred tools comes whole and on one page, every time', async () => {
  await using all = await startAll();
  await using client = await connect(all.pelcro.url, { headers: bearer(all.keys.pelcroHerald) });
  for (let round = 0; round < 20; round += 1) expect(await client.tools()).toHaveLength(101);
});
