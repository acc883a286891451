import type { AccountId } from '#contract/account.ts';
import { hasEnded, type SignInState, type SignInView } from '#contract/sign-in.ts';
import type { CheckLine } from '../components/checklist.tsx';
import { texts } from '../texts/texts.ts';

/** The sign-in of that account that is under way; there is one at most. */
export function underWay(signIns: readonly SignInView[], account: AccountId): SignInView | undefined {
  return signIns.find((one) => one.account === account && !hasEnded(one.state));
}

/** What is shown of a sign-in: as it is now, and whether the bridge still knows it. */
export interface Followed {
  readonly view: SignInView;
  /** The bridge has told of it; before, it is known from the answer to its start alone. */
  readonly isTold: boolean;
  /** It was there before the person asked for it here, so its page may be open already. */
  readonly isJoined: boolean;
  /** The bridge knows it no more, and never said how it ended: it was started again. */
  readonly isLost: boolean;
}

/**
 * Goes on with a sign-in as the bridge tells of it now. One that was replaced elsewhere is followed on: what counts is
 * whether the account gets signed in.
 */
export function follow(before: Followed, signIns: readonly SignInView[]): Followed {
  const { view } = before;
  const found = signIns.find(({ id }) => id === view.id);
  if (!found) return { ...before, isLost: before.isTold && !hasEnded(view.state) };
  const other = underWay(signIns, view.account);
  if (found.state.step === 'cancelled' && other) {
    return { view: other, isTold: true, isJoined: true, isLost: false };
  }
  return { ...before, view: found, isTold: true, isLost: false };
}

const order: readonly SignInState['step'][] = [
  'discovering',
  'registering',
  'waiting',
  'exchanging',
  'identity',
  'done',
];

/** The steps of a sign-in as a list. While it asks, nothing runs: it is the person's turn. */
export function linesOf(state: SignInState | undefined): CheckLine[] {
  const step = state?.step ?? 'discovering';
  const at = order.indexOf(step);
  const names = texts.accounts.signInStep;
  return [
    line('discovering', names.discovering, 0, 1),
    line('waiting', names.waiting, 2, 2),
    line('identity', names.identity, 3, 4),
  ];

  function line(key: string, text: string, from: number, to: number): CheckLine {
    if (at > to) return { key, text, state: 'ok' };
    return { key, text, state: at >= from ? 'running' : 'open' };
  }
}
