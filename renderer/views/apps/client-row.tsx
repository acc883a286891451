import { Ellipsis } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { ClientView } from '#contract/clients.ts';
import { ConnectionLine } from '../../clients/connection-line.tsx';
import { conversationsOf } from '../../clients/standing.ts';
import { type ClientTask, clientLink } from '../../clients/use-client-dialogs.tsx';
import { Badge } from '../../components/badge.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { Menu, type MenuLine } from '../../components/menu.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { addressOf } from '../activity/filter.ts';

const words = texts.apps;

/** One app: whether it is here, what Gangway wrote into it, and the one thing to do next. */
export function ClientRow({ client, show }: { client: ClientView; show: (task: ClientTask) => void }) {
  const { id, name, connections } = client;
  const { sessions } = useSnapshot();
  const open = conversationsOf(client, sessions);
  const what = presence(client, open.length > 0 || connections.length > 0);
  return (
    <li className="client">
      <div className="client-head">
        <div className="grow">
          <span className="row">
            <Link id={clientLink(id)} to={`/apps/${id}`} className="account-name">
              {name}
            </Link>
            {open.length > 0 && <Badge tone="good">{words.conversations(open.length)}</Badge>}
          </span>
          {what !== '' && <span className="muted small">{what}</span>}
        </div>
        <div className="client-actions">
          <MainButton client={client} show={show} />
          <More client={client} program={open[0]?.program ?? undefined} show={show} />
        </div>
      </div>
      {connections.length > 0 && (
        <ul className="connections" aria-label={words.connectionsOf(name)}>
          {connections.map((connection) => (
            <ConnectionLine key={connection.address} client={client} connection={connection} show={show} />
          ))}
        </ul>
      )}
    </li>
  );
}

function MainButton({ client, show }: { client: ClientView; show: (task: ClientTask) => void }) {
  const { name, way, found, connections } = client;
  if (way === 'by-hand') {
    return (
      <Button
        size="small"
        aria-label={words.showOf(name)}
        aria-haspopup="dialog"
        onClick={() => show({ kind: 'by-hand', client })}
      >
        {words.show}
      </Button>
    );
  }
  const isNew = connections.length === 0;
  const [label, full] = !isNew
    ? [words.another, words.anotherOf(name)]
    : found
      ? [words.setUp, words.setUpOf(name)]
      : [words.setUpAnyway, words.setUpAnywayOf(name)];
  return (
    <Button
      size="small"
      aria-label={full}
      aria-haspopup="dialog"
      onClick={() => show({ kind: 'set-up', client })}
    >
      {label}
    </Button>
  );
}

/** What is needed seldom. */
function More({
  client,
  program,
  show,
}: {
  client: ClientView;
  program: string | undefined;
  show: (task: ClientTask) => void;
}) {
  const { id, name, way } = client;
  const [, go] = useLocation();
  const lines: MenuLine[] = [
    { key: 'details', label: texts.accounts.details, onClick: () => go(`/apps/${id}`) },
    ...(way === 'file'
      ? [
          {
            key: 'by-hand',
            label: words.connectByHand,
            onClick: () => show({ kind: 'by-hand', client }),
          },
        ]
      : []),
    ...(program === undefined
      ? []
      : [
          {
            key: 'calls',
            label: words.calls,
            onClick: () => go(addressOf({ client: program, span: 'all' })),
          },
        ]),
  ];
  return (
    <Menu
      trigger={
        <IconButton name={texts.accounts.moreFor(name)}>
          <Ellipsis aria-hidden="true" size={18} />
        </IconButton>
      }
      lines={lines}
    />
  );
}

/** What its place in the list does not say: it is used without being here, and whether Gangway can set it up. */
function presence({ found, way }: ClientView, isUsed: boolean): string {
  const where = isUsed && !found ? [words.notFound] : [];
  return [...where, ...(way === 'by-hand' ? [words.byHandApp] : [])].join(' · ');
}
