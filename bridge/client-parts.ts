import type { Accounts } from './accounts/accounts.ts';
import { slugFor } from './accounts/names.ts';
import { type AccountRegistry, takenSlugs } from './accounts/registry.ts';
import type { Signal } from './base/events.ts';
import type { Log } from './base/log.ts';
import type { Paths } from './base/paths.ts';
import type { Recognition } from './clients/foreign/migration.ts';
import type { System } from './clients/known/client.ts';
import { thisSystem } from './clients/known/system.ts';
import { ClientSetups } from './clients/setups.ts';
import type { ClientTokens } from './clients/tokens.ts';
import { vendorOfKey } from './connectors/catalog.ts';
import { recognise } from './connectors/recognise.ts';
import type { HttpDoor } from './downstream/http.ts';
import { endpointUrl } from './http-door.ts';
import type { LiveSessions } from './sessions/sessions.ts';
import type { Program } from './shim/start-owner.ts';
import { bundledShim, bundleIcon, stdioCommand } from './stdio-command.ts';

export interface ClientParts {
  readonly paths: Paths;
  readonly registry: AccountRegistry;
  readonly tokens: ClientTokens;
  readonly accounts: Accounts;
  readonly sessions: LiveSessions;
  readonly statusChanged: Signal<void>;
  /** The HTTP door as it is now. */
  readonly door: () => HttpDoor | undefined;
  readonly host: {
    readonly program: Program | null | undefined;
    /** The computer whose AI apps are set up; the one this runs on when undefined. */
    readonly system: System | undefined;
  };
  readonly version: string;
  readonly log: Log;
}

/** Builds what sets up the AI apps of this computer. @throws BridgeError `newer-file`, `storage`. */
export async function openSetups(parts: ClientParts): Promise<ClientSetups> {
  const { paths, registry, tokens, accounts, sessions, statusChanged, door, version, log } = parts;
  const { program, system } = parts.host;
  return ClientSetups.open({
    paths,
    system: system ?? thisSystem(),
    tokens,
    accounts: () => accounts.list(),
    sessions: () => sessions.list(),
    surroundingsChanged: [sessions.changed, registry.changed, tokens.changed, statusChanged],
    stdioCommand: (address, client) => stdioCommand(address, paths, registry, program, client),
    endpointUrl: (address) => endpointUrl(door(), address, registry),
    addAccount: (account, signal) => accounts.add(account, signal),
    recognise: recogniseEntry,
    slugFor: (label) => slugFor(label, takenSlugs(registry.snapshot)),
    bundledShim: bundledShim(program),
    bundleIcon: bundleIcon(program),
    version,
    now: () => new Date(),
    log,
  });
}

/**
 * What kind of workspace an entry of a client leads to: its address says so, or else its key where the kind has no host of
 * its own. Keys of others look alike: Stripe's, too, begin with `sk_live_`.
 */
export function recogniseEntry(url: string, key: string | undefined): Recognition {
  const { kind, connector } = recognise({ url, ownNetwork: false });
  const vendor = connector.id === 'custom' && key !== undefined ? vendorOfKey(key) : undefined;
  const isAnywhere = vendor !== undefined && Object.keys(vendor.environments).length === 0;
  const fits = isAnywhere && URL.parse(url)?.pathname === vendor.path;
  return { connector: (fits ? vendor : connector).id, ownNetwork: kind === 'private' };
}
