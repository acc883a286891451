import type { ActivityEntry, ActivityFilter } from '#contract/activity.ts';

export const spans = ['all', 'hour', 'day', 'week'] as const;
export type Span = (typeof spans)[number];

export const outcomes = [
  'ok',
  'tool-error',
  'error',
  'blocked',
  'cancelled',
  'unknown',
] as const satisfies readonly ActivityEntry['outcome'][];

/** What a person looks for in the log; an absent condition holds for every call. */
export interface CallFilter {
  readonly account?: string | undefined;
  readonly client?: string | undefined;
  readonly outcome?: ActivityEntry['outcome'] | undefined;
  /** Whole name of a tool or prompt, or a whole resource URI. */
  readonly target?: string | undefined;
  readonly span: Span;
}

const HOUR_MS = 60 * 60_000;
const spanMs: Readonly<Record<Exclude<Span, 'all'>, number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
};

/** The filter that the query of an address names; whatever it does not name right counts as absent. */
export function filterOf(query: string): CallFilter {
  const asked = new URLSearchParams(query);
  const text = (name: string): string | undefined => asked.get(name)?.trim() || undefined;
  return {
    account: text('account'),
    client: text('client'),
    outcome: outcomes.find((outcome) => outcome === asked.get('outcome')),
    target: text('tool'),
    span: spans.find((span) => span === asked.get('span')) ?? 'all',
  };
}

/** The address that shows the calls of this filter. */
export function addressOf({ account, client, outcome, target, span }: CallFilter): string {
  const query = new URLSearchParams();
  const named = { account, client, outcome, tool: target, span: span === 'all' ? undefined : span };
  for (const [name, value] of Object.entries(named)) {
    if (value !== undefined) query.set(name, value);
  }
  return query.size === 0 ? '/activity' : `/activity?${query}`;
}

export function isFiltered({ account, client, outcome, target, span }: CallFilter): boolean {
  return [account, client, outcome, target].some((value) => value !== undefined) || span !== 'all';
}

/** The filter as the bridge takes it. */
export function conditionsOf(filter: CallFilter, now: Date): Omit<ActivityFilter, 'limit'> {
  const { account, client, outcome, target, span } = filter;
  return {
    ...(account !== undefined && { account }),
    ...(client !== undefined && { client }),
    ...(outcome !== undefined && { outcome }),
    ...(target !== undefined && { target }),
    ...(span !== 'all' && { since: new Date(now.getTime() - spanMs[span]).toISOString() }),
  };
}
