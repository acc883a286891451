import { setTimeout as delay } from 'node:timers/promises';
import { app, type MessageBoxOptions, type MessageBoxReturnValue } from 'electron';
import { limits } from '#bridge/base/limits.ts';
import type { Log } from '#bridge/base/log.ts';
import type { QuitQuestion } from './quit-question.ts';

/** How the system asks a program to end. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

export interface QuitParts {
  /** What to ask before the app ends; undefined when there is nothing. */
  readonly question: () => QuitQuestion | undefined;
  /** Puts it to the person, without holding up what runs. */
  readonly put: (box: MessageBoxOptions) => Promise<MessageBoxReturnValue>;
  /** The person wants to quit without this question from now on. */
  readonly askNoMore: () => Promise<unknown>;
  /** Ends the windows and the bridge, everything that is open. */
  readonly end: () => Promise<void>;
  /** What is left to do once everything has ended, or its time is over. */
  readonly last?: (exitCode: number) => void;
  /** Tells the signals of the system. */
  readonly process: {
    on(signal: Signal, listener: () => void): unknown;
    off(signal: Signal, listener: () => void): unknown;
  };
  readonly log: Log;
  /** How long ending may take. */
  readonly graceMs?: number;
}

/** The way out of the app. There is no other: whoever quits comes by here. */
export interface Quitting {
  /** A person wants to quit; asks them first where that is due. */
  ask(): void;
  /**
   * Ends without a question. Resolves when the process would be gone.
   * @param last said once nothing runs any more, unless the app was ending already.
   */
  now(exitCode?: number, last?: () => void): Promise<void>;
}

/** Asks, ends what is open within its time, and only then lets the process go. */
export function openQuitting(parts: QuitParts): Quitting {
  const { log, graceMs = limits.shutdownMs + 2_000 } = parts;
  let leaving: Promise<void> | undefined;
  let isAsking = false;

  async function leave(exitCode: number, last: (() => void) | undefined): Promise<void> {
    const late = new AbortController();
    const ended = parts.end().then(
      () => true,
      (error: unknown) => {
        log.error('quit.fault', error);
        return true;
      },
    );
    const isLate = delay(graceMs, false, { signal: late.signal }).catch(() => false);
    if (!(await Promise.race([ended, isLate]))) log.warn('quit.late');
    late.abort();
    stopListening();
    try {
      last?.();
      parts.last?.(exitCode);
    } catch (error) {
      log.error('quit.last', error);
    }
    app.exit(exitCode);
  }

  async function ask(): Promise<void> {
    if (leaving || isAsking) return;
    const question = parts.question();
    if (question) {
      isAsking = true;
      // Whoever cannot be asked wanted to quit all the same.
      const wants = await put(question, parts.put).catch((error: unknown) => {
        log.error('quit.question', error);
        return { quit: true, neverAsk: false };
      });
      isAsking = false;
      if (!wants.quit) return;
      // Whoever cannot be remembered is asked once more next time.
      if (wants.neverAsk) await parts.askNoMore().catch((error: unknown) => log.error('quit.choice', error));
    }
    await now(0);
  }

  function now(exitCode = 0, last?: () => void): Promise<void> {
    leaving ??= leave(exitCode, last);
    return leaving;
  }

  const onQuit = (event: Pick<Electron.Event, 'preventDefault'>): void => {
    event.preventDefault();
    void ask();
  };
  const onSignal = (): void => void now();
  const stopListening = (): void => {
    app.off('before-quit', onQuit);
    for (const signal of SIGNALS) parts.process.off(signal, onSignal);
  };
  app.on('before-quit', onQuit);
  for (const signal of SIGNALS) parts.process.on(signal, onSignal);
  return { ask: () => void ask(), now };
}

async function put(
  { message, detail, buttons, tick }: QuitQuestion,
  box: QuitParts['put'],
): Promise<{ quit: boolean; neverAsk: boolean }> {
  const { response, checkboxChecked } = await box({
    type: 'question',
    title: 'Gangway',
    message,
    detail,
    buttons: [...buttons],
    defaultId: 0,
    cancelId: 1,
    checkboxLabel: tick,
    noLink: true,
  });
  return { quit: response === 0, neverAsk: checkboxChecked };
}
