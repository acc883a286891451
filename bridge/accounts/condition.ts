import { type Account, hostOf } from '../contract/account.ts';
import type { AccountCondition, BridgeStatus } from '../contract/control.ts';
import { howToSignIn, whySignIn } from '../contract/sign-in-text.ts';

/** What is known of an account besides what is stored. */
export interface ConditionFacts {
  readonly vault: BridgeStatus['vault']['state'];
  readonly signingIn: boolean;
  /** Hosts that were not told of a sign-out yet. */
  readonly untold: readonly string[];
  /** How it stands with the renewal of an OAuth sign-in. */
  readonly grant: {
    readonly state: 'ready' | 'offline' | 'blocked' | 'misconfigured' | 'unsaved';
    readonly text: string;
    readonly needsPeople?: true;
    readonly wider?: string;
  };
}

const vaultTexts: Readonly<Record<Exclude<ConditionFacts['vault'], 'ready'>, string>> = {
  locked: 'The keychain is locked. Unlock it; Gangway continues by itself.',
  denied: 'The keychain refused Gangway. Allow it there, then try again.',
  absent: 'There is no keychain here, so the saved sign-in cannot be read.',
  empty: 'The keychain does not have the key that sealed the saved sign-ins.',
};

const LONGEST_TEXT = 300;
/** A workspace names it, so it may be of any length. */
const SHOWN_SCOPE_CHARACTERS = 80;

/** How an account is right now, in the order in which a person can do something about it. Pure. */
export function conditionOf(account: Account, facts: ConditionFacts): AccountCondition {
  const { vault, signingIn, grant } = facts;
  const wider = grant.wider === undefined ? {} : { wider: grant.wider };
  if (signingIn) return { state: 'signing-in', text: 'Signing in.', action: 'none', ...wider };
  const hasSecrets = account.signIn.kind !== 'none' || account.secretHeaders.length > 0;
  const isSignedIn = account.state === 'ready';
  if (hasSecrets && isSignedIn && vault !== 'ready') {
    return { state: 'locked', text: vaultTexts[vault], action: 'unlock', ...wider };
  }
  if (!isSignedIn) {
    const [untold] = facts.untold;
    const told = untold ? ` ${untold.slice(0, 80)} was not told yet; Gangway tries again.` : '';
    const text = `${whySignIn(account, hostOf(account))}${told} ${howToSignIn(account)}`;
    const action = account.signIn.kind === 'oauth' ? 'sign-in' : 'enter-key';
    return { state: 'sign-in-needed', text, action, ...wider };
  }
  if (grant.state !== 'ready') {
    const text = grant.text.slice(0, LONGEST_TEXT).toWellFormed();
    return { state: grant.state, text, action: grant.needsPeople ? 'ask-support' : 'wait', ...wider };
  }
  if (grant.wider !== undefined) {
    const scope = grant.wider.slice(0, SHOWN_SCOPE_CHARACTERS);
    const text = `A call needed the permission ${scope}, which this sign-in lacks. ${howToSignIn(account)}`;
    return { state: 'ready', text, action: 'sign-in', ...wider };
  }
  return { state: 'ready', text: '', action: 'none' };
}
