import type { ClientView } from '#contract/clients.ts';
import { useAction } from '../action.ts';
import { Confirm } from '../components/dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { exactText } from '../components/time.tsx';
import { useToasts } from '../components/toasts.tsx';
import { useControl } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';

const words = texts.appSetup.page;

/** Asks before a client's file is put back: as it was before Gangway, or as in one of its copies. */
export function RestoreDialog({
  client: { id, name },
  backup,
  onDone,
  onClose,
  finalFocus,
}: {
  client: ClientView;
  backup: { readonly id: string; readonly at: string } | undefined;
  onDone: () => void;
  onClose: () => void;
  finalFocus: () => HTMLElement | true;
}) {
  const control = useControl();
  const toasts = useToasts();
  const restore = useAction(async () => {
    const { said } = await control.clients.restore({ client: id, ...(backup && { backup: backup.id }) });
    onDone();
    toasts.said(words.restored(name), said.join(' '));
    onClose();
  }, 'inline');
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={backup ? words.putBackTitle : words.asBeforeTitle(name)}
      text={backup ? words.putBackText(exactText(backup.at)) : words.asBeforeText}
      confirm={words.putBack}
      busy={restore.isRunning}
      finalFocus={finalFocus}
      onConfirm={() => void restore.run()}
    >
      {restore.failure && <Notice tone="bad">{restore.failure.message}</Notice>}
    </Confirm>
  );
}
