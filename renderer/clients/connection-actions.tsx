import { useLocation } from 'wouter';
import type { ClientConnection, ClientView } from '#contract/clients.ts';
import { useAction } from '../action.ts';
import { Button, ButtonLink } from '../components/button.tsx';
import { useToasts } from '../components/toasts.tsx';
import { accountAt, reachOf } from '../connect/addresses.ts';
import { useControl, useSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { type ClientTask, clientPlace } from './use-client-dialogs.tsx';

const words = texts.apps;

/** What helps an entry as it is now, and how it goes. */
export function ConnectionActions({
  client,
  connection,
  show,
}: {
  client: ClientView;
  connection: ClientConnection;
  show: (task: ClientTask) => void;
}) {
  const { name } = client;
  const { action, entry, state } = connection;
  const { accounts } = useSnapshot();
  const canRepair = action === 'repair' || action === 'review';
  const reach = reachOf(connection.address, accounts);
  // What it led to is gone, so there is nothing to repair.
  const isLost = state === 'unusable' && reach.kind === 'account' && !reach.account;
  const isClosed = state === 'unusable' && action === 'none' && !isLost;
  return (
    <div className="client-actions">
      {canRepair && (
        <Button
          kind="primary"
          size="small"
          aria-label={words.repairOf(name, entry)}
          aria-haspopup="dialog"
          onClick={() => show({ kind: 'repair', client, connection })}
        >
          {words.repair}
        </Button>
      )}
      {action === 'fix-account' && <OpenAccount address={connection.address} />}
      {(state === 'changed' || state === 'gone') && <Leave client={client} connection={connection} />}
      {state === 'unreadable' && <LookAgain client={client} />}
      {isClosed && (
        <ButtonLink
          kind="primary"
          size="small"
          to="/settings/network"
          name={words.openNetworkOf(name, entry)}
        >
          {texts.doctor.openNetwork}
        </ButtonLink>
      )}
      {state !== 'gone' && state !== 'unreadable' && (
        <Button
          size="small"
          kind={isLost ? 'primary' : 'quiet'}
          aria-label={words.removeOf(name, entry)}
          aria-haspopup="dialog"
          onClick={() => show({ kind: 'remove', client, connection })}
        >
          {texts.words.remove}
        </Button>
      )}
    </div>
  );
}

function OpenAccount({ address }: { address: string }) {
  const { accounts } = useSnapshot();
  const [, go] = useLocation();
  const account = accountAt(address, accounts);
  return (
    <Button
      kind="primary"
      size="small"
      aria-label={account && words.openAccountOf(account.label)}
      onClick={() => go(account ? `/accounts/${account.id}` : '/accounts')}
    >
      {account ? words.openAccount : words.chooseAccount}
    </Button>
  );
}

/** Somebody changed the entry on purpose: Gangway forgets it. */
function Leave({ client: { id, name }, connection }: { client: ClientView; connection: ClientConnection }) {
  const control = useControl();
  const toasts = useToasts();
  const leave = useAction(async () => {
    await control.clients.leave({ client: id, address: connection.address });
    // The line with this button goes.
    clientPlace(id)?.focus();
    toasts.said(words.left(name), words.leftText);
  });
  return (
    <Button
      size="small"
      aria-label={words.leaveOf(name, connection.entry)}
      busy={leave.isRunning}
      onClick={() => void leave.run()}
    >
      {words.leave}
    </Button>
  );
}

function LookAgain({ client: { id } }: { client: ClientView }) {
  const control = useControl();
  const look = useAction(async () => {
    const now = (await control.clients.list()).find((one) => one.id === id);
    // Its line offers something else now.
    if (now?.connections.every(({ state }) => state !== 'unreadable')) clientPlace(id)?.focus();
  });
  return (
    <Button kind="primary" size="small" busy={look.isRunning} onClick={() => void look.run()}>
      {words.lookAgain}
    </Button>
  );
}
