import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { texts } from '../texts/texts.ts';

const TEN_SECONDS_MS = 10_000;

/** One thing a toast offers. */
export interface ToastAction {
  readonly label: string;
  readonly onClick: () => void;
}

/** Short messages about what just happened. */
export interface ToastBox {
  /**
   * Something worked; with an action it stays ten seconds, for Undo. Of one topic only the latest is shown, so that an
   * older Undo cannot undo what came after it.
   */
  said(title: string, text?: string, action?: ToastAction, topic?: string): void;
  /** Something did not work; it stays until it is closed. The same text is shown once. */
  trouble(text: string, action?: ToastAction): void;
}

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <Shown />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

export function useToasts(): ToastBox {
  const { add, close } = Toast.useToastManager();
  return useMemo(() => {
    const show = (options: Parameters<typeof add>[0], action: ToastAction | undefined): void => {
      const id = add({
        ...options,
        // Left out, the action of the toast it replaces would stay.
        actionProps: action && {
          children: action.label,
          onClick: () => {
            close(id);
            action.onClick();
          },
        },
      });
    };
    return {
      said: (title, text, action, topic) => {
        const timeout = action ? TEN_SECONDS_MS : 5000;
        show({ ...(topic && { id: topic }), title, description: text, timeout, type: 'good' }, action);
      },
      trouble: (text, action) => {
        // Of a message that interrupts, screen readers get the text alone; a button in it would be hidden from them.
        const priority = action ? 'low' : 'high';
        show({ id: `trouble ${text}`, title: text, timeout: 0, priority, type: 'bad' }, action);
      },
    };
  }, [add, close]);
}

function Shown() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast" swipeDirection={['right', 'down']}>
      <Toast.Content className="toast-content">
        <div className="toast-text">
          <Toast.Title className="toast-title" render={<p />} />
          <Toast.Description className="toast-description" />
        </div>
        <Toast.Action className="button button-plain button-small" />
        <Toast.Close className="icon-button" aria-label={texts.words.close}>
          <X aria-hidden="true" size={16} />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
