import { type RefObject, useEffect, useRef, useState } from 'react';
import { useToasts } from './components/toasts.tsx';
import { type Failure, failureOf } from './failure.ts';

/** Something a person started: whether it runs, and how to start it. */
export interface Action<Input extends readonly unknown[]> {
  readonly isRunning: boolean;
  /** The last failure, until it is started again. */
  readonly failure: Failure | undefined;
  /** Starts it unless it runs. Resolves to true when it worked. */
  readonly run: (...input: Input) => Promise<boolean>;
}

/**
 * Runs what a click starts, one at a time. A failure is shown as a toast, unless `shows` is `inline`: then the caller
 * shows `failure` where it belongs. When that place is gone by then, it is a toast after all.
 */
export function useAction<Input extends readonly unknown[]>(
  task: (...input: Input) => Promise<unknown>,
  shows: 'toast' | 'inline' = 'toast',
): Action<Input> {
  const toasts = useToasts();
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const isUnderWay = useRef(false);
  const isShown = useIsShown();
  const run = async (...input: Input): Promise<boolean> => {
    // Not the state: a second click may come before the screen is drawn again.
    if (isUnderWay.current) return false;
    isUnderWay.current = true;
    setRunning(true);
    setFailure(undefined);
    try {
      await task(...input);
      return true;
    } catch (error) {
      const found = failureOf(error);
      if (shows === 'toast' || !isShown.current) toasts.trouble(found.message);
      else setFailure(found);
      return false;
    } finally {
      isUnderWay.current = false;
      setRunning(false);
    }
  };
  return { isRunning, failure, run };
}

/** Whether the component that calls it is still on the screen. */
export function useIsShown(): RefObject<boolean> {
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  return isShown;
}

/** Starts something when the component appears; once, though strict mode lets it appear twice. */
export function useOnce(start: () => Promise<void>): void {
  const first = useRef<(() => Promise<void>) | undefined>(start);
  useEffect(() => {
    const run = first.current;
    first.current = undefined;
    void run?.();
  }, []);
}
