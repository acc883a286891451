import { ShieldCheck } from 'lucide-react';
import { ButtonLink } from '../../components/button.tsx';
import { Empty, Page, Section } from '../../components/page.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { AccountRulesRow } from './account-rules-row.tsx';
import { EverythingRules } from './everything-rules.tsx';
import { WhatIf } from './what-if.tsx';

const words = texts.rules;

/** What apps may do: with everything, with each account, and what that means for one call. */
export function Rules() {
  const { accounts } = useSnapshot();
  return (
    <Page title={words.title} lead={words.lead}>
      <EverythingRules />
      {accounts.length === 0 ? (
        <Empty
          picture={<ShieldCheck size={48} strokeWidth={1.25} />}
          title={words.none}
          text={words.noneText}
          action={
            <ButtonLink kind="primary" to="/accounts/add">
              {words.noneAction}
            </ButtonLink>
          }
        />
      ) : (
        <>
          <Section title={words.accounts}>
            <ul className="list">
              {accounts.map((account) => (
                <AccountRulesRow key={account.id} account={account} />
              ))}
            </ul>
          </Section>
          <Section title={words.test} lead={words.testLead}>
            <WhatIf />
          </Section>
        </>
      )}
    </Page>
  );
}
