import type { ActivityEntry } from '#contract/activity.ts';
import type { Snapshot } from '#contract/control.ts';
import { texts } from '../../texts/texts.ts';
import type { CallFilter } from './filter.ts';

/** What the filters offer. */
export interface FilterNames {
  /** By id, with the label of each. */
  readonly accounts: readonly { readonly value: string; readonly label: string }[];
  readonly clients: readonly string[];
  readonly targets: readonly string[];
}

/** Everything that there is now or that the latest calls name, and what the filter itself names. */
export function namesIn({
  latest,
  accounts,
  sessions,
  filter,
}: Pick<Snapshot, 'accounts' | 'sessions'> & {
  latest: readonly ActivityEntry[];
  filter: CallFilter;
}): FilterNames {
  const labels = new Map<string, string>(accounts.map(({ id, label }) => [id, label]));
  for (const { account, accountLabel } of latest) {
    if (account !== null && !labels.has(account)) {
      labels.set(account, accountLabel ?? texts.activity.goneAccount);
    }
  }
  if (filter.account !== undefined && !labels.has(filter.account)) {
    labels.set(filter.account, texts.activity.goneAccount);
  }
  return {
    accounts: [...labels].map(([value, label]) => ({ value, label })),
    clients: sorted([
      ...sessions.map(({ program, client }) => program ?? client),
      ...latest.map(({ client }) => client),
      filter.client,
    ]),
    targets: sorted(latest.map(({ target }) => target)),
  };
}

function sorted(names: readonly (string | null | undefined)[]): string[] {
  const found = names.flatMap((name) => (name ? [name] : []));
  return [...new Set(found)].sort((one, other) => one.localeCompare(other, 'en'));
}
