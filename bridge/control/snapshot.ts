import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { limits } from '../base/limits.ts';
import type { Snapshot, SnapshotChange } from '../contract/control.ts';

/** Something that says when it changed; every `Signal` is one. */
export interface Announcer {
  on(listener: () => void): Disposable;
}

/** How one slice of the snapshot is read, and what says that it may look different now. */
export interface Slice<T> {
  readonly read: () => T;
  readonly changed: readonly Announcer[];
}

export type Slices = { readonly [S in keyof Snapshot]: Slice<Snapshot[S]> };

/**
 * The whole snapshot first, then only the slices that look different, until `signal` aborts. The first change after a
 * rest is told at once; what follows is gathered for `limits.watchMs`, because nobody can see more.
 */
export async function* watchSlices(
  slices: Slices,
  signal: AbortSignal,
): AsyncGenerator<SnapshotChange, void> {
  const names = Object.keys(slices) as (keyof Snapshot)[];
  const stale = new Set<keyof Snapshot>();
  let wake: () => void = () => undefined;
  using subscriptions = new DisposableStack();
  for (const name of names) {
    const mark = (): void => {
      stale.add(name);
      wake();
    };
    for (const announcer of slices[name].changed) subscriptions.use(announcer.on(mark));
  }
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  subscriptions.defer(() => signal.removeEventListener('abort', onAbort));

  let shown = readSlices(slices, names);
  yield shown;
  while (!signal.aborted) {
    if (stale.size === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      // Whatever changes in this turn of the event loop belongs to one change.
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const due = [...stale];
    stale.clear();
    const read = readSlices(slices, due);
    const changed = differing(shown, read);
    if (!changed) continue;
    shown = { ...shown, ...changed };
    yield changed;
    await delay(limits.watchMs, undefined, { signal }).catch(() => undefined);
  }
}

function readSlices(slices: Slices, names: readonly (keyof Snapshot)[]): SnapshotChange {
  return Object.fromEntries(names.map((name) => [name, slices[name].read()]));
}

function differing(shown: SnapshotChange, read: SnapshotChange): SnapshotChange | undefined {
  const entries = Object.entries(read).filter(
    ([name, slice]) => !isDeepStrictEqual(slice, shown[name as keyof Snapshot]),
  );
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
