import type { ActivityEntry } from '#contract/activity.ts';

/** Calls that are read at once. */
export const PAGE = 100;
/** Longest time between the end of a call and its place in the log. */
const WRITTEN_MS = 2000;

/** Which part of the log to read. */
export interface Part {
  readonly afterId?: number;
  readonly until?: string;
  readonly limit: number;
}

/** Pages as one list, newest first, each call once: pages overlap. */
export function joined(pages: readonly (readonly ActivityEntry[])[]): ActivityEntry[] {
  const found = new Map<number, ActivityEntry>();
  for (const page of pages) {
    for (const entry of page) found.set(entry.id, entry);
  }
  return [...found.values()].sort((one, other) => other.id - one.id);
}

/** What was written since. */
export function newerThan(entries: readonly ActivityEntry[]): Part {
  return { afterId: entries[0]?.id ?? 0, limit: PAGE };
}

/**
 * The next page of older calls. The log is in the order in which calls ended, but is asked by when they began: whatever
 * ended before the last call of the list began before its end, and so did some calls that are in the list already. They
 * come once more and are counted in.
 */
export function olderThan(entries: readonly ActivityEntry[]): Part | undefined {
  const last = entries.at(-1);
  if (!last) return undefined;
  const until = Date.parse(last.at) + last.durationMs + WRITTEN_MS;
  const again = entries.filter(({ at }) => Date.parse(at) <= until).length;
  return { until: new Date(until).toISOString(), limit: again + PAGE };
}

/** The calls a person sees while new ones wait above: those up to the newest one seen, or all when none of those is left. */
export function upTo(entries: readonly ActivityEntry[], seen: number): readonly ActivityEntry[] {
  const shown = entries.filter(({ id }) => id <= seen);
  return shown.length > 0 ? shown : entries;
}
