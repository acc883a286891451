import { expect, onTestFinished, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { type ModernWorkspace, type Speaks, startModern } from '../workspaces/modern.ts';
import { startWorld } from './world.ts';

test('a workspace that learned another era is asked again as soon as its account has another key', async () => {
  const [before, after] = [canary('bearer'), canary('bearer')];
  const start = async (speaks: Speaks, port?: number): Promise<ModernWorkspace> =>
    startModern({
      speaks,
      tokens: { before, after },
      ...(port === undefined ? {} : { port }),
    });
  let workspace = await start('legacy');
  onTestFinished(() => Promise.resolve(workspace[Symbol.asyncDispose]()));
  await using world = await startWorld();
  await world.add({ connector: 'custom', label: 'A', url: workspace.url, key: before });
  const entry = await world.endpoint();
  const spoken = async (): Promise<string | undefined> => {
    const client = await world.connect('http', 'current', undefined, 'auto', entry);
    const version = client.getNegotiatedProtocolVersion();
    await client.close();
    return version;
  };
  expect(await spoken()).toBe('2025-11-25');
  await workspace[Symbol.asyncDispose]();
  workspace = await start('both', Number(new URL(workspace.url).port));
  expect(await spoken()).toBe('2025-11-25');
  await world.bridge.control.accounts.rotateKey({ account: 'A', key: after });
  expect(await spoken()).toBe('2026-07-28');
});
