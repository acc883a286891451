import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { startAllegro } from '../workspaces/allegro.ts';
import { startPlain } from '../workspaces/plain.ts';
import { freshPaths, reachOwner, startOwner } from './an-owner.ts';

test.each(['in the same process', 'over the local socket'])(
  'looking at an address and listing tools works %s',
  async (way) => {
    const paths = await freshPaths();
    await using bridge = await startOwner(paths);
    await using owner = reachOwner(paths);
    const control = way === 'in the same process' ? bridge.control : owner.client;
    await using open = await startPlain({ name: 'open' });
    expect(await control.workspaces.look({ url: open.url })).toMatchObject({
      address: open.url,
      connector: 'custom',
      signIn: ['none'],
      server: 'open',
    });
    expect(await control.workspaces.look({})).toMatchObject({ address: null, signIn: [] });
    await expect(control.workspaces.look({ url: 'x'.repeat(4001) })).rejects.toMatchObject({
      code: 'invalid-input',
    });

    const token = canary('sanctum');
    const tokens = [{ token, email: 'admin@example.com', role: 'admin' as const }];
    await using allegro = await startAllegro({ tenant: 'acme', tokens });
    await control.accounts.add({ connector: 'allegro', url: allegro.url, label: 'Acme', key: token });
    await control.accounts.update({ account: 'acme', rules: { readOnly: true } });
    const tools = await control.accounts.tools({ account: 'acme' });
    expect(tools.find(({ name }) => name === 'list-products')).toMatchObject({
      effect: 'reads',
      allowed: true,
    });
    expect(tools.find(({ name }) => name === 'revoke-entitlement')).toMatchObject({
      effect: 'destroys',
      allowed: false,
    });
    expect(tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name).toSorted());
    await expect(control.accounts.tools({ account: 'nobody' })).rejects.toMatchObject({
      code: 'account-unknown',
    });
  },
);
