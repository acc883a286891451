import { setTimeout as wait } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { startWorld } from '../flows/world.ts';
import { type ReferenceEra, startReferenceServer } from './reference-server.ts';
import type { TargetServer } from './rows.ts';

/** The two kinds of address that a client can be set up with, here both leading to the same account. */
export const addresses = ['reference', 'current'] as const;

/** So often a client that knows only MCP 2026-07-28 comes back, and for so long at most. */
const COME_BACK_MS = 100;
const GIVE_UP_MS = 5_000;

/** The bridge in front of a reference server of its own, at one of its addresses. */
export async function startBridge(era: ReferenceEra, address: string): Promise<TargetServer> {
  await using starting = new AsyncDisposableStack();
  const reference = starting.use(await startReferenceServer({ era }));
  const world = starting.use(await startWorld());
  await world.add({ connector: 'custom', label: 'reference', url: reference.url, signIn: 'none' });
  const { url, headers } = await world.endpoint(address);
  const running = starting.move();
  return { url, headers, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/**
 * The same before a server of MCP 2025-11-25, for a client that knows only MCP 2026-07-28: the bridge answers its probes
 * as the older era first, and serves it through translation once it keeps coming back without a handshake.
 * @throws Error when it is still not served.
 */
export async function startBridgeForModernOnly(address: string): Promise<TargetServer> {
  await using starting = new AsyncDisposableStack();
  const target = starting.use(await startBridge('legacy', address));
  const deadline = Date.now() + GIVE_UP_MS;
  for (;;) {
    const refusal = await connectModern(target).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal === undefined) break;
    if (Date.now() > deadline) throw refusal;
    await wait(COME_BACK_MS);
  }
  const running = starting.move();
  return { ...target, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function connectModern({ url, headers }: TargetServer): Promise<void> {
  const client = new Client(
    { name: 'modern-only', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const requestInit = { headers: { ...headers } };
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  } finally {
    await client.close();
  }
}
