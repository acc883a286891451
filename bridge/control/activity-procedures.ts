import { implement } from '@orpc/server';
import { csvHeader, csvLine, jsonLine } from '../activity/formats.ts';
import { limits } from '../base/limits.ts';
import type { ActivityEntry, ActivityFilter } from '../contract/activity.ts';
import { control } from '../contract/control.ts';
import type { HandlerParts } from './handlers.ts';
import { forever } from './signals.ts';

type ActivityParts = Pick<HandlerParts, 'journal'>;
type Conditions = Omit<ActivityFilter, 'limit'>;

/** Reading, following, exporting and clearing the activity log. */
export function activityProcedures({ journal }: ActivityParts) {
  const os = implement(control.activity);
  return {
    list: os.list.handler(({ input }) => journal.list(input)),
    follow: os.follow.handler(({ input, signal }) => follow(journal, input, signal ?? forever())),
    export: os.export.handler(({ input: { format, filter }, signal }) =>
      exported(journal, format, filter, signal ?? forever()),
    ),
    hours: os.hours.handler(({ input }) => journal.hours(input)),
    clear: os.clear.handler(() => ({ removed: journal.clear() })),
  };
}

/** Entries as they are written. With `afterId` those written since then come first, so that none is missed. */
async function* follow(
  journal: HandlerParts['journal'],
  filter: Conditions,
  signal: AbortSignal,
): AsyncGenerator<ActivityEntry, void> {
  const leaving = new AbortController();
  using _ends = { [Symbol.dispose]: () => leaving.abort() };
  const live = journal.written.stream(AbortSignal.any([signal, leaving.signal]), limits.activityWaiting);
  // Asking for the first one subscribes, which has to happen before the past is read.
  let next = live.next();
  let last = filter.afterId ?? 0;
  if (filter.afterId !== undefined) {
    const missed = journal.list({ ...filter, limit: limits.activityWaiting }).reverse();
    for (const entry of missed) {
      last = entry.id;
      yield entry;
    }
  }
  for (let result = await next; !result.done; result = await next) {
    next = live.next();
    if (result.value.id > last && fulfils(result.value, filter)) yield result.value;
  }
}

/** The same conditions as the database applies, for entries that did not come from it. */
function fulfils(entry: ActivityEntry, filter: Conditions): boolean {
  const { account, client, target, outcome, since, until } = filter;
  const at = Date.parse(entry.at);
  return (
    (account === undefined || entry.account === account) &&
    (client === undefined || entry.client === client) &&
    (target === undefined || entry.target === target) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (since === undefined || at >= Date.parse(since)) &&
    (until === undefined || at <= Date.parse(until))
  );
}

async function* exported(
  journal: HandlerParts['journal'],
  format: 'csv' | 'jsonl',
  filter: Conditions,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const line = format === 'csv' ? csvLine : jsonLine;
  let piece = format === 'csv' ? csvHeader() : '';
  for await (const entry of journal.entries(filter)) {
    if (signal.aborted) return;
    piece += line(entry);
    if (piece.length < limits.exportCharacters) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
