import { useEffect, useRef, useState } from 'react';
import { failureOf } from '../../failure.ts';

const SAVED_MS = 2500;

/** A setting that is saved as soon as it is changed. */
export interface Saving<Value> {
  /** What the control shows: the choice at once, and what is true again when it could not be saved. */
  readonly shown: Value;
  readonly state: 'quiet' | 'saving' | 'saved' | 'failed';
  /** Why it was not saved. */
  readonly failure: string | undefined;
  /** Saves it. Resolves to true when it worked; of several the last one counts. */
  readonly save: (value: Value) => Promise<boolean>;
}

/** Shows a choice at once while it is being saved by `store`; `value` is what is true as far as the bridge told. */
export function useSaving<Value>(value: Value, store: (value: Value) => Promise<unknown>): Saving<Value> {
  const [chosen, choose] = useState<{ readonly value: Value; readonly before: Value }>();
  const [state, setState] = useState<Saving<Value>['state']>('quiet');
  const [failure, setFailure] = useState<string>();
  const turn = useRef(0);
  // One after the other: two at once could arrive the other way round.
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  useEffect(() => {
    if (state !== 'saved') return undefined;
    const timer = setTimeout(() => {
      setState('quiet');
      choose(undefined);
    }, SAVED_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const save = async (wanted: Value): Promise<boolean> => {
    turn.current += 1;
    const mine = turn.current;
    choose({ value: wanted, before: value });
    setState('saving');
    setFailure(undefined);
    // What was overtaken while it waited need not be saved any more.
    const saving = queue.current.then(() => (mine === turn.current ? store(wanted) : undefined));
    queue.current = saving.catch(() => undefined);
    try {
      await saving;
      if (mine === turn.current) setState('saved');
      return true;
    } catch (error) {
      if (mine !== turn.current) return false;
      choose(undefined);
      setState('failed');
      setFailure(failureOf(error).message);
      return false;
    }
  };
  // Once it is saved, the bridge tells; until then it still tells what was before.
  const isTold = chosen === undefined || (state === 'saved' && !isSame(value, chosen.before));
  return { shown: isTold ? value : chosen.value, state, failure, save };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
