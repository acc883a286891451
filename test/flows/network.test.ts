import { afterEach, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { NetworkWatch } from '#bridge/base/network-watch.ts';
import { startFaultProxy } from '../upstream/fault-proxy.ts';
import { startPlain } from '../workspaces/plain.ts';
import { startWorld, text } from './world.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('NW-09 after the network changed nothing is sent on the connections from before', async () => {
  let addresses = '192.0.2.7';
  const network = new NetworkWatch({ addresses: () => addresses, now: Date.now });
  await using workspace = await startPlain({ name: 'w' });
  await using proxy = await startFaultProxy(Number(new URL(workspace.url).port));
  await using world = await startWorld({ network });
  const url = workspace.url.replace(new URL(workspace.url).origin, proxy.origin);
  await world.add({ connector: 'custom', label: 'w', url, signIn: 'none', ownNetwork: true });
  const client = await world.connect('http');
  expect(await text(client, 'echo', { text: 'before' })).toBe('w: before');
  proxy.freeze();
  addresses = '192.0.2.7 198.51.100.1';
  network.look();
  expect(await text(client, 'echo', { text: 'after' })).toBe('w: after');
  expect(workspace.requests.calls('echo')).toHaveLength(2);
});

test('NW-09 a change of addresses and a sleep are noticed within seconds, once each, and until the end', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  let addresses = '192.0.2.7';
  const watch = new NetworkWatch({ addresses: () => addresses, now: Date.now });
  let changes = 0;
  watch.changed.on(() => {
    changes += 1;
  });
  vi.advanceTimersByTime(60 * 60_000);
  expect(changes).toBe(0);
  addresses = '';
  vi.advanceTimersByTime(limits.networkLookMs);
  expect(changes).toBe(1);
  addresses = '192.0.2.7';
  vi.advanceTimersByTime(limits.networkLookMs);
  expect(changes).toBe(2);
  vi.setSystemTime(Date.now() + 10 * 60_000);
  vi.advanceTimersByTime(2 * limits.networkLookMs);
  expect(changes).toBe(3);
  expect(limits.networkLookMs).toBeLessThan(5_000);
  watch[Symbol.dispose]();
  addresses = '';
  vi.advanceTimersByTime(60_000);
  expect(changes).toBe(3);
});

test('NW-09 a system that refuses to tell its addresses neither keeps Gangway from starting nor ends it', async () => {
  let isRefused = true;
  let now = 1_800_000_000_000;
  const addresses = (): string => {
    if (isRefused) throw new Error('uv_interface_addresses returned an error');
    return '192.0.2.7';
  };
  using network = new NetworkWatch({ addresses, now: () => now });
  await using world = await startWorld({ network });
  let changes = 0;
  using _following = network.changed.on(() => {
    changes += 1;
  });
  isRefused = false;
  network.look();
  isRefused = true;
  network.look();
  expect(changes).toBe(1);
  // A sleep is noticed all the same.
  now += 10 * 60_000;
  network.look();
  expect(changes).toBe(2);
  expect(await world.bridge.control.accounts.list()).toEqual([]);
});
