import type { ClientConnection, ClientView } from '../contract/clients.ts';
import type { AccountView } from '../contract/control.ts';
import { checksOf, type Finding } from './findings.ts';

const { ok, notice, bad, skipped } = checksOf('clients');

export interface ClientSurroundings {
  /** The HTTP door. */
  readonly isDoorOpen: boolean;
  readonly accounts: readonly AccountView[];
}

/** The entries Gangway wrote into the settings of apps. Pure. */
export function clientFindings(clients: readonly ClientView[], around: ClientSurroundings): Finding[] {
  const findings = clients.flatMap((client) =>
    client.connections.map((connection) => connectionFinding(client, connection, around)),
  );
  if (findings.length > 0) return findings;
  const found = clients.find((client) => client.found && client.way === 'file');
  const text = found
    ? 'Gangway has set up no app yet. Apps that you set up by hand are not seen here.'
    : 'No app that Gangway can set up was found.';
  const fix = found
    ? `Connect one: gangway connect ${found.id}`
    : 'See which apps it knows: gangway clients --all';
  return [notice('no-client', text, fix)];
}

function connectionFinding(
  client: ClientView,
  { address, door, state, text, action, path }: ClientConnection,
  { isDoorOpen, accounts }: ClientSurroundings,
): Finding {
  const { id, name, effect } = client;
  const said = `${name}: ${text}`;
  const again = `gangway connect ${id}${address === 'current' ? '' : ` ${address}`}`;
  switch (state) {
    case 'seen':
      return ok('client', said, id);
    case 'waiting':
      return action === 'restart-client'
        ? notice('client-waiting', said, effect, id)
        : ok('client', said, id);
    case 'changed':
      return notice(
        'entry-changed',
        said,
        `Look at it, and write it again if that is not wanted: ${again}`,
        id,
      );
    case 'gone':
      return bad('entry-gone', said, `Write it again: ${again}`, id);
    case 'unreadable':
      return bad('client-file-unreadable', said, `Open the file, correct it and save it: ${path}`, id);
    case 'unusable':
      if (action === 'fix-account' && !isChosen(address, accounts))
        return unchosen(said, id, address, accounts);
      // The account, or the HTTP door, has a check of its own.
      if (action === 'fix-account' || (door === 'http' && !isDoorOpen)) return skipped('client', said, id);
      return action === 'repair'
        ? bad('entry-unusable', said, `Write it again: ${again}`, id)
        : bad('entry-unusable', said, `Take it out: gangway disconnect ${id} ${address}`, id);
    default:
      return state satisfies never;
  }
}

/** An entry for "current" or for a connector waits for an account that the person chooses. */
function isChosen(address: string, accounts: readonly AccountView[]): boolean {
  return accounts.some(({ slug, current, connector, active }) =>
    address === 'current' ? current : slug === address || (active && connector === address),
  );
}

function unchosen(text: string, id: string, address: string, accounts: readonly AccountView[]): Finding {
  // That there is no account at all is a check of its own.
  if (accounts.length === 0) return skipped('client', text, id);
  const [one, ...more] = accounts.filter(({ connector }) => address === 'current' || connector === address);
  const fix = one
    ? `Choose one: gangway use ${more.length === 0 ? one.slug : 'NAME'}`
    : `Add one: gangway add ${address}`;
  return bad('no-account-chosen', text, fix, id);
}
