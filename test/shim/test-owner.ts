import { onTestFinished } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { serveStdio } from '#bridge/downstream/stdio.ts';
import type { Sessions } from '#bridge/sessions/door.ts';
import { listenSocket } from '#bridge/socket/listen.ts';
import { temporaryHome } from '../canary/home.ts';
import { EchoSessions } from '../downstream/echo-sessions.ts';

/** An owner in this process whose sessions echo. */
export interface TestOwner extends AsyncDisposable {
  readonly sessions: EchoSessions;
}

export async function startOwner(paths: Paths): Promise<TestOwner> {
  const sessions = new EchoSessions();
  const listener = await listenFor(paths, sessions);
  const dispose = (): Promise<void> => Promise.resolve(listener[Symbol.asyncDispose]());
  onTestFinished(dispose);
  return { sessions, [Symbol.asyncDispose]: dispose };
}

/** The local socket of these paths, as an owner opens it, with these sessions behind it. */
export function listenFor(paths: Paths, sessions: Sessions): ReturnType<typeof listenSocket> {
  return listenSocket({
    paths,
    log: silentLog,
    signal: new AbortController().signal,
    onClient: (client) => void serveStdio(client, { sessions, log: silentLog }),
    onControl: ({ port }) => port.close(),
  });
}

/** Paths of a fresh home; with `startOwner: false` a shim must not start an owner of its own. */
export async function freshPaths(): Promise<Paths> {
  const paths = pathsFor((await temporaryHome()).path, {});
  const { mkdir, writeFile } = await import('node:fs/promises');
  await mkdir(paths.config, { recursive: true, mode: 0o700 });
  await writeFile(paths.settings, JSON.stringify({ version: 0, startOwner: false }), { mode: 0o600 });
  return paths;
}

export const request = (id: unknown, method = 'echo', params: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

export const initialize: object = request(0, 'initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
});
export const initialized: object = { jsonrpc: '2.0', method: 'notifications/initialized' };
