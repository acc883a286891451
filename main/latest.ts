import { Signal } from '#bridge/base/events.ts';
import type { Log } from '#bridge/base/log.ts';
import { pause } from '#bridge/base/tasks.ts';
import type { Snapshot } from '#contract/control.ts';
import { unlessOver } from './unless-over.ts';

/** The last snapshot of the bridge, kept up to date for the tray, notifications and whoever decides by it. */
export interface Latest extends AsyncDisposable {
  /** Undefined until the first one came. It stays while the owner is away. */
  readonly snapshot: Snapshot | undefined;
  /** Announced after the snapshot was replaced, and when the owner was lost or found again. */
  readonly changed: Signal<void>;
  /** No owner tells anything at the moment; the snapshot may be out of date. */
  readonly isLost: boolean;
}

export interface LatestParts {
  readonly control: {
    watch(input: undefined, options: { readonly signal: AbortSignal }): Promise<AsyncIterable<Change>>;
  };
  readonly log: Log;
  /** Wait before the first new try; it doubles up to a hundred times as much. */
  readonly retryMs?: number;
}

/** Watches the bridge until it is disposed. When its owner goes away, the next try finds or becomes another one. */
export function followLatest({ control, log, retryMs = 50 }: LatestParts): Latest {
  const leaving = new AbortController();
  const changed = new Signal<void>();
  let snapshot: Snapshot | undefined;
  let isLost = false;
  /** A fault of somebody who listens is theirs; the watch goes on. */
  const tell = (): void => {
    try {
      changed.announce();
    } catch (error) {
      log.error('watch.listener', error);
    }
  };
  const take = (change: Change): void => {
    snapshot = merged(snapshot, change);
    isLost = false;
    tell();
  };
  const watching = follow();

  async function follow(): Promise<void> {
    const { signal } = leaving;
    for (let waitMs = retryMs; !signal.aborted; waitMs = Math.min(waitMs * 2, retryMs * 100)) {
      try {
        // Finding the next owner may take its time.
        for await (const change of await unlessOver(control.watch(undefined, { signal }), signal)) {
          waitMs = retryMs;
          take(change);
        }
      } catch (error) {
        if (signal.aborted) return;
        log.error('watch.lost', error);
      }
      if (signal.aborted) return;
      isLost = true;
      tell();
      await pause(waitMs, signal).catch(() => undefined);
    }
  }

  return {
    get snapshot() {
      return snapshot;
    },
    get isLost() {
      return isLost;
    },
    changed,
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await watching;
    },
  };
}

type Change = { readonly [S in keyof Snapshot]?: Snapshot[S] | undefined };

/** The snapshot with its changed slices. Undefined until every slice was told, which the first change of a watch does. */
function merged(before: Snapshot | undefined, change: Change): Snapshot | undefined {
  const {
    status = before?.status,
    accounts = before?.accounts,
    signIns = before?.signIns,
    sessions = before?.sessions,
    clients = before?.clients,
    knownClients = before?.knownClients,
    settings = before?.settings,
    recent = before?.recent,
  } = change;
  if (!status || !accounts || !signIns || !sessions || !clients || !knownClients) return undefined;
  if (!settings || !recent) return undefined;
  return { status, accounts, signIns, sessions, clients, knownClients, settings, recent };
}
