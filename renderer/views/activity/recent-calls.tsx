import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ActivityEntry } from '#contract/activity.ts';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { Loading } from '../../components/page.tsx';
import { Ago } from '../../components/time.tsx';
import { failureOf } from '../../failure.ts';
import { useControl } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { durationText } from './amounts.ts';
import { CallPanel } from './call-panel.tsx';
import { callName } from './call-text.ts';
import { useGrowth } from './growth.ts';
import { OutcomeSign } from './outcome.tsx';

const SHOWN = 20;

/** The last calls of one account, kept current. `none` is said while there are none. */
export function RecentCalls({ account, none }: { account: string; none: string }) {
  const control = useControl();
  const [opened, open] = useState<ActivityEntry>();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['recent-calls', account],
    queryFn: ({ signal }) => control.activity.list({ account, limit: SHOWN }, { signal }),
  });
  useGrowth(isFetching, () => void refetch());
  if (!data && error) {
    return (
      <Notice
        tone="bad"
        action={
          <Button size="small" onClick={() => void refetch()}>
            {texts.words.retry}
          </Button>
        }
      >
        {failureOf(error).message}
      </Notice>
    );
  }
  if (!data) return <Loading label={texts.activity.loading} />;
  if (data.length === 0) return <p>{none}</p>;
  return (
    <>
      <ul className="list">
        {data.map((entry) => (
          <li key={entry.id} className="list-row call-line">
            <OutcomeSign outcome={entry.outcome} bare />
            <button type="button" className="call-open code" onClick={() => open(entry)}>
              {callName(entry)}
            </button>
            <span className="call-line-client muted small truncate">{entry.client}</span>
            <span className="call-line-duration muted small numbers">{durationText(entry.durationMs)}</span>
            <span className="call-line-ago muted small">
              <Ago at={entry.at} />
            </span>
          </li>
        ))}
      </ul>
      <CallPanel entry={opened} onClose={() => open(undefined)} />
    </>
  );
}
