import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Environment } from '#contract/account.ts';
import type { ConnectorId } from '#contract/connector.ts';
import type { WorkspaceLook } from '#contract/control.ts';
import { useControl } from '../../gangway.tsx';

const TYPING_MS = 500;
const KEPT_MS = 60_000;

/** What is looked at: nothing of it is secret. */
export interface Place {
  readonly connector?: ConnectorId | undefined;
  readonly url?: string | undefined;
  readonly workspace?: string | undefined;
  readonly environment?: Environment | undefined;
  readonly ownNetwork?: boolean | undefined;
}

export interface Look {
  readonly isRunning: boolean;
  readonly result: WorkspaceLook | undefined;
  /** The bridge could not be asked. */
  readonly failed: boolean;
  /** Looks at once, unless it is known already. Resolves to undefined when it cannot be told. */
  readonly now: () => Promise<WorkspaceLook | undefined>;
}

/** Looks at a place once the person stops typing; undefined looks at nothing. */
export function useLook(place: Place | undefined): Look {
  const control = useControl();
  const wanted = JSON.stringify(place ?? null);
  const [asked, setAsked] = useState('null');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), TYPING_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const isOn = place !== undefined && asked === wanted;
  const queries = useQueryClient();
  const queryOf = (what: string) => ({
    queryKey: ['look', what],
    queryFn: ({ signal }: { signal: AbortSignal }) => control.workspaces.look(JSON.parse(what), { signal }),
    staleTime: KEPT_MS / 2,
    gcTime: KEPT_MS,
  });
  const { data, isFetching, isError } = useQuery({
    ...queryOf(asked),
    enabled: isOn,
    refetchOnWindowFocus: false,
  });
  return {
    isRunning: place !== undefined && (!isOn || isFetching),
    result: isOn ? data : undefined,
    failed: isOn && isError && !isFetching,
    now: async () => {
      if (!place) return undefined;
      return await queries.fetchQuery(queryOf(wanted)).catch(() => undefined);
    },
  };
}
