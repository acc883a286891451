import { setTimeout as delay } from 'node:timers/promises';
import { BridgeError } from '../contract/errors.ts';
import type { Route } from './parts.ts';

const FIRST_MS = 2000;
const LONGEST_MS = 60_000;

/** Runs `attempt` from time to time, ever more seldom, until it says true or `signal` aborts. */
export async function keepTrying(attempt: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_MS)) {
    await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted || (await attempt())) return;
  }
}

/** A local command that refuses to start would refuse again; it is started anew by the client's requests only. */
export function refusesToStart(route: Route, error: unknown): boolean {
  if (route.kind !== 'bound' || route.workspace.account.upstream.kind !== 'command') return false;
  return error instanceof BridgeError && error.code === 'refused';
}
