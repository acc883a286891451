import { setTimeout as delay } from 'node:timers/promises';

/** Runs tasks one at a time per key, in order. A failed task does not stop the next. */
export class KeyedQueue<K> {
  readonly #tails = new Map<K, Promise<unknown>>();

  async run<T>(key: K, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(task, task);
    const tail = result.catch(() => undefined);
    this.#tails.set(key, tail);
    try {
      return await result;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}

/** No timer is longer than this. Milliseconds. */
export const LONGEST_TIMER_MS = 6 * 60 * 60_000;

/** What a timer may be given: `setTimeout` fires at once beyond 2^31-1 ms, and at what is no number. */
export function timerMs(ms: number): number {
  return Number.isNaN(ms) ? LONGEST_TIMER_MS : Math.min(Math.max(ms, 0), LONGEST_TIMER_MS);
}

/** Waits `ms` milliseconds, six hours at most; rejects with the signal's reason when it aborts first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(timerMs(ms), undefined, { signal }).catch((error: unknown) => {
    // The timer rejects with an AbortError of its own.
    throw signal.aborted ? signal.reason : error;
  });
}

/**
 * The task's result, or `late()` thrown once `ms` milliseconds have passed. The task gets a signal that aborts then,
 * and when `outer` aborts. What arrived in time counts, even when this process was stopped and comes to it late.
 */
export async function within<T>(
  ms: number,
  outer: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> {
  outer.throwIfAborted();
  const timer = new AbortController();
  const signal = AbortSignal.any([outer, timer.signal]);
  let timeout: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timeout = setTimeout(() => {
      // Timers come before what lies there to be read, so it gets its turn first.
      setImmediate(() => {
        if (timer.signal.aborted) return;
        reject(late());
        timer.abort();
      });
    }, ms);
    outer.addEventListener('abort', () => reject(outer.reason), { once: true, signal: timer.signal });
  });
  try {
    return await Promise.race([task(signal), expired]);
  } finally {
    clearTimeout(timeout);
    timer.abort();
  }
}
