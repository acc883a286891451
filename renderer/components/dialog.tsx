import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { texts } from '../texts/texts.ts';
import { Button } from './button.tsx';

interface Shown {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What it is about, in a sentence or two. */
  readonly text?: ReactNode;
  readonly children?: ReactNode;
}

const FIELD =
  '.dialog-body :is(input:not([aria-hidden="true"]), textarea:not([readonly]), [data-first-focus])';

/**
 * A window over the window. Escape and the cross close it. `footer` holds its buttons, the main one last. The focus
 * begins in its first field, if it has one.
 */
export function Dialog({
  open,
  onOpenChange,
  title,
  text,
  children,
  footer,
  wide = false,
  finalFocus = () => true,
}: Shown & {
  footer?: ReactNode;
  wide?: boolean;
  /** Where the focus goes when it closes; `true` is where it came from, which may be gone by then. */
  finalFocus?: () => HTMLElement | true | null;
}) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <BaseDialog.Root open={open} onOpenChange={onOpenChange}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="backdrop" />
        <BaseDialog.Popup
          ref={popup}
          className={wide ? 'dialog dialog-wide' : 'dialog'}
          initialFocus={() => popup.current?.querySelector<HTMLElement>(FIELD) ?? true}
          finalFocus={finalFocus}
        >
          <header className="dialog-head">
            <BaseDialog.Title className="dialog-title">{title}</BaseDialog.Title>
            <BaseDialog.Close className="icon-button" aria-label={texts.words.close}>
              <X aria-hidden="true" size={18} />
            </BaseDialog.Close>
          </header>
          {text && (
            <BaseDialog.Description className="dialog-text" render={<div />}>
              {text}
            </BaseDialog.Description>
          )}
          <div className="dialog-body">{children}</div>
          {footer && <footer className="dialog-foot">{footer}</footer>}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/**
 * Asks before something that cannot be undone. It stays open while it works, and shows what went wrong. `finalFocus` says
 * where the focus goes when it closes, if what it came from may be gone.
 */
export function Confirm({
  open,
  onOpenChange,
  title,
  text,
  children,
  confirm,
  busy = false,
  danger = false,
  onConfirm,
  finalFocus = () => true,
}: Shown & {
  confirm: string;
  busy?: boolean;
  danger?: boolean;
  onConfirm: () => void;
  /** Where the focus goes when it closes; `true` is where it came from, which may be gone by then. */
  finalFocus?: () => HTMLElement | true | null;
}) {
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog" finalFocus={finalFocus}>
          <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
          {text && (
            <AlertDialog.Description className="dialog-text" render={<div />}>
              {text}
            </AlertDialog.Description>
          )}
          {children && <div className="dialog-body">{children}</div>}
          <footer className="dialog-foot">
            <AlertDialog.Close render={<Button />}>{texts.words.cancel}</AlertDialog.Close>
            <Button kind={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
              {confirm}
            </Button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
