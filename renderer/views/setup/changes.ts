import { useRef, useState } from 'react';
import type { ChangePreview, ClientId } from '#contract/clients.ts';
import { useIsShown, useOnce } from '../../action.ts';
import { type ChangeState, lookAt, NOT_LOOKED, writeShown } from '../../clients/change.ts';
import { useControl } from '../../gangway.tsx';

/** One of several changes; `isWritten` once it was made. */
export interface ManyChange extends ChangeState {
  readonly isWritten: boolean;
}

/** The changes of several clients, each connected to the account in use. */
export interface ManyChanges {
  readonly of: (client: ClientId) => ManyChange;
  readonly isLooking: boolean;
  readonly isWriting: boolean;
  readonly look: (client: ClientId) => Promise<void>;
  /** Makes those that are ready, one after the other. Resolves to true when none is left. */
  readonly writeAll: () => Promise<boolean>;
}

/** Looks at what would change for these clients, one after the other: each look may ask the person something. */
export function useChanges(clients: readonly ClientId[]): ManyChanges {
  const control = useControl();
  const [changes, setChanges] = useState<Readonly<Partial<Record<ClientId, ManyChange>>>>({});
  const [doing, setDoing] = useState<'looking' | 'writing' | undefined>('looking');
  const isUnderWay = useRef(false);
  const isShown = useIsShown();
  const ask = (client: ClientId) => (): Promise<ChangePreview> => control.clients.preview({ client });
  const set = (client: ClientId, now: ChangeState, isWritten = false): void =>
    setChanges((before) => ({ ...before, [client]: { ...now, isWritten } }));
  const look = async (client: ClientId): Promise<void> => set(client, await lookAt(ask(client)));
  const lookAtAll = async (): Promise<void> => {
    for (const client of clients) {
      if (!isShown.current) return;
      await look(client);
    }
    setDoing(undefined);
  };
  const writeAll = async (): Promise<boolean> => {
    if (isUnderWay.current) return false;
    isUnderWay.current = true;
    setDoing('writing');
    let isAll = true;
    for (const client of clients) {
      const change = changes[client];
      if (change?.isWritten) continue;
      const outcome = change?.preview && (await writeShown(control, change.preview, ask(client)));
      if (outcome && 'changed' in outcome) set(client, { ...NOT_LOOKED, preview: change.preview }, true);
      else {
        isAll = false;
        if (outcome) set(client, outcome.now);
      }
    }
    isUnderWay.current = false;
    setDoing(undefined);
    return isAll;
  };
  useOnce(lookAtAll);
  return {
    of: (client) => changes[client] ?? { ...NOT_LOOKED, isWritten: false },
    isLooking: doing === 'looking',
    isWriting: doing === 'writing',
    look,
    writeAll,
  };
}
