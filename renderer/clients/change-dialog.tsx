import type { ReactNode } from 'react';
import type { ChangePreview } from '#contract/clients.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { Loading } from '../components/page.tsx';
import { texts } from '../texts/texts.ts';
import { type Change, useChange } from './change.ts';
import { ChangeView, StaleNotice } from './change-view.tsx';

const words = texts.appSetup;

/** Shows one change of a client's settings, and makes it when the person says so. */
export function ChangeDialog({
  title,
  confirm,
  danger = false,
  ask,
  onWritten,
  onClose,
  finalFocus,
}: {
  title: string;
  confirm: string;
  danger?: boolean;
  ask: () => Promise<ChangePreview>;
  onWritten: (written: ChangePreview) => void;
  onClose: () => void;
  finalFocus: () => HTMLElement | true | null;
}) {
  const change = useChange(ask);
  const { preview } = change;
  const write = async (): Promise<void> => {
    const changed = await change.write();
    if (changed && preview) onWritten(preview);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      text={preview && words.reviewText}
      wide
      finalFocus={finalFocus}
      footer={
        <>
          <Button onClick={onClose}>{texts.words.cancel}</Button>
          {preview && (
            <Button kind={danger ? 'danger' : 'primary'} busy={change.isWriting} onClick={() => void write()}>
              {confirm}
            </Button>
          )}
        </>
      }
    >
      <Review change={change} />
    </Dialog>
  );
}

/** The change while it is looked at, as it is, or why there is none. */
export function Review({ change, beside }: { change: Change; beside?: ReactNode }) {
  const { preview, failure, stale, isLooking } = change;
  if (isLooking && !preview) return <Loading lines={3} label={words.looking} />;
  return (
    <>
      <StaleNotice text={stale} />
      {preview && <ChangeView preview={preview} />}
      {failure && (
        <Notice
          tone="bad"
          title={preview ? undefined : words.failedTitle}
          action={
            <span className="row">
              {!preview && (
                <Button size="small" busy={isLooking} onClick={() => void change.look()}>
                  {words.tryAgain}
                </Button>
              )}
              {beside}
            </span>
          }
        >
          {failure.message}
        </Notice>
      )}
    </>
  );
}
