import { join } from 'node:path';
import { Journal, type JournalParts } from '#bridge/activity/journal.ts';
import { silentLog } from '#bridge/base/log.ts';
import type { NewActivity } from '#contract/activity.ts';
import { anEntry } from './an-entry.ts';

/** The journal of a folder, at noon of a certain day, with the parts changed as asked. */
export function opened(home: { path: string }, change: Partial<JournalParts> = {}): Journal {
  return Journal.open({
    path: join(home.path, 'activity.sqlite'),
    log: silentLog,
    now: () => new Date('2026-11-21T12:00:00Z'),
    days: () => 90,
    keepBodies: () => false,
    redact: (text) => text,
    ...change,
  });
}

/** Appends so many entries. */
export function fill(
  journal: Journal,
  count: number,
  change: (index: number) => Partial<NewActivity> = () => ({}),
): void {
  for (let index = 0; index < count; index += 1) journal.append(anEntry(change(index)));
}
