import type { AccountView } from '#contract/control.ts';
import { ButtonLink } from '../../components/button.tsx';
import { texts } from '../../texts/texts.ts';
import { RecentCalls } from '../activity/recent-calls.tsx';

/** The last calls of one account. */
export function AccountHistory({ account }: { account: AccountView }) {
  return (
    <div className="stack">
      <p className="muted">{texts.account.historyLead}</p>
      <RecentCalls account={account.id} none={texts.account.historyNone} />
      <div>
        <ButtonLink to={`/activity?account=${account.id}`}>{texts.account.historyAll}</ButtonLink>
      </div>
    </div>
  );
}
