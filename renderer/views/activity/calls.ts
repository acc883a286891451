import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ActivityEntry, ActivityFilter } from '#contract/activity.ts';
import { type Failure, failureOf } from '../../failure.ts';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { useGrowth } from './growth.ts';
import { joined, newerThan, olderThan, PAGE, type Part, upTo } from './pages.ts';

/** The calls that fit, as far as they were read. */
export interface Calls {
  /** Newest first; undefined before the first page is there. */
  readonly entries: readonly ActivityEntry[] | undefined;
  /** New calls that wait above, because the list must not move now. */
  readonly waiting: number;
  readonly showWaiting: () => void;
  /** Undefined when there are none. */
  readonly showOlder: (() => void) | undefined;
  readonly isReadingOlder: boolean;
  readonly failure: Failure | undefined;
  readonly retry: () => void;
}

/** Reads the log page by page and keeps the list current; while `isHeld` new calls wait. */
export function useCalls(conditions: Omit<ActivityFilter, 'limit'>, isHeld: boolean): Calls {
  const control = useControl();
  const queries = useQueryClient();
  const { recent } = useSnapshot();
  const queryKey = ['calls', conditions] as const;
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: { limit: PAGE } as Part,
    queryFn: ({ pageParam, signal }) => control.activity.list({ ...conditions, ...pageParam }, { signal }),
    getNextPageParam: (last, pages, { limit }) =>
      last.length < limit ? undefined : olderThan(joined(pages)),
    getPreviousPageParam: (_, pages) => newerThan(joined(pages)),
    select,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const { data: entries, error, isFetching, fetchPreviousPage, fetchNextPage } = query;
  useGrowth(isFetching, () => {
    if (!entries) void query.refetch();
    else if (recent.length === 0 && entries.length > 0) void queries.resetQueries({ queryKey });
    else void readNewer();
  });
  const [seen, setSeen] = useState(0);
  const newest = entries?.[0]?.id ?? 0;
  const shown = entries && (isHeld ? upTo(entries, seen) : entries);
  const top = shown?.[0]?.id ?? 0;
  if (seen !== top) setSeen(top);

  async function readNewer(): Promise<void> {
    const before = newest;
    const { data = [] } = await fetchPreviousPage();
    // More than one page came at once: what lies between is not known, so the list begins anew.
    if (data.filter(({ id }) => id > before).length >= PAGE && before > 0)
      await queries.resetQueries({ queryKey });
  }

  async function readOlder(): Promise<void> {
    // A read of new calls that runs right now is not to be given up for this one.
    if (isFetching) await fetchNextPage({ cancelRefetch: false });
    await fetchNextPage({ cancelRefetch: false });
  }

  return {
    entries: shown,
    waiting: entries && shown ? entries.length - shown.length : 0,
    showWaiting: () => setSeen(newest),
    showOlder: query.hasNextPage ? () => void readOlder() : undefined,
    isReadingOlder: query.isFetchingNextPage,
    failure: error ? failureOf(error) : undefined,
    retry: () => void (entries ? fetchPreviousPage() : query.refetch()),
  };
}

/** Always the same function, so that the list is put together only when a page came. */
function select({ pages }: InfiniteData<ActivityEntry[]>): ActivityEntry[] {
  return joined(pages);
}
