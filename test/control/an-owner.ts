import { silentLog } from '#bridge/base/log.ts';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { type Bridge, type BridgeOptions, createBridge } from '#bridge/bridge.ts';
import { type ControlLink, linkOver } from '#bridge/control/client.ts';
import { Owner } from '#bridge/control/owner.ts';
import { connectSocket } from '#bridge/socket/connect.ts';
import { ControlPort } from '#bridge/socket/control-port.ts';
import { temporaryHome } from '../canary/home.ts';

/** A data folder of a test's own. */
export async function freshPaths(): Promise<Paths> {
  return pathsFor((await temporaryHome()).path, {});
}

/** The whole bridge without its HTTP door, its secrets in memory, changed as asked. */
export async function startOwner(paths: Paths, change: Partial<BridgeOptions> = {}): Promise<Bridge> {
  const options: BridgeOptions = { paths, vault: 'memory', http: false, log: silentLog, version: '1.2.3' };
  return createBridge({ ...options, ...change });
}

/** The owner as another process reaches it; it never starts one unless told how. */
export function reachOwner(paths: Paths, start: () => Promise<Bridge> = notHere): Owner {
  return new Owner({ paths, client: 'test', start, signal: AbortSignal.timeout(20_000) });
}

async function notHere(): Promise<never> {
  throw new Error('No owner was running.');
}

/** One connection to the owner, which ends with it. */
export async function linkTo(paths: Paths): Promise<ControlLink & { readonly port: ControlPort }> {
  const connected = await connectSocket({
    socket: paths.socket,
    keyFile: paths.handshakeKey,
    role: 'control',
    client: 'test',
    address: '',
    signal: new AbortController().signal,
  });
  if (connected.kind !== 'connected') throw new Error(`Not connected: ${connected.kind}.`);
  const port = new ControlPort(connected.frames);
  return Object.assign(linkOver(port), { port });
}
