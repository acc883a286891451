import { useLocation } from 'wouter';
import type { AccountView } from '#contract/control.ts';
import { useSignIn } from '../../sign-in/sign-in.tsx';
import { texts } from '../../texts/texts.ts';
import { draftAgain } from '../add/draft.ts';
import { usePrefill } from '../add/prefill.tsx';

/** The one thing that helps an account. */
export interface Fix {
  readonly label: string;
  readonly run: () => void;
}

/**
 * What to do about the account as it is now; undefined when only waiting helps, or nothing is wrong. A closed vault is
 * one matter for all accounts, so what helps there stands above them all.
 */
export function useFix(account: AccountView, replaceKey: () => void): Fix | undefined {
  const signIn = useSignIn();
  const [, setPrefill] = usePrefill();
  const [, go] = useLocation();
  const words = texts.accounts;
  if (account.condition.state === 'signing-in') {
    return { label: words.continueSignIn, run: () => signIn({ account }) };
  }
  switch (account.condition.action) {
    case 'sign-in':
      return { label: account.grant ? words.signInAgain : words.signIn, run: () => signIn({ account }) };
    case 'enter-key':
      if (account.signIn.kind === 'key') return { label: words.replaceKey, run: replaceKey };
      // It was added without a key, and the server asks for one now.
      return {
        label: words.addAgain,
        run: () => {
          setPrefill({ draft: draftAgain(account), notes: [], isLink: false });
          go(`/accounts/add/${account.connector}`);
        },
      };
    case 'unlock':
    case 'none':
    case 'wait':
    case 'ask-support':
      return undefined;
    default:
      return account.condition.action satisfies never;
  }
}
