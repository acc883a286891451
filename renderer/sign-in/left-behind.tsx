import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react';
import type { AccountView } from '#contract/control.ts';
import { hasEnded, type SignInState, type SignInView } from '#contract/sign-in.ts';
import { useToasts } from '../components/toasts.tsx';
import { useMaybeSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';

/** How a sign-in ended well. */
export type SignInDone = Extract<SignInState, { step: 'done' }>;

/** What a sign-in is for. */
export interface SignInPurpose {
  readonly account: AccountView;
  /** It was stored; told once, also when its screen is closed by then. It may hold another account than it began with. */
  readonly onStored?: ((done: SignInDone) => void) | undefined;
}

interface Left {
  leave(id: string, purpose: SignInPurpose): void;
  takeUp(id: string): void;
}

const Context = createContext<Left | undefined>(undefined);

/**
 * Sign-ins whose screen was closed while they were under way: how they end is said all the same, and what was to happen
 * then happens.
 */
export function LeftBehind({
  onReturn,
  children,
}: {
  /** The person wants to see it again. */
  onReturn: (purpose: SignInPurpose) => void;
  children: ReactNode;
}) {
  const toasts = useToasts();
  const signIns = useMaybeSnapshot()?.signIns;
  const left = useMemo(() => new LeftSignIns(), []);
  useEffect(() => {
    left.tell = (said, { account, onStored }) => {
      const words = texts.accounts;
      const back = (label: string) => ({ label, onClick: () => onReturn({ account, onStored }) });
      if (said.step === 'done') {
        toasts.said(words.signedInTo(account.label), words.signedInAs(said.who));
        onStored?.(said);
      } else if (said.step === 'failed')
        toasts.trouble(`${said.message} ${said.next}`, back(texts.words.retry));
      else if (said.step === 'asking') toasts.said(words.asks(account.label), undefined, back(words.answer));
    };
    left.look(signIns ?? []);
  }, [left, signIns, toasts, onReturn]);
  return <Context value={left}>{children}</Context>;
}

class LeftSignIns implements Left {
  /** Says what became of one: that it asks, once, and how it ended. */
  tell: (state: SignInState, purpose: SignInPurpose) => void = () => undefined;
  readonly #left = new Map<string, { purpose: SignInPurpose; isTold: boolean; isAsked: boolean }>();
  #signIns: readonly SignInView[] = [];

  leave(id: string, purpose: SignInPurpose): void {
    this.#left.set(id, { purpose, isTold: false, isAsked: false });
    this.look(this.#signIns);
  }

  takeUp(id: string): void {
    this.#left.delete(id);
  }

  look(signIns: readonly SignInView[]): void {
    this.#signIns = signIns;
    for (const [id, one] of this.#left) {
      const state = signIns.find((view) => view.id === id)?.state;
      // The bridge may not have told of one that was begun just now.
      if (!state && !one.isTold) continue;
      one.isTold = true;
      if (state?.step === 'asking') {
        if (!one.isAsked) this.tell(state, one.purpose);
        one.isAsked = true;
      } else if (!state || hasEnded(state)) {
        this.#left.delete(id);
        if (state) this.tell(state, one.purpose);
      }
    }
  }
}

/** Leaves this sign-in behind when the component goes, unless it is over by then. */
export function useLeftBehind(id: string | undefined, isOver: boolean, purpose: SignInPurpose): void {
  const left = useContext(Context);
  const latest = useRef({ isOver, purpose });
  useLayoutEffect(() => {
    latest.current = { isOver, purpose };
  });
  useEffect(() => {
    if (id === undefined) return undefined;
    left?.takeUp(id);
    return () => {
      if (!latest.current.isOver) left?.leave(id, latest.current.purpose);
    };
  }, [id, left]);
}
