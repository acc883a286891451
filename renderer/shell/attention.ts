import type { AccountView } from '#contract/control.ts';

/**
 * Whether only a person gets this account going again. One that its person signed out is as they want it, and a closed
 * vault is one matter for all accounts, so both do not count.
 */
export function needsPerson({
  condition,
  signInReason,
}: Pick<AccountView, 'condition' | 'signInReason'>): boolean {
  switch (condition.action) {
    case 'sign-in':
      return !(condition.state === 'sign-in-needed' && signInReason === 'signed-out');
    case 'enter-key':
    case 'ask-support':
      return true;
    case 'none':
    case 'wait':
    case 'unlock':
      return false;
    default:
      return condition.action satisfies never;
  }
}
