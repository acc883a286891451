import { useRef } from 'react';
import type { AccountView } from '#contract/control.ts';
import { useAction } from '../../action.ts';
import { Confirm } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToasts } from '../../components/toasts.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { RenameDialog } from './rename-dialog.tsx';
import { ReplaceKeyDialog } from './replace-key-dialog.tsx';

export type AccountDialog = 'rename' | 'key' | 'sign-out' | 'remove';

interface Shown {
  readonly account: AccountView;
  readonly onClose: () => void;
}

/** The dialogs about one account; at most one is open. */
export function AccountDialogs({
  account,
  dialog,
  onClose,
  onRemoved,
}: {
  account: AccountView;
  dialog: AccountDialog | undefined;
  onClose: (dialog: AccountDialog) => void;
  onRemoved: (() => void) | undefined;
}) {
  return (
    <>
      {dialog === 'rename' && <RenameDialog account={account} onClose={() => onClose('rename')} />}
      {dialog === 'key' && <ReplaceKeyDialog account={account} onClose={() => onClose('key')} />}
      {dialog === 'sign-out' && <SignOut account={account} onClose={() => onClose('sign-out')} />}
      {dialog === 'remove' && (
        <Remove account={account} onClose={() => onClose('remove')} onRemoved={onRemoved} />
      )}
    </>
  );
}

function SignOut({ account, onClose }: Shown) {
  const control = useControl();
  const toasts = useToasts();
  const signOut = useAction(async () => {
    const { note } = await control.signIn.signOut({ account: account.id });
    toasts.said(texts.accounts.signedOut(account.label), note);
    onClose();
  }, 'inline');
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={texts.accounts.signOutTitle(account.label)}
      text={texts.accounts.signOutText}
      confirm={texts.accounts.signOut}
      busy={signOut.isRunning}
      onConfirm={() => void signOut.run()}
    >
      {signOut.failure && <Notice tone="bad">{signOut.failure.message}</Notice>}
    </Confirm>
  );
}

function Remove({ account, onClose, onRemoved }: Shown & { onRemoved: (() => void) | undefined }) {
  const control = useControl();
  const toasts = useToasts();
  const { sessions, clients } = useSnapshot();
  const isGone = useRef(false);
  const remove = useAction(async () => {
    const { signedOut } = await control.accounts.remove({ account: account.id });
    isGone.current = true;
    toasts.said(texts.accounts.removed(account.label), signedOut.note);
    onClose();
    onRemoved?.();
  }, 'inline');
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={texts.accounts.removeTitle(account.label)}
      text={texts.accounts.removeText({
        kind: account.signIn.kind,
        isCurrent: account.current,
        sessions: sessions.filter((session) => session.account === account.id).length,
        pinned: clients.filter(({ address }) => address === account.slug).length,
      })}
      confirm={texts.accounts.removeConfirm}
      danger
      busy={remove.isRunning}
      // What this was opened from goes with the account.
      finalFocus={() => (isGone.current && document.querySelector<HTMLElement>('h1')) || true}
      onConfirm={() => void remove.run()}
    >
      {remove.failure && <Notice tone="bad">{remove.failure.message}</Notice>}
    </Confirm>
  );
}
