import { useParams } from 'wouter';
import type { ClientConnection, ClientView } from '#contract/clients.ts';
import { ConnectionActions } from '../../clients/connection-actions.tsx';
import { Reaches } from '../../clients/connection-line.tsx';
import { useLook } from '../../clients/look.ts';
import { conversationsOf, toneOf } from '../../clients/standing.ts';
import { type ClientTask, useClientDialogs } from '../../clients/use-client-dialogs.tsx';
import { Health } from '../../components/badge.tsx';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Card, Empty, Facts, Page, Section } from '../../components/page.tsx';
import { Ago } from '../../components/time.tsx';
import { ChooseAndConnect } from '../../connect/choose-address.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { Backups } from './backups.tsx';
import { Conversations } from './connected-apps.tsx';

const words = texts.appSetup.page;

/** Everything about one app of this computer. */
export function AppPage() {
  const { id = '' } = useParams<{ id: string }>();
  const { knownClients } = useSnapshot();
  const client = knownClients.find((one) => one.id === id);
  if (!client) {
    return (
      <Page title={words.unknownTitle}>
        <Empty
          title={words.unknown}
          text={words.unknownText}
          action={<ButtonLink to="/apps">{words.back}</ButtonLink>}
        />
      </Page>
    );
  }
  return <Shown key={client.id} client={client} />;
}

function Shown({ client }: { client: ClientView }) {
  const { name, found, way, connections } = client;
  const { sessions } = useSnapshot();
  const { show, dialogs } = useClientDialogs();
  useLook();
  const open = conversationsOf(client, sessions);
  return (
    <Page
      title={name}
      lead={found ? texts.apps.found : texts.apps.notFound}
      actions={<Actions client={client} show={show} />}
    >
      {way === 'file' && (
        <Section title={words.connections}>
          {connections.length === 0 && <p className="muted">{words.connectionsNone}</p>}
          {connections.map((connection) => (
            <Connection key={connection.address} client={client} connection={connection} show={show} />
          ))}
        </Section>
      )}
      {open.length > 0 && (
        <Section title={words.conversations}>
          <div className="app-card">
            <Conversations name={name} sessions={open} />
          </div>
        </Section>
      )}
      {way === 'file' ? (
        <>
          <Section title={words.settings}>
            <Card>
              <Facts items={settingsOf(client)} />
            </Card>
          </Section>
          <Backups client={client} show={show} />
        </>
      ) : (
        <Section title={texts.appSetup.byHandTitle(name)} lead={client.note}>
          <Card className="stack">
            <ChooseAndConnect app={name} />
            <p className="muted small">{client.effect}</p>
          </Card>
        </Section>
      )}
      {dialogs}
    </Page>
  );
}

function Actions({ client, show }: { client: ClientView; show: (task: ClientTask) => void }) {
  const { way, connections, found } = client;
  const isNew = connections.length === 0;
  if (way === 'by-hand') return null;
  return (
    <>
      <Button aria-haspopup="dialog" onClick={() => show({ kind: 'by-hand', client })}>
        {texts.apps.connectByHand}
      </Button>
      <Button
        kind={isNew && found ? 'primary' : 'plain'}
        aria-haspopup="dialog"
        onClick={() => show({ kind: 'set-up', client })}
      >
        {isNew ? (found ? texts.apps.setUp : texts.apps.setUpAnyway) : texts.apps.another}
      </Button>
    </>
  );
}

function Connection({
  client,
  connection,
  show,
}: {
  client: ClientView;
  connection: ClientConnection;
  show: (task: ClientTask) => void;
}) {
  const { address, entry, door, path, writtenAt, text } = connection;
  return (
    <article className="app-card" aria-label={entry}>
      <header className="app-head">
        <span className="grow connection-state" role="status">
          <Health tone={toneOf(connection)}>{text}</Health>
        </span>
        <ConnectionActions client={client} connection={connection} show={show} />
      </header>
      <div className="app-facts">
        <Facts
          items={[
            [words.reaches, <Reaches key="reaches" address={address} />],
            [words.entry, <code key="entry">{entry}</code>],
            [words.door, texts.appSetup.doors[door]],
            // The only settings file it has is named below.
            client.places.length === 1 && client.places[0]?.path === path
              ? null
              : [words.file, <code key="file">{path}</code>],
            [words.since, <Ago key="since" at={writtenAt} />],
            [words.lastHandshake, <Handshake key="handshake" connection={connection} />],
          ]}
        />
      </div>
    </article>
  );
}

function Handshake({ connection: { seen } }: { connection: ClientConnection }) {
  if (!seen) return <span className="muted">{words.noHandshake}</span>;
  const { at, program, tools, who, open } = seen;
  const more = [
    ...(program === null ? [] : [words.program(program)]),
    ...(open ? [words.openNow] : []),
    ...(tools === null ? [] : [words.sees(tools, who)]),
  ];
  return (
    <>
      <Ago at={at} />
      {more.length > 0 && `, ${more.join(', ')}`}
    </>
  );
}

function settingsOf({ places, effect, note }: ClientView): Parameters<typeof Facts>[0]['items'] {
  return [
    places.length === 0
      ? null
      : [
          words.places(places.length),
          <ul key="places">
            {places.map(({ path, exists }) => (
              <li key={path}>
                <code>{path}</code>{' '}
                <span className="muted small">{exists ? words.exists : words.missing}</span>
              </li>
            ))}
          </ul>,
        ],
    [words.effect, effect],
    note === null ? null : [words.note, note],
  ];
}
