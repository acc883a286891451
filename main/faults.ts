import { dialog } from 'electron';
import type { Log } from '#bridge/base/log.ts';
import { Tally } from './tally.ts';
import { desktopTexts } from './texts/desktop.ts';

const RESTARTS = 3;
const WITHIN_MS = 10 * 60_000;

type Fault = 'uncaughtException' | 'unhandledRejection';

export interface FaultParts {
  /** Tells what nobody caught. */
  readonly process: {
    on(kind: Fault, listener: (error: unknown) => void): unknown;
    off(kind: Fault, listener: (error: unknown) => void): unknown;
  };
  readonly log: Log;
  /** Ends the bridge of this process and begins another one. */
  readonly restart: () => Promise<void>;
  /** Ends the app, because beginning anew did not help. `say` stands still until it was read, so it comes last. */
  readonly giveUp: (say: () => void) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/**
 * Takes care of what nobody caught, in place of Electron's dialog with a stack: it is logged by name and place, and the
 * bridge begins anew, at most three times in ten minutes. Then the app says so and ends.
 */
export function watchFaults({ process, log, restart, giveUp, now }: FaultParts): Disposable {
  const restarts = new Tally(RESTARTS, WITHIN_MS, now);
  let isRestarting = false;
  let isOver = false;

  const end = (): void => {
    if (isOver) return;
    isOver = true;
    giveUp(() => dialog.showErrorBox(desktopTexts.hasToStop, desktopTexts.hasToStopBody));
  };
  const beginAnew = async (): Promise<void> => {
    isRestarting = true;
    try {
      await restart();
    } catch (error) {
      log.error('desktop.restart', error);
      end();
    } finally {
      isRestarting = false;
    }
  };
  const onFault = (error: unknown): void => {
    log.error('desktop.fault', error);
    // What fails while the bridge ends belongs to the same fault.
    if (isOver || isRestarting) return;
    if (restarts.add()) void beginAnew();
    else end();
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
  return {
    [Symbol.dispose]: () => {
      process.off('uncaughtException', onFault);
      process.off('unhandledRejection', onFault);
    },
  };
}
