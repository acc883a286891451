import type { AccountRegistry } from './accounts/registry.ts';
import type { Log } from './base/log.ts';
import type { ClientTokens } from './clients/tokens.ts';
import { ConnectorId } from './contract/connector.ts';
import { BridgeError } from './contract/errors.ts';
import { pathOf } from './downstream/address.ts';
import { type HttpDoor, openHttpDoor } from './downstream/http.ts';
import type { LiveSessions } from './sessions/sessions.ts';
import type { SettingsStore } from './settings/store.ts';

export interface DoorParts {
  /** Port for this run; the saved one when absent. */
  readonly port: number | undefined;
  readonly settings: SettingsStore;
  readonly tokens: ClientTokens;
  readonly sessions: LiveSessions;
  readonly stopping: AbortSignal;
  readonly log: Log;
}

/**
 * Opens the HTTP door on its saved port; the first start chooses one. A port that somebody else holds leaves the door
 * closed, and since that program may have been shown the clients' tokens, they stop being valid.
 */
export async function openDoor({
  port: chosen,
  settings,
  tokens,
  sessions,
  stopping,
  log,
}: DoorParts): Promise<HttpDoor | undefined> {
  const port = chosen ?? settings.current.port;
  try {
    const door = await openHttpDoor({
      port: port ?? 0,
      sessions,
      // No page is served here, so only a program can name this origin; browsers add Sec-Fetch-Site, which is refused.
      origins: (own) => [`http://127.0.0.1:${own}`],
      recognise: (token, connection) => tokens.recognise(token, connection),
      stopping,
      giveUp: () => sessions[Symbol.asyncDispose](),
      log,
    });
    if (port === undefined) await settings.set({ port: door.port });
    return door;
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'port-taken') throw error;
    log.warn('http.port-taken', { port });
    if (chosen !== undefined) throw error;
    await tokens.rotateAll();
    return undefined;
  }
}

/** A client whose token was revoked loses its streams and conversations at once, not when it next asks. */
export function dismissRevoked(tokens: ClientTokens, door: HttpDoor, sessions: LiveSessions): Disposable {
  let known = tokens.list().map(({ id }) => id);
  return tokens.changed.on((clients) => {
    const left = clients.map(({ id }) => id);
    for (const id of known) {
      if (left.includes(id)) continue;
      door.dismiss(id);
      sessions.dismiss(id);
    }
    known = left;
  });
}

/** Where an address of the HTTP door is found. @throws BridgeError when there is no such address, or no door. */
export function endpointUrl(door: HttpDoor | undefined, address: string, registry: AccountRegistry): string {
  if (!door) {
    throw new BridgeError(
      'port-taken',
      'The HTTP door is closed. Run "gangway serve", and see "gangway status" if it stays closed.',
    );
  }
  refuseUnknown(address, registry);
  return new URL(pathOf(address), door.url).href;
}

/** @throws BridgeError `account-unknown` when an address is neither `current`, a connector nor an account. */
export function refuseUnknown(address: string, registry: AccountRegistry): void {
  const isKnown =
    address === 'current' ||
    ConnectorId.safeParse(address).success ||
    registry.snapshot.accounts.some(({ slug }) => slug === address);
  if (!isKnown)
    throw new BridgeError(
      'account-unknown',
      `Nothing is called ${address.slice(0, 63)}. Run "gangway accounts" for the names.`,
    );
}
