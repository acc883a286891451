import type { ClientConnection } from '../contract/clients.ts';
import { ConnectorId } from '../contract/connector.ts';
import type { AccountView } from '../contract/control.ts';
import type { SessionView } from '../contract/session.ts';
import type { Connection } from './connections.ts';
import type { Likeness } from './foreign/server-entries.ts';
import type { KnownClient } from './known/client.ts';

/** What a client's file says of one of our entries. */
export type EntryLook =
  | { readonly kind: 'unreadable'; readonly text: string }
  | { readonly kind: 'no-file' }
  | { readonly kind: 'no-entry' }
  | { readonly kind: Likeness };

/** What the state of a connection follows from. */
export interface ConnectionFacts {
  readonly connection: Connection;
  readonly client: Pick<KnownClient, 'name' | 'effect' | 'takesEffect'>;
  readonly entry: EntryLook;
  /** The command of a stdio entry that is not there any more. */
  readonly missing: string | undefined;
  /** Its local token is valid; true where it needs none. */
  readonly admitted: boolean;
  /** Where the HTTP door has the address now; why it has it nowhere; undefined for stdio. */
  readonly endpoint: { readonly url: string } | { readonly closed: string } | undefined;
  readonly accounts: readonly AccountView[];
  readonly sessions: readonly SessionView[];
  readonly now: Date;
}

type Verdict = Pick<ClientConnection, 'state' | 'text' | 'action'>;

/** How it stands with an entry, and the one thing that helps. Pure. */
export function connectionOf(facts: ConnectionFacts): ClientConnection {
  const { connection } = facts;
  const seen = seenBy(facts);
  return {
    address: connection.address,
    door: connection.door,
    entry: connection.entry,
    path: connection.path,
    writtenAt: connection.writtenAt,
    ...(troubleInFile(facts) ?? troubleOnTheWay(facts) ?? progress(facts, seen)),
    seen,
  };
}

function troubleInFile({ entry, client: { name }, connection }: ConnectionFacts): Verdict | undefined {
  switch (entry.kind) {
    case 'same':
      return undefined;
    case 'unreadable':
      return { state: 'unreadable', text: entry.text, action: 'none' };
    case 'no-file':
      return { state: 'gone', text: `The settings file of ${name} is gone.`, action: 'repair' };
    case 'no-entry': {
      const text = `The entry ${connection.entry} is not in the settings of ${name} any more.`;
      return { state: 'gone', text, action: 'repair' };
    }
    case 'off': {
      const text = `The entry ${connection.entry} is switched off in ${name}.`;
      return { state: 'changed', text, action: 'review' };
    }
    case 'changed': {
      const text = `Somebody changed the entry ${connection.entry} in the settings of ${name}.`;
      return { state: 'changed', text, action: 'review' };
    }
    case 'foreign': {
      const text = `The entry ${connection.entry} in the settings of ${name} leads somewhere else now.`;
      return { state: 'changed', text, action: 'review' };
    }
    default:
      return entry satisfies never;
  }
}

function troubleOnTheWay(facts: ConnectionFacts): Verdict | undefined {
  const { connection, client, missing, admitted, endpoint, accounts } = facts;
  const unusable = (text: string, action: Verdict['action']): Verdict => ({
    state: 'unusable',
    text,
    action,
  });
  if (!leadsSomewhere(connection.address, accounts)) {
    const text = `There is no account ${connection.address} any more. Disconnect ${client.name} from it.`;
    return unusable(text, 'none');
  }
  if (missing !== undefined) {
    return unusable(
      `${missing.slice(-180)} is gone, which ${client.name} starts. Write the entry again.`,
      'repair',
    );
  }
  if (!admitted)
    return unusable(`The key of ${client.name} is not valid any more. Write the entry again.`, 'repair');
  if (endpoint && 'closed' in endpoint) return unusable(endpoint.closed.slice(0, 300), 'none');
  if (endpoint && endpoint.url !== connection.leads) {
    return unusable('Gangway listens at another port now. Write the entry again.', 'repair');
  }
  const account = accountAt(connection.address, accounts);
  if (!account) return unusable(`No account is chosen for ${connection.address}. Choose one.`, 'fix-account');
  if (account.condition.state !== 'sign-in-needed') return undefined;
  return unusable(`${account.label}: ${account.condition.text}`.slice(0, 300), 'fix-account');
}

function progress({ connection, client, now }: ConnectionFacts, seen: ClientConnection['seen']): Verdict {
  if (seen) {
    const as = seen.who ? ` as ${seen.who}` : '';
    const text =
      seen.tools === null
        ? `Connected${as}.`
        : `Sees ${seen.tools} ${seen.tools === 1 ? 'tool' : 'tools'}${as}.`;
    return { state: 'seen', text: text.endsWith('..') ? text.slice(0, -1) : text, action: 'none' };
  }
  const action = client.takesEffect === 'restart' ? 'restart-client' : 'none';
  const text = `Written ${atTime(new Date(connection.writtenAt), now)}. ${client.effect} Gangway notices.`;
  return { state: 'waiting', text, action };
}

function seenBy({ connection, accounts, sessions, client }: ConnectionFacts): ClientConnection['seen'] {
  const latest = latestOf(sessions, connection, client.name);
  const seen = latest ? { at: latest.since, program: latest.program } : connection.seen;
  if (!seen) return null;
  const bound = accounts.find(({ id }) => id === latest?.account);
  const identity = (bound ?? accountAt(connection.address, accounts))?.identity;
  return {
    at: seen.at,
    program: seen.program,
    tools: identity?.tools ?? null,
    who: identity?.summary ?? null,
    open: latest !== undefined,
  };
}

/** The latest conversation through an entry: by its door and address, under its name, greeted since it was written. */
export function latestOf(
  sessions: readonly SessionView[],
  connection: Connection,
  clientName: string,
): SessionView | undefined {
  const label = connection.door === 'stdio' ? connection.client : clientName;
  const own = sessions.filter(
    (session) =>
      session.client === label &&
      session.door === connection.door &&
      session.address === connection.address &&
      (session.protocolVersion !== null || session.program !== null) &&
      Date.parse(session.since) >= Date.parse(connection.writtenAt),
  );
  return own.sort((one, other) => Date.parse(other.since) - Date.parse(one.since))[0];
}

/** `current`, a connector, or an account that is there. */
export function leadsSomewhere(address: string, accounts: readonly AccountView[]): boolean {
  if (address === 'current' || ConnectorId.safeParse(address).success) return true;
  return accounts.some(({ slug }) => slug === address);
}

function accountAt(address: string, accounts: readonly AccountView[]): AccountView | undefined {
  if (address === 'current') return accounts.find(({ current }) => current);
  const connector = ConnectorId.safeParse(address);
  return connector.success
    ? accounts.find((account) => account.connector === connector.data && account.active)
    : accounts.find(({ slug }) => slug === address);
}

/** `at 14:02`, or with the day when that is another one. */
function atTime(at: Date, now: Date): string {
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(at);
  if (at.toDateString() === now.toDateString()) return `at ${time}`;
  return `on ${new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(at)} at ${time}`;
}
