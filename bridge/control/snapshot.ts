import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { limits } from '../base/limits.ts';
import type { Snapshot } from '../contract/control.ts';

/** Something that says when it changed; every `Signal` is one. */
export interface Announcer {
  on(listener: () => void): Disposable;
}

/** How one slice of a state is read, and what says that it may look different now. */
export interface Slice<T> {
  readonly read: () => T;
  readonly changed: readonly Announcer[];
}

/** Every slice of a state that user interfaces watch. */
export type SlicesOf<T> = { readonly [S in keyof T]: Slice<T[S]> };

export type Slices = SlicesOf<Snapshot>;

/**
 * The whole state first, then only the slices that look different, until `signal` aborts. The first change after a
 * rest is told at once; what follows is gathered for `limits.watchMs`, because nobody can see more.
 */
export async function* watchSlices<T extends object>(
  slices: SlicesOf<T>,
  signal: AbortSignal,
): AsyncGenerator<Partial<T>, void> {
  const names = Object.keys(slices) as (keyof T)[];
  const stale = new Set<keyof T>();
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

function readSlices<T>(slices: SlicesOf<T>, names: readonly (keyof T)[]): Partial<T> {
  const read: Partial<T> = {};
  for (const name of names) read[name] = slices[name].read();
  return read;
}

function differing<T>(shown: Partial<T>, read: Partial<T>): Partial<T> | undefined {
  const names = (Object.keys(read) as (keyof T)[]).filter(
    (name) => !isDeepStrictEqual(read[name], shown[name]),
  );
  const changed: Partial<T> = {};
  for (const name of names) changed[name] = read[name];
  return names.length > 0 ? changed : undefined;
}
