import type { ChangePreview, ClientView } from '#contract/clients.ts';
import { useAction } from '../action.ts';
import { useToasts } from '../components/toasts.tsx';
import { useControl } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';

const words = texts.appSetup;

/**
 * Whether a change can be taken back so that the client is as it was: an entry that came, or one of ours that went. What
 * took the place of something else cannot: that came from somebody else, or its key is not valid any more.
 */
export function canTakeBack(
  before: Pick<ClientView, 'connections'>,
  { kind, address, removed }: Pick<ChangePreview, 'kind' | 'address' | 'removed'>,
): boolean {
  const was = before.connections.find((one) => one.address === address);
  switch (kind) {
    case 'connect':
      return was === undefined && isNoEntry(removed);
    case 'disconnect':
      return was?.state === 'waiting' || was?.state === 'seen';
    case 'migrate':
      return false;
    default:
      return kind satisfies never;
  }
}

/** Text that goes and holds nothing: a comment that moves, an empty list. */
function isNoEntry(removed: string): boolean {
  return removed.replace(/\/\*[\s\S]*?\*\/|\/\/.*|#.*|[\s,{}[\]]/g, '') === '';
}

/** Takes a change back that was just written: removes what came, or connects again what went. */
export function useTakeBack(): (written: ChangePreview, name: string) => Promise<void> {
  const control = useControl();
  const toasts = useToasts();
  const undo = useAction(async ({ kind, client, address, door, path }: ChangePreview, name: string) => {
    const back =
      kind === 'disconnect'
        ? await control.clients.preview({ client, address, door, path })
        : await control.clients.previewRemoval({ client, address });
    await control.clients.write({ token: back.token });
    toasts.said(words.undone(name), undefined, undefined, topicOf(client));
  });
  return async (written, name) => void (await undo.run(written, name));
}

/** Says that a change was written, and for ten seconds how to take it back where that can be. `before`: the client then. */
export function useSayWritten(): (title: string, before: ClientView, written: ChangePreview) => void {
  const toasts = useToasts();
  const takeBack = useTakeBack();
  return (title, before, written) => {
    const { id, name } = before;
    const undo = { label: texts.words.undo, onClick: () => void takeBack(written, name) };
    toasts.said(title, written.effect, canTakeBack(before, written) ? undo : undefined, topicOf(id));
  };
}

/** Of one app only the latest change can be taken back. */
function topicOf(client: ClientView['id']): string {
  return `client ${client}`;
}
