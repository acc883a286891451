import type { Schedule } from './schedule.ts';

const started = performance.now.bind(performance);
let aheadMs = 0;

/**
 * The monotonic clock of this process runs ahead from now on, so that what depends on how long something lived need
 * not be waited for.
 */
export function runAhead(ms: number): void {
  if (aheadMs === 0) {
    Object.defineProperty(performance, 'now', { value: () => started() + aheadMs, configurable: true });
  }
  aheadMs += ms;
}

/** Others happen meanwhile. */
const SHORT_MS = 100;
/** These end when nothing else happens any more; longer ones do not while a program is played. */
const LONG_MS = 5_000;

/** Short timers of the bridge end when the schedule says so, until this is disposed. */
export function scheduleTimers(schedule: Schedule): Disposable {
  const { setTimeout: begin, clearTimeout: clear } = globalThis;
  const waiting = new WeakMap<object, () => void>();
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  };
  define('setTimeout', (callback: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    if (ms === undefined || ms > LONG_MS) return begin(callback, ms, ...given);
    const timer = begin(() => undefined, 2 ** 30).unref();
    const end = (): void => {
      clear(timer);
      callback(...given);
    };
    const takeBack = ms > SHORT_MS ? schedule.addLate(end) : schedule.add('timer', end);
    waiting.set(timer, takeBack);
    return timer;
  });
  define('clearTimeout', (timer: NodeJS.Timeout | undefined) => {
    if (timer) waiting.get(timer)?.();
    clear(timer);
  });
  return {
    [Symbol.dispose]: () => {
      define('setTimeout', begin);
      define('clearTimeout', clear);
    },
  };
}
