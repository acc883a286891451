import { describe, expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { startAllegro } from '../workspaces/allegro.ts';
import { doors, startWorld, text } from './world.ts';

describe.each(doors)('by %s', (door) => {
  test.each([1, 2, 3])('probe %s', async () => {
    const t0 = performance.now();
    const member = canary('sanctum');
    await using acme = await startAllegro({ tenant: 'acme', tokens: [{ token: member, email: 'member@example.com', role: 'member' }] });
    const t1 = performance.now();
    await using world = await startWorld();
    const t2 = performance.now();
    await world.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: member });
    const t3 = performance.now();
    const client = await world.connect(door);
    const t4 = performance.now();
    expect(await text(client, 'list-products')).toContain('acme');
    const t5 = performance.now();
    console.log(door, t1 - t0, t2 - t1, t3 - t2, t4 - t3, t5 - t4);
  });
});
