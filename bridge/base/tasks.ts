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

/** Waits at least `ms` milliseconds; rejects with the signal's reason when it aborts first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // setTimeout fires at once beyond 2^31-1 ms, so no wait is longer than six hours.
  const LONGEST_MS = 6 * 60 * 60 * 1000;
  await delay(Math.min(Math.max(ms, 0), LONGEST_MS), undefined, { signal }).catch((error: unknown) => {
    // The timer rejects with an AbortError of its own.
    throw signal.aborted ? signal.reason : error;
  });
}

/**
 * The task's result, or `late()` thrown once `ms` milliseconds have passed. The task gets a signal that aborts then,
 * and when `outer` aborts.
 */
export async function within<T>(
  ms: number,
  outer: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> {
  const timer = new AbortController();
  const signal = AbortSignal.any([outer, timer.signal]);
  let timeout: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timeout = setTimeout(() => {
      reject(late());
      timer.abort();
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
