import { type ReactNode, useRef, useState } from 'react';
import type { ClientConnection, ClientView } from '#contract/clients.ts';
import { useControl, useSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { ByHandDialog } from './by-hand-dialog.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { RestoreDialog } from './restore-dialog.tsx';
import { SetUpDialog } from './set-up-dialog.tsx';
import { useSayWritten } from './written.ts';

const words = texts.appSetup;

/** What a person does about a client in a dialog. */
export type ClientTask =
  | { readonly kind: 'set-up' | 'by-hand'; readonly client: ClientView }
  | {
      readonly kind: 'repair' | 'remove';
      readonly client: ClientView;
      readonly connection: ClientConnection;
    }
  /** Without a backup: as it was before Gangway. */
  | { readonly kind: 'restore'; readonly client: ClientView; readonly backup?: { id: string; at: string } };

/**
 * The dialogs about clients, and what opens them. They belong to the page: what they were opened from may be gone
 * before they are done.
 */
export function useClientDialogs(): {
  readonly show: (task: ClientTask) => void;
  readonly dialogs: ReactNode;
} {
  const [task, show] = useState<ClientTask>();
  const close = (): void => show(undefined);
  return { show, dialogs: task && <Dialogs key={keyOf(task)} task={task} onClose={close} /> };
}

function Dialogs({ task, onClose }: { task: ClientTask; onClose: () => void }) {
  const control = useControl();
  const { knownClients } = useSnapshot();
  const say = useSayWritten();
  const isDone = useRef(false);
  const done = (): void => {
    isDone.current = true;
  };
  const finalFocus = (): HTMLElement | true => {
    return (isDone.current && clientPlace(task.client.id)) || true;
  };
  const { name } = task.client;
  const client = knownClients.find(({ id }) => id === task.client.id) ?? task.client;
  const frame = { onClose, finalFocus };
  switch (task.kind) {
    case 'set-up':
      return <SetUpDialog {...frame} client={client} onWritten={done} />;
    case 'by-hand':
      return <ByHandDialog {...frame} client={client} />;
    case 'restore':
      return (
        <RestoreDialog
          {...frame}
          client={client}
          backup={task.backup}
          onDone={() => (isDone.current = true)}
        />
      );
    case 'repair': {
      const { address, door, path } = task.connection;
      return (
        <ChangeDialog
          {...frame}
          title={words.repairTitle(name)}
          confirm={words.write}
          ask={() => control.clients.preview({ client: client.id, address, door, path })}
          onWritten={(written) => {
            done();
            say(words.repaired(name), task.client, written);
            onClose();
          }}
        />
      );
    }
    case 'remove':
      return (
        <ChangeDialog
          {...frame}
          title={words.removeTitle(name)}
          confirm={words.writeRemoval}
          danger
          ask={() => control.clients.previewRemoval({ client: client.id, address: task.connection.address })}
          onWritten={(written) => {
            done();
            say(words.wasRemoved(name), task.client, written);
            onClose();
          }}
        />
      );
    default:
      return task satisfies never;
  }
}

/** Id of the link with a client's name in the list of clients. */
export function clientLink(id: ClientView['id']): string {
  return `client-${id}`;
}

/** Where the focus goes when a button of a client is gone: its name, in the list or over its own page. */
export function clientPlace(id: ClientView['id']): HTMLElement | null {
  return document.getElementById(clientLink(id)) ?? document.querySelector('h1');
}

function keyOf(task: ClientTask): string {
  const more = 'connection' in task ? task.connection.address : '';
  return `${task.kind} ${task.client.id} ${more}`;
}
