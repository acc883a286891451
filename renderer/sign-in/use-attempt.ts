import { useEffect, useRef, useState } from 'react';
import type { AccountView } from '#contract/control.ts';
import { useAction } from '../action.ts';
import type { Failure } from '../failure.ts';
import { useControl, useSnapshot } from '../gangway.tsx';
import { type Followed, follow, underWay } from './steps.ts';

/** The sign-in of an account, on its way. */
export interface SignInAttempt {
  /** Undefined until there is one. */
  readonly followed: Followed | undefined;
  /** Why none could begin. */
  readonly failure: Failure | undefined;
  readonly isStarting: boolean;
  /** Begins anew, in place of one under way. */
  readonly again: () => void;
  /** Ends it, or the one that is just being started. */
  readonly cancel: () => Promise<void>;
  readonly isCancelling: boolean;
}

/** Goes on with the sign-in of this account that is under way, or begins one: a click asked for it. */
export function useAttempt(account: Pick<AccountView, 'id' | 'condition'>): SignInAttempt {
  const control = useControl();
  const { signIns } = useSnapshot();
  const [followed, setFollowed] = useState<Followed | undefined>(() => {
    const view = underWay(signIns, account.id);
    return view && { view, isTold: true, isJoined: true, isLost: false };
  });
  const isGivenUp = useRef(false);
  const start = useAction(async () => {
    const { wider } = account.condition;
    const view = await control.signIn.start({
      account: account.id,
      ...(wider === undefined ? {} : { wider }),
    });
    // Given up while it was being started: there was nothing to cancel yet.
    if (isGivenUp.current) await control.signIn.cancel({ id: view.id });
    else setFollowed({ view, isTold: false, isJoined: false, isLost: false });
  }, 'inline');
  const cancel = useAction(async () => {
    isGivenUp.current = true;
    if (followed) await control.signIn.cancel({ id: followed.view.id });
  });
  const isAsked = useRef(followed !== undefined);
  const { run } = start;
  useEffect(() => {
    // React may run effects twice while developing; a second start would replace the first.
    if (isAsked.current) return;
    isAsked.current = true;
    void run();
  }, [run]);
  const now = followed && follow(followed, signIns);
  if (now && followed && (now.view !== followed.view || now.isLost !== followed.isLost)) setFollowed(now);
  return {
    followed: now,
    failure: start.failure,
    isStarting: start.isRunning,
    again: () => {
      isGivenUp.current = false;
      void start.run();
    },
    cancel: async () => {
      await cancel.run();
    },
    isCancelling: cancel.isRunning,
  };
}
