import type { AccountView } from '#contract/control.ts';
import type { SignInView } from '#contract/sign-in.ts';
import { howToSignIn } from '#contract/sign-in-text.ts';
import type { Tone } from '../components/badge.tsx';
import { useSnapshot } from '../gangway.tsx';
import { underWay } from '../sign-in/steps.ts';
import { texts } from '../texts/texts.ts';

/** How an account is, as a sentence with its sign. */
export interface AccountHealth {
  readonly tone: Tone;
  readonly text: string;
}

const tones: Readonly<Record<AccountView['condition']['state'], Tone>> = {
  ready: 'good',
  'signing-in': 'info',
  'sign-in-needed': 'warn',
  locked: 'warn',
  offline: 'warn',
  blocked: 'bad',
  misconfigured: 'bad',
  unsaved: 'warn',
};

/**
 * One sentence about the account: the bridge's own where it has one, else that it is ready and what it offers. What to do
 * is left out of it, because a button stands beside it. `signIn` is the one under way.
 */
export function healthOf(account: AccountView, signIn?: SignInView): AccountHealth {
  const { condition, identity } = account;
  const words = texts.accounts;
  const asksForSomething = condition.state === 'ready' && condition.action !== 'none';
  const tone = asksForSomething ? 'warn' : tones[condition.state];
  if (condition.state === 'signing-in') {
    if (signIn?.state.step === 'asking') return { tone: 'warn', text: words.asking };
    return { tone, text: signIn?.state.step === 'waiting' ? words.waitingForYou : words.signingIn };
  }
  const text = condition.text.replace(howToSignIn(account), '').trim();
  if (text !== '') return { tone, text };
  return { tone, text: identity ? words.ready(identity.tools) : words.readyUnchecked };
}

/** The same, as it is now. */
export function useHealth(account: AccountView): AccountHealth {
  const { signIns } = useSnapshot();
  return healthOf(account, underWay(signIns, account.id));
}
