import type { ClientView } from '../contract/clients.ts';
import type { AccountView } from '../contract/control.ts';
import { asBridgeError } from '../contract/errors.ts';
import type { SessionView } from '../contract/session.ts';
import { connectionOf } from './connection-state.ts';
import type { Connection, Connections } from './connections.ts';
import type { System } from './known/client.ts';
import type { Detected, Sight } from './sight.ts';
import type { ClientTokens } from './tokens.ts';

export interface ViewsParts {
  readonly system: System;
  readonly sight: Sight;
  readonly connections: Connections;
  readonly tokens: Pick<ClientTokens, 'idOf'>;
  readonly accounts: () => readonly AccountView[];
  readonly sessions: () => readonly SessionView[];
  readonly endpointUrl: (address: string) => string;
  readonly canBundle: boolean;
  readonly now: () => Date;
}

/** Every known client as user interfaces show it, from what was last seen. Opens nothing. */
export function viewsOf(parts: ViewsParts): ClientView[] {
  const accounts = parts.accounts();
  const sessions = parts.sessions();
  return parts.sight.detected.map((detected) => viewOf(detected, { ...parts, accounts, sessions }));
}

type Facts = Omit<ViewsParts, 'accounts' | 'sessions'> & {
  readonly accounts: readonly AccountView[];
  readonly sessions: readonly SessionView[];
};

function viewOf({ client, found, places, backups }: Detected, facts: Facts): ClientView {
  const isFile = client.way === 'file';
  return {
    id: client.id,
    name: client.name,
    found,
    way: client.way,
    doors: [...client.doors],
    places: [...places],
    takesEffect: client.takesEffect,
    effect: client.effect,
    bundle: facts.canBundle && isFile && (client.bundle?.(facts.system.platform) ?? false),
    note: client.note ?? null,
    connections: facts.connections.of(client.id).map((connection) =>
      connectionOf({
        connection,
        client,
        entry: facts.sight.entry(connection),
        missing: facts.sight.missing(connection),
        admitted: connection.token === null || isValid(connection.token, facts.tokens),
        endpoint: endpointOf(connection, facts),
        accounts: facts.accounts,
        sessions: facts.sessions,
        now: facts.now(),
      }),
    ),
    backups: [...backups],
  };
}

function isValid({ id, sha256 }: NonNullable<Connection['token']>, tokens: Facts['tokens']): boolean {
  return id !== null && tokens.idOf(sha256) === id;
}

function endpointOf(
  { door, address }: Connection,
  { endpointUrl }: Facts,
): { readonly url: string } | { readonly closed: string } | undefined {
  if (door === 'stdio') return undefined;
  try {
    return { url: endpointUrl(address) };
  } catch (error) {
    return { closed: asBridgeError(error).message };
  }
}
