import { useQuery } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { SelectField } from '../../components/field.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { type CallFilter, outcomes, spans } from './filter.ts';
import { namesIn } from './names.ts';
import { PAGE } from './pages.ts';
import { ToolFilter } from './tool-filter.tsx';

/** Stands for an absent condition; no account, app or outcome is called so. */
const EVERY = '';

/** What is looked for. Every change applies at once. */
export function FilterBar({
  bar,
  filter,
  onChange,
}: {
  bar: RefObject<HTMLElement | null>;
  filter: CallFilter;
  onChange: (filter: CallFilter) => void;
}) {
  const words = texts.activity;
  const control = useControl();
  const { accounts, sessions } = useSnapshot();
  const { data: latest = [] } = useQuery({
    queryKey: ['call-names'],
    queryFn: ({ signal }) => control.activity.list({ limit: PAGE }, { signal }),
    staleTime: 30_000,
  });
  const names = namesIn({ latest, accounts, sessions, filter });
  const chosen = <Name extends string>(value: Name | typeof EVERY): Name | undefined =>
    value === EVERY ? undefined : value;
  return (
    <search ref={bar} className="call-filters" aria-label={words.filters}>
      <SelectField
        hideLabel
        label={words.account}
        value={filter.account ?? EVERY}
        onChange={(value) => onChange({ ...filter, account: chosen(value) })}
        choices={[{ value: EVERY, label: words.everyAccount }, ...names.accounts]}
      />
      <SelectField
        hideLabel
        label={words.client}
        value={filter.client ?? EVERY}
        onChange={(value) => onChange({ ...filter, client: chosen(value) })}
        choices={[
          { value: EVERY, label: words.everyClient },
          ...names.clients.map((client) => ({ value: client, label: client })),
        ]}
      />
      <ToolFilter
        value={filter.target ?? EVERY}
        names={names.targets}
        onChange={(value) => onChange({ ...filter, target: chosen(value) })}
      />
      <SelectField
        hideLabel
        label={words.outcome}
        value={filter.outcome ?? EVERY}
        onChange={(value) => onChange({ ...filter, outcome: chosen(value) })}
        choices={[
          { value: EVERY, label: words.everyOutcome },
          ...outcomes.map((outcome) => ({ value: outcome, label: texts.words.outcome[outcome] })),
        ]}
      />
      <SelectField
        hideLabel
        label={words.span}
        value={filter.span}
        onChange={(span) => onChange({ ...filter, span })}
        choices={spans.map((span) => ({ value: span, label: words.spans[span] }))}
      />
    </search>
  );
}
