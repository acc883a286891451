import type { AccountView } from '#contract/control.ts';

/** Whether there is a sign-in to forget. */
export function canSignOut({
  signIn,
  state,
  signInReason,
}: Pick<AccountView, 'signIn' | 'state' | 'signInReason'>): boolean {
  if (signIn.kind !== 'oauth') return false;
  return state === 'ready' || (signInReason !== 'never' && signInReason !== 'signed-out');
}
