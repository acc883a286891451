import { Link } from 'wouter';
import type { AccountView } from '#contract/control.ts';
import type { SessionView } from '#contract/session.ts';
import { ColorDot } from '../../components/badge.tsx';
import { ButtonLink } from '../../components/button.tsx';
import { Section } from '../../components/page.tsx';
import { Ago } from '../../components/time.tsx';
import { AddressText } from '../../connect/address-text.tsx';
import { useAccount } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { addressOf } from '../activity/filter.ts';
import { type AppSessions, appsOf } from './groups.ts';

const words = texts.apps;

/** Conversations that are open now, by app. */
export function ConnectedApps({ sessions }: { sessions: readonly SessionView[] }) {
  return (
    <Section title={words.connected} lead={words.connectedLead}>
      {appsOf(sessions).map((app) => (
        <ConnectedApp key={app.name} app={app} />
      ))}
    </Section>
  );
}

function ConnectedApp({ app: { name, sessions } }: { app: AppSessions }) {
  return (
    <article className="app-card">
      <header className="app-head">
        <h3 className="app-name">{name}</h3>
        <span className="muted small grow">{words.conversations(sessions.length)}</span>
        <ButtonLink kind="quiet" size="small" to={addressOf({ client: name, span: 'all' })}>
          {words.calls}
          <span className="visually-hidden">{words.callsOf(name)}</span>
        </ButtonLink>
      </header>
      <Conversations name={name} sessions={sessions} />
    </article>
  );
}

/** The open conversations of one app. */
export function Conversations({ name, sessions }: AppSessions) {
  const { columns } = words;
  return (
    <table className="table app-table">
      <caption className="visually-hidden">{words.conversationsOf(name)}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.address}</th>
          <th scope="col">{columns.account}</th>
          <th scope="col" className="app-door">
            {columns.door}
          </th>
          <th scope="col" className="app-since">
            {columns.since}
          </th>
          <th scope="col" className="app-calls">
            {columns.calls}
          </th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <Conversation key={session.id} session={session} />
        ))}
      </tbody>
    </table>
  );
}

function Conversation({ session }: { session: SessionView }) {
  const account = useAccount(session.account ?? '');
  const { program, client, door } = session;
  return (
    <tr>
      <td>
        <AddressText address={session.address} />
      </td>
      <td>
        <Reached account={account} />
      </td>
      <td className="app-door">
        {words.doors[door]}
        {door === 'http' && program !== null && program !== client && (
          <span className="muted small app-token">{words.tokenOf(client)}</span>
        )}
      </td>
      <td className="app-since">
        <Ago at={session.since} />
      </td>
      <td className="app-calls numbers">{session.calls.toLocaleString('en')}</td>
    </tr>
  );
}

function Reached({ account }: { account: AccountView | undefined }) {
  if (!account) return <span className="muted">{words.noAccount}</span>;
  return (
    <span className="address-text">
      <ColorDot color={account.color} />
      <Link to={`/accounts/${account.id}`}>{account.label}</Link>
    </span>
  );
}
