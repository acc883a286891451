import { ArrowRight } from 'lucide-react';
import type { ClientConnection, ClientView } from '#contract/clients.ts';
import { ColorDot, Health } from '../components/badge.tsx';
import { Ago } from '../components/time.tsx';
import { AddressText } from '../connect/address-text.tsx';
import { accountAt, reachOf } from '../connect/addresses.ts';
import { useSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { ConnectionActions } from './connection-actions.tsx';
import { toneOf } from './standing.ts';
import type { ClientTask } from './use-client-dialogs.tsx';

/** One entry that Gangway wrote: what it reaches, how it stands, and what helps. */
export function ConnectionLine({
  client,
  connection,
  show,
}: {
  client: ClientView;
  connection: ClientConnection;
  show: (task: ClientTask) => void;
}) {
  const { text, seen } = connection;
  return (
    <li className="connection">
      <div className="grow">
        <Reaches address={connection.address} />
        <p className="small connection-state" role="status">
          <Health tone={toneOf(connection)}>{text}</Health>
          {seen && !seen.open && (
            <span className="muted">
              {' '}
              {texts.apps.lastSeen} <Ago at={seen.at} />
            </span>
          )}
        </p>
      </div>
      <ConnectionActions client={client} connection={connection} show={show} />
    </li>
  );
}

/** Where an entry leads, and which account that is now. */
export function Reaches({ address }: { address: string }) {
  const { accounts } = useSnapshot();
  const now = accountAt(address, accounts);
  const isPinned = reachOf(address, accounts).kind === 'account';
  return (
    <span className="address-text">
      <AddressText address={address} />
      {!isPinned && (
        <>
          <ArrowRight aria-hidden="true" size={14} />
          {now ? (
            <span className="address-text">
              <ColorDot color={now.color} /> {now.label}
            </span>
          ) : (
            <span className="muted">{texts.apps.noAccount}</span>
          )}
        </>
      )}
    </span>
  );
}
