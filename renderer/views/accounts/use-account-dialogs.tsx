import { type ReactNode, useState } from 'react';
import type { AccountView } from '#contract/control.ts';
import { type AccountDialog, AccountDialogs } from './account-dialogs.tsx';

/** The dialogs about an account, and what opens them. */
export function useAccountDialogs(
  account: AccountView,
  onRemoved?: () => void,
): { readonly show: (dialog: AccountDialog) => void; readonly dialogs: ReactNode } {
  const [dialog, show] = useState<AccountDialog>();
  return {
    show,
    dialogs: (
      <AccountDialogs
        account={account}
        dialog={dialog}
        // One that was closed while it worked must not close the next one when it is done.
        onClose={(closed) => show((now) => (now === closed ? undefined : now))}
        onRemoved={onRemoved}
      />
    ),
  };
}
