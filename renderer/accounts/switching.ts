import type { AccountView, Switched } from '#contract/control.ts';
import { useToasts } from '../components/toasts.tsx';
import { failureOf } from '../failure.ts';
import { useControl, useSnapshot } from '../gangway.tsx';
import { useSignIn } from '../sign-in/sign-in.tsx';
import { texts } from '../texts/texts.ts';

/** One toast for all switches: Undo goes back from the last one. */
const TOPIC = 'switch';

/**
 * Switches to an account, says what that means for connected apps, and offers Undo for ten seconds. Never fails: what
 * went wrong is said.
 */
export function useSwitch(): (account: AccountView) => Promise<void> {
  const control = useControl();
  const toasts = useToasts();
  const { accounts } = useSnapshot();
  const signIn = useSignIn();
  // Undo comes seconds later, when other accounts may be there; so what was before is handed on.
  async function change(account: AccountView, before: AccountView | undefined): Promise<void> {
    try {
      const switched = await control.accounts.use({ account: account.id });
      const back = before && before.id !== account.id ? before : undefined;
      toasts.said(
        texts.accounts.switched(account.label),
        switchedText(switched, back),
        back && { label: texts.words.undo, onClick: () => void change(back, account) },
        TOPIC,
      );
    } catch (error) {
      const { code, message } = failureOf(error);
      const helps = code === 'sign-in-needed' && account.signIn.kind === 'oauth';
      toasts.trouble(
        code === 'account-unknown' ? texts.accounts.isGone(account.label) : message,
        helps
          ? {
              label: texts.accounts.signInAndSwitch,
              onClick: () => signIn({ account, onStored: () => void change(account, before) }),
            }
          : undefined,
      );
    }
  }
  return (account) =>
    change(
      account,
      accounts.find(({ current }) => current),
    );
}

function switchedText(switched: Switched, before: AccountView | undefined): string {
  const { following, mayNeedReload, notAffected } = switched;
  const parts = [
    following.length > 0 ? texts.accounts.following(following, before?.label) : '',
    mayNeedReload.length > 0 ? texts.accounts.mayNeedReload(mayNeedReload) : '',
    notAffected.length > 0 ? texts.accounts.notAffected(notAffected) : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
