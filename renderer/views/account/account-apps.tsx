import { Link } from 'wouter';
import type { AccountView } from '#contract/control.ts';
import { toneOf } from '../../clients/standing.ts';
import { Health } from '../../components/badge.tsx';
import { ButtonLink } from '../../components/button.tsx';
import { Section } from '../../components/page.tsx';
import { Ago } from '../../components/time.tsx';
import { AddressText } from '../../connect/address-text.tsx';
import { accountAt } from '../../connect/addresses.ts';
import { ConnectByHand } from '../../connect/connect-by-hand.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';

/** Who uses the account now, and how an app is pinned to it. */
export function AccountApps({ account }: { account: AccountView }) {
  const words = texts.account;
  const { accounts, sessions, clients, knownClients } = useSnapshot();
  const setUp = knownClients.flatMap((client) =>
    client.connections
      .filter(({ address }) => accountAt(address, accounts)?.id === account.id)
      .map((connection) => ({ client, connection })),
  );
  const tokens = clients.filter(({ address }) => address === account.slug);
  const here = sessions.filter((session) => session.account === account.id);
  return (
    <div className="stack">
      <p className="muted">{words.appsLead}</p>
      {here.length === 0 ? (
        <p>{words.appsNone}</p>
      ) : (
        <ul className="list">
          {here.map((session) => (
            <li key={session.id} className="list-row">
              <span className="grow account-who">{session.program ?? session.client}</span>
              <span className="muted small">
                <AddressText address={session.address} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {setUp.length > 0 && (
        <Section title={words.appsSetUp}>
          <ul className="list">
            {setUp.map(({ client, connection }) => (
              <li key={`${client.id} ${connection.address}`} className="list-row">
                <div className="grow account-who">
                  <Link to={`/apps/${client.id}`} className="account-name">
                    {client.name}
                  </Link>
                  <div className="small">
                    <Health tone={toneOf(connection)}>{connection.text}</Health>
                  </div>
                </div>
                <span className="muted small">
                  <AddressText address={connection.address} />
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {tokens.length > 0 && (
        <Section
          title={words.appsTokens}
          actions={
            <ButtonLink size="small" to="/apps">
              {texts.shell.apps}
            </ButtonLink>
          }
        >
          <ul className="list">
            {tokens.map(({ id, label, lastUsedAt }) => (
              <li key={id} className="list-row">
                <span className="grow account-who">{label}</span>
                <span className="muted small">
                  {lastUsedAt === null ? (
                    words.appsTokenUnused
                  ) : (
                    <>
                      {words.appsTokenUsed} <Ago at={lastUsedAt} />
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={texts.apps.byHand}>
        <ConnectByHand address={account.slug} />
      </Section>
    </div>
  );
}
