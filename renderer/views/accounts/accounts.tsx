import { Plus, UsersRound } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ConnectorId } from '#contract/connector.ts';
import { ForeignServers } from '../../clients/foreign-servers.tsx';
import { ButtonLink } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { Empty, Page, Section } from '../../components/page.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { AccountRow } from './account-row.tsx';

/** Every account, grouped by workspace kind. */
export function Accounts() {
  const { accounts, knownClients } = useSnapshot();
  const hasApps = knownClients.some(({ found, way }) => found && way === 'file');
  const words = texts.accounts;
  const isEmpty = accounts.length === 0;
  // Whoever brings a server here adds the first account with it, and goes on with the next one.
  const [wasEmpty] = useState(isEmpty);
  useFocusAfterRemoval(accounts.length);
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        !isEmpty && (
          <ButtonLink kind="primary" to="/accounts/add" icon={<Plus aria-hidden="true" size={16} />}>
            {words.add}
          </ButtonLink>
        )
      }
    >
      {isEmpty && (
        <Empty
          picture={<UsersRound size={48} strokeWidth={1.25} />}
          title={words.emptyTitle}
          text={words.emptyText}
          action={
            <ButtonLink kind="primary" to="/accounts/add" icon={<Plus aria-hidden="true" size={16} />}>
              {words.emptyAction}
            </ButtonLink>
          }
        />
      )}
      {!isEmpty && !accounts.some(({ current }) => current) && (
        <Notice tone="warn" title={words.noneInUse}>
          {words.noneInUseText}
        </Notice>
      )}
      {connectors.map((connector) => {
        const group = accounts.filter((account) => account.connector === connector);
        if (group.length === 0) return null;
        return (
          <Section key={connector} title={texts.words.connector[connector]}>
            <ul className="list">
              {group.map((account) => (
                <AccountRow key={account.id} account={account} isOneOfSeveral={group.length > 1} />
              ))}
            </ul>
          </Section>
        );
      })}
      {wasEmpty && hasApps && <ForeignServers />}
    </Page>
  );
}

/** The row that had the focus may go before its dialog has heard of it. */
function useFocusAfterRemoval(count: number): void {
  const before = useRef(count);
  useEffect(() => {
    const isLess = count < before.current;
    before.current = count;
    if (!isLess) return undefined;
    const frame = requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.querySelector('h1')?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [count]);
}

const connectors = ['allegro', 'pelcro', 'allv', 'aly', 'custom'] as const satisfies readonly ConnectorId[];
