import { useRef, useState } from 'react';
import type { ChangedClient, ChangePreview } from '#contract/clients.ts';
import { useIsShown, useOnce } from '../action.ts';
import type { ControlClient } from '../connection.ts';
import { type Failure, failureOf } from '../failure.ts';
import { useControl } from '../gangway.tsx';

/** How far a change of a client's settings is. */
export interface ChangeState {
  /** What would change; undefined while it is looked at first, and when that failed. */
  readonly preview: ChangePreview | undefined;
  readonly failure: Failure | undefined;
  /** Why what was shown could not be written; what is shown now was looked at after that. */
  readonly stale: string | undefined;
}

/** A change of a client's settings on its way from the first look to the file. */
export interface Change extends ChangeState {
  readonly isLooking: boolean;
  readonly isWriting: boolean;
  readonly look: () => Promise<void>;
  /** Resolves to undefined when it was not written. */
  readonly write: () => Promise<ChangedClient | undefined>;
}

type Ask = () => Promise<ChangePreview>;

export const NOT_LOOKED: ChangeState = { preview: undefined, failure: undefined, stale: undefined };

/** Looks at what would change. Never rejects. */
export async function lookAt(ask: Ask, stale?: string): Promise<ChangeState> {
  try {
    return { preview: await ask(), failure: undefined, stale };
  } catch (error) {
    return { preview: undefined, failure: failureOf(error), stale: undefined };
  }
}

/**
 * Makes the change that was shown. A file that somebody else changed meanwhile is looked at again, so that nothing is
 * written that the person has not seen. Never rejects.
 */
export async function writeShown(
  control: ControlClient,
  preview: ChangePreview,
  ask: Ask,
): Promise<{ readonly changed: ChangedClient } | { readonly now: ChangeState }> {
  try {
    return { changed: await control.clients.write({ token: preview.token }) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.code === 'conflict') return { now: await lookAt(ask, failure.message) };
    return { now: { preview, failure, stale: undefined } };
  }
}

/** Asks for a change at once, and makes it when the person says so. */
export function useChange(ask: Ask): Change {
  const control = useControl();
  const [state, setState] = useState(NOT_LOOKED);
  const [doing, setDoing] = useState<'looking' | 'writing' | undefined>('looking');
  const isUnderWay = useRef(false);
  const isShown = useIsShown();
  const look = async (): Promise<void> => {
    setDoing('looking');
    const now = await lookAt(ask);
    if (!isShown.current) return;
    setState(now);
    setDoing(undefined);
  };
  const write = async (): Promise<ChangedClient | undefined> => {
    // Not the state: a second click may come before the screen is drawn again.
    if (!state.preview || isUnderWay.current) return undefined;
    isUnderWay.current = true;
    setDoing('writing');
    const outcome = await writeShown(control, state.preview, ask);
    isUnderWay.current = false;
    if (isShown.current) {
      setDoing(undefined);
      if ('now' in outcome) setState(outcome.now);
    }
    return 'changed' in outcome ? outcome.changed : undefined;
  };
  useOnce(look);
  return { ...state, isLooking: doing === 'looking', isWriting: doing === 'writing', look, write };
}
