import type { ClientConnection, ClientView } from '#contract/clients.ts';
import type { SessionView } from '#contract/session.ts';
import type { Tone } from '../components/badge.tsx';
import type { CheckLine } from '../components/checklist.tsx';

const tones = {
  waiting: 'info',
  seen: 'good',
  changed: 'warn',
  gone: 'warn',
  unreadable: 'warn',
  unusable: 'bad',
} as const satisfies Record<ClientConnection['state'], Tone>;

/** The sign that stands beside what is said of a connection. */
export function toneOf({ state }: ClientConnection): Tone {
  return tones[state];
}

const marks = {
  waiting: 'running',
  seen: 'ok',
  changed: 'failed',
  gone: 'failed',
  unreadable: 'failed',
  unusable: 'failed',
} as const satisfies Record<ClientConnection['state'], CheckLine['state']>;

/** A connection as one line of a checklist. */
export function lineOf({ id, name }: ClientView, connection: ClientConnection): CheckLine {
  return {
    key: `${id} ${connection.address}`,
    text: `${name}: ${connection.text}`,
    state: marks[connection.state],
  };
}

/** The conversations of a client that are open, the newest first. It says who it is by its token or its shim. */
export function conversationsOf(
  { id, name }: Pick<ClientView, 'id' | 'name'>,
  sessions: readonly SessionView[],
): readonly SessionView[] {
  const own = new Set([id, name.toLowerCase()]);
  return sessions
    .filter(({ client }) => own.has(client.toLowerCase()))
    .toSorted((one, other) => Date.parse(other.since) - Date.parse(one.since));
}

/** The clients that belong to this computer, and those that are only known. Both keep their order. */
export function sorted(
  clients: readonly ClientView[],
  sessions: readonly SessionView[],
): { readonly here: readonly ClientView[]; readonly elsewhere: readonly ClientView[] } {
  const isHere = (client: ClientView): boolean =>
    client.found || client.connections.length > 0 || conversationsOf(client, sessions).length > 0;
  // Those that are set up come first: they are what a person looks for.
  const here = clients.filter(isHere);
  return {
    here: [...here.filter(isSetUp), ...here.filter((client) => !isSetUp(client))],
    elsewhere: clients.filter((client) => !isHere(client)),
  };
}

/** Those conversations that belong to none of the clients. */
export function strangers(
  clients: readonly ClientView[],
  sessions: readonly SessionView[],
): readonly SessionView[] {
  const known = new Set(clients.flatMap((client) => conversationsOf(client, sessions)));
  return sessions.filter((session) => !known.has(session));
}

function isSetUp({ connections }: ClientView): boolean {
  return connections.length > 0;
}
