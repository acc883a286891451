import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import type { ConnectorId } from '#contract/connector.ts';
import { type Draft, emptyDraft } from './draft.ts';

/** A form that waits to be shown: filled by a link, an invitation or a pasted text. */
export interface Prefill {
  readonly draft: Draft;
  readonly notes: readonly string[];
  /** It came from outside, so the form says so. */
  readonly isLink: boolean;
}

const Context = createContext<
  readonly [Prefill | undefined, (prefill: Prefill | undefined) => void] | undefined
>(undefined);

/** Keeps the form between two screens, in memory only: it may hold a key. */
export function PrefillProvider({ children }: { children: ReactNode }) {
  const state = useState<Prefill>();
  return <Context value={state}>{children}</Context>;
}

export function usePrefill(): readonly [Prefill | undefined, (prefill: Prefill | undefined) => void] {
  const found = useContext(Context);
  if (!found) throw new Error('There is no PrefillProvider above.');
  return found;
}

/** The form as one screen shows it. */
export interface TakenPrefill {
  readonly prefill: Prefill;
  /** Another one, or a new beginning, has another number. */
  readonly turn: number;
  /** Forgets what was filled in; the form that shows it goes on. */
  readonly forget: () => void;
  /** Begins anew with an empty form. */
  readonly renew: () => void;
}

/**
 * Takes the form that waits for this kind of workspace, which is then kept nowhere else, or an empty one. It is forgotten
 * when the person leaves the form: `connector` is undefined there.
 */
export function useTakenPrefill(connector: ConnectorId | undefined): TakenPrefill {
  const [waiting, setWaiting] = usePrefill();
  const [taken, setTaken] = useState<{ prefill: Prefill | undefined; turn: number }>({
    prefill: undefined,
    turn: 0,
  });
  const [place, setPlace] = useState(connector);
  const renew = (): void => setTaken({ prefill: undefined, turn: taken.turn + 1 });
  const fitting = taken.prefill?.draft.connector === connector ? taken.prefill : undefined;
  if (waiting && waiting !== taken.prefill) setTaken({ prefill: waiting, turn: taken.turn + 1 });
  else if (place !== connector) {
    setPlace(connector);
    if (taken.prefill && !fitting) renew();
  }
  useEffect(() => {
    if (waiting) setWaiting(undefined);
  }, [waiting, setWaiting]);
  return {
    prefill: fitting ?? { draft: emptyDraft(connector ?? 'custom'), notes: [], isLink: false },
    turn: taken.turn,
    forget: () => setTaken({ ...taken, prefill: undefined }),
    renew,
  };
}
