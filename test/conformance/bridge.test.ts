import { startWorld } from '../flows/world.ts';
import { startReferenceServer } from './reference-server.ts';
import { conformanceRows, type TargetServer } from './rows.ts';

conformanceRows({
  name: 'the bridge, pinned to the reference server',
  start: () => startBridge('reference'),
});
conformanceRows({ name: 'the bridge at its current account', start: () => startBridge('current') });

/** The bridge in front of a reference server of its own, at one of its addresses. */
async function startBridge(address: string): Promise<TargetServer> {
  await using starting = new AsyncDisposableStack();
  const reference = starting.use(await startReferenceServer());
  const world = starting.use(await startWorld());
  await world.add({ connector: 'custom', label: 'reference', url: reference.url, signIn: 'none' });
  const { url, headers } = await world.endpoint(address);
  const running = starting.move();
  return { url, headers, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
