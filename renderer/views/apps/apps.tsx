import { AppWindow, Stethoscope } from 'lucide-react';
import { ForeignServers } from '../../clients/foreign-servers.tsx';
import { useLook } from '../../clients/look.ts';
import { sorted, strangers } from '../../clients/standing.ts';
import { useClientDialogs } from '../../clients/use-client-dialogs.tsx';
import { ButtonLink } from '../../components/button.tsx';
import { Details } from '../../components/details.tsx';
import { Card, Empty, Page, Section } from '../../components/page.tsx';
import { ChooseAndConnect } from '../../connect/choose-address.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { ClientRow } from './client-row.tsx';
import { ConnectedApps } from './connected-apps.tsx';
import { Tokens } from './tokens.tsx';

const words = texts.apps;

/** Who uses the accounts: the apps of this computer, what is connected, and how one more app gets in. */
export function Apps() {
  const { knownClients, sessions } = useSnapshot();
  const { show, dialogs } = useClientDialogs();
  useLook();
  const { here, elsewhere } = sorted(knownClients, sessions);
  const others = strangers(knownClients, sessions);
  const hasFiles = here.some(({ way }) => way === 'file');
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <ButtonLink to="/doctor" icon={<Stethoscope aria-hidden="true" size={16} />}>
          {words.checkAll}
        </ButtonLink>
      }
    >
      {here.length > 0 ? (
        <Section title={words.onThisComputer} lead={words.onThisComputerLead}>
          <ul className="list">
            {here.map((client) => (
              <ClientRow key={client.id} client={client} show={show} />
            ))}
          </ul>
        </Section>
      ) : (
        <Empty
          picture={<AppWindow size={40} strokeWidth={1.25} />}
          title={words.emptyTitle}
          text={words.emptyText}
        />
      )}
      {elsewhere.length > 0 && (
        <Details summary={words.moreText(elsewhere.length)}>
          <ul className="list">
            {elsewhere.map((client) => (
              <ClientRow key={client.id} client={client} show={show} />
            ))}
          </ul>
        </Details>
      )}
      {others.length > 0 && <ConnectedApps sessions={others} />}
      {hasFiles && <ForeignServers />}
      <Section title={words.byHand} lead={words.byHandLead}>
        <Card>
          <ChooseAndConnect />
        </Card>
      </Section>
      <Tokens />
      {dialogs}
    </Page>
  );
}
