import { pause as realPause, timerMs } from '../base/tasks.ts';
import type { Grant } from './grant.ts';

/** Two clocks: wall time may be set, monotonic time may stand still while the computer sleeps. Milliseconds. */
export interface Clock {
  now(): number;
  monotonic(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Runs a task once later. Disposing takes it back. */
export type Schedule = (ms: number, task: () => void) => Disposable;

/** Timers that keep no process alive. */
export const timers: Schedule = (ms, task) => {
  const timer = setTimeout(task, timerMs(ms)).unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};

export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** The result of what is under way, or `late()` thrown after `ms`; what is under way goes on then. */
export async function atMost<T>(
  ms: number,
  underWay: Promise<T>,
  late: () => Error,
  signal: AbortSignal,
  pause: Pause = realPause,
): Promise<T> {
  const done = new AbortController();
  const waited = pause(ms, AbortSignal.any([signal, done.signal])).then(() => {
    throw late();
  });
  // Whoever loses the race must not be heard of again.
  waited.catch(() => undefined);
  underWay.catch(() => undefined);
  try {
    return await Promise.race([underWay, waited]);
  } finally {
    done.abort();
  }
}

/** Servers that say a token lives 0 seconds would make every request renew it. */
const NO_LIFE_MS = 10_000;
const LONG_LIFE_MS = 600_000;
const LEAST_MARGIN_MS = 60_000;

/** `unknown`: the server named no end; it is used until it is refused. */
export type Phase = 'fresh' | 'due' | 'expired' | 'unknown';

/** How much of a token's life was left at one moment, so that a clock set back later cannot prolong it. */
export interface Anchor {
  readonly generation: number;
  readonly leftMs: number;
  readonly monotonic: number;
}

/** A token that was received this moment has its whole life before it, whatever the wall clock says. */
export function anchorAtReceipt(grant: Grant, clock: Clock): Anchor {
  return {
    generation: grant.generation,
    leftMs: lifeOf(grant) ?? Number.POSITIVE_INFINITY,
    monotonic: clock.monotonic(),
  };
}

/** The anchor of a grant that was read from the vault. */
export function anchorByWall(grant: Grant, clock: Clock): Anchor {
  return { ...anchorAtReceipt(grant, clock), leftMs: wallLeft(grant, clock) ?? Number.POSITIVE_INFINITY };
}

/** Milliseconds the access token still lives by the stricter of both clocks; undefined when its end is unknown. */
export function leftOf(grant: Grant, clock: Clock, anchor: Anchor | undefined): number | undefined {
  const wall = wallLeft(grant, clock);
  if (wall === undefined || anchor?.generation !== grant.generation) return wall;
  return Math.min(wall, anchor.leftMs - (clock.monotonic() - anchor.monotonic));
}

export function phaseOf(grant: Grant, leftMs: number | undefined): Phase {
  if (leftMs === undefined) return 'unknown';
  if (leftMs <= 0) return 'expired';
  return leftMs <= marginOf(grant) ? 'due' : 'fresh';
}

/** A token with no more than this left is renewed ahead of its end. Milliseconds. */
export function marginOf(grant: Grant): number {
  const life = lifeOf(grant) ?? 0;
  return life >= LONG_LIFE_MS ? Math.max(LEAST_MARGIN_MS, life / 10) : life / 4;
}

/** Milliseconds from receipt; undefined when the server named no end. */
export function lifeOf({ obtainedAt, expiresAt }: Grant): number | undefined {
  if (expiresAt === undefined) return undefined;
  return expiresAt > obtainedAt ? expiresAt - obtainedAt : NO_LIFE_MS;
}

function wallLeft(grant: Grant, clock: Clock): number | undefined {
  const life = lifeOf(grant);
  return life === undefined ? undefined : Math.min(grant.obtainedAt + life - clock.now(), life);
}
