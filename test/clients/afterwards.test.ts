import { expect, test } from 'vitest';
import { effectOfRemoval } from '#bridge/clients/afterwards.ts';
import { knownClients } from '#bridge/clients/known/table.ts';

const clients = knownClients.filter((client) => client.way === 'file');

test.each(clients)('what is left to do in $name when its entry went never says to switch it on', (client) => {
  const text = effectOfRemoval(client);
  expect(text).toContain(client.name);
  expect(text).not.toMatch(/switch|trust|shows the server|Refresh/i);
});
