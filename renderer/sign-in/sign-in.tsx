import { createContext, type ReactNode, useContext, useState } from 'react';
import type { AccountView } from '#contract/control.ts';
import { healthOf } from '../accounts/health.ts';
import { Dialog } from '../components/dialog.tsx';
import { texts } from '../texts/texts.ts';
import { LeftBehind, type SignInPurpose } from './left-behind.tsx';
import { SignInProgress } from './sign-in-progress.tsx';

const Context = createContext<((wish: SignInPurpose) => void) | undefined>(undefined);

/** One sign-in dialog for the whole window, so that any screen can ask for it. */
export function SignInDialogs({ children }: { children: ReactNode }) {
  const [wish, setWish] = useState<SignInPurpose>();
  const close = (): void => setWish(undefined);
  return (
    <Context value={setWish}>
      <LeftBehind onReturn={setWish}>
        {children}
        <Dialog
          open={wish !== undefined}
          onOpenChange={(open) => !open && close()}
          title={wish ? texts.accounts.signInTo(wish.account.label) : ''}
          text={wish && whyFor(wish.account)}
        >
          {wish && <SignInProgress key={wish.account.id} {...wish} onClose={close} />}
        </Dialog>
      </LeftBehind>
    </Context>
  );
}

/** Why somebody who was signed in is asked again; nothing for a first sign-in, or for one the person wants anyway. */
function whyFor(account: AccountView): string | undefined {
  const { condition, signInReason } = account;
  const isFirst = signInReason === 'never' || signInReason === 'signed-out';
  if (condition.action !== 'sign-in' || isFirst) return undefined;
  return `${healthOf(account).text} ${texts.accounts.othersWork}`;
}

/** Opens the sign-in dialog. */
export function useSignIn(): (wish: SignInPurpose) => void {
  const open = useContext(Context);
  if (!open) throw new Error('There is no SignInDialogs above.');
  return open;
}
