import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react';
import type { AccountView, Snapshot } from '#contract/control.ts';
import type { ControlClient, DesktopClient, Gangway } from './connection.ts';
import type { Link, SnapshotStore } from './snapshot-store.ts';

interface Surroundings extends Gangway {
  readonly store: SnapshotStore;
}

const Context = createContext<Surroundings | undefined>(undefined);

export function GangwayProvider({ value, children }: { value: Surroundings; children: ReactNode }) {
  return <Context value={value}>{children}</Context>;
}

function useSurroundings(): Surroundings {
  const found = useContext(Context);
  if (!found) throw new Error('There is no GangwayProvider above.');
  return found;
}

/** The bridge. */
export function useControl(): ControlClient {
  return useSurroundings().control;
}

/** The desktop app around the window; undefined in a browser. */
export function useDesktop(): DesktopClient | undefined {
  return useSurroundings().desktop;
}

/** How the window stands with the bridge. */
export function useLink(): Link {
  const { store } = useSurroundings();
  return useSyncExternalStore(store.subscribe, () => store.link);
}

/** The latest snapshot, or undefined before the first one. Only the shell needs this; below it there is always one. */
export function useMaybeSnapshot(): Snapshot | undefined {
  const { store } = useSurroundings();
  return useSyncExternalStore(store.subscribe, () => store.snapshot);
}

/** The latest snapshot; the component is drawn again when it changes. */
export function useSnapshot(): Snapshot {
  const snapshot = useMaybeSnapshot();
  if (!snapshot) throw new Error('A view was shown before the first snapshot.');
  return snapshot;
}

/** One account by its id, or undefined when there is none. */
export function useAccount(id: string): AccountView | undefined {
  return useSnapshot().accounts.find((account) => account.id === id);
}
