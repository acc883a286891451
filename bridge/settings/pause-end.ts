import type { Log } from '../base/log.ts';
import type { SettingsStore } from './store.ts';

/** Longest wait until the clock is looked at again: it may be set, and timers stand still while a computer sleeps. */
const LOOK_MS = 60_000;

export interface PauseEndParts {
  readonly settings: Pick<SettingsStore, 'current' | 'changed' | 'endPause'>;
  readonly log: Log;
  readonly now?: () => Date;
  /** Runs a task once, that many milliseconds later. Disposing takes it back. */
  readonly schedule?: (ms: number, task: () => void) => Disposable;
}

/** Ends a pause by the wall clock, also one whose end passed while Gangway was not running or the computer slept. */
export class PauseEnd implements Disposable {
  readonly #settings: PauseEndParts['settings'];
  readonly #log: Log;
  readonly #now: () => Date;
  readonly #schedule: NonNullable<PauseEndParts['schedule']>;
  readonly #following: Disposable;
  #timer: Disposable | undefined;
  #isDisposed = false;

  constructor({ settings, log, now = () => new Date(), schedule = later }: PauseEndParts) {
    this.#settings = settings;
    this.#log = log;
    this.#now = now;
    this.#schedule = schedule;
    this.#following = settings.changed.on(() => this.#arm());
  }

  /** Looks at the clock now: at the start, and after sleep. What cannot be saved is tried again later; never throws. */
  async look(): Promise<void> {
    try {
      await this.#settings.endPause(this.#now());
      this.#arm();
    } catch (error) {
      this.#log.error('settings.pause-not-ended', error);
      this.#arm(LOOK_MS);
    }
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#following[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }

  #arm(leastMs = 0): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const { pausedUntil } = this.#settings.current;
    if (pausedUntil === undefined || this.#isDisposed) return;
    const leftMs = Date.parse(pausedUntil) - this.#now().getTime();
    this.#timer = this.#schedule(Math.min(Math.max(leftMs, leastMs), LOOK_MS), () => void this.look());
  }
}

/** Keeps no process alive. */
function later(ms: number, task: () => void): Disposable {
  const timer = setTimeout(task, ms).unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
