import type { Environment } from '../contract/account.ts';
import type { ConnectorId } from '../contract/connector.ts';
import { BridgeError } from '../contract/errors.ts';
import { readAddress } from './address.ts';
import { connectorOf } from './catalog.ts';
import type { Connector } from './connector.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import { presets } from './presets.ts';
import { reachOfHost } from './reach.ts';

/** What a person typed so far to say where a workspace is. */
export interface TypedPlace {
  readonly connector?: ConnectorId | undefined;
  readonly url?: string | undefined;
  readonly workspace?: string | undefined;
  readonly environment?: Environment | undefined;
  readonly ownNetwork: boolean;
}

/** What can be told of it without asking anybody. */
export type Recognised =
  | { readonly kind: 'usable'; readonly connector: Connector; readonly endpoint: Endpoint }
  /** It could be used once the person says that the private network is theirs. */
  | {
      readonly kind: 'private';
      readonly connector: Connector;
      readonly endpoint: Endpoint;
      readonly because: string;
    }
  | { readonly kind: 'refused'; readonly connector: Connector; readonly because: string };

/**
 * Reads an address by the rules of adding an account. Where no kind of workspace was chosen, or any other than the
 * known ones, a vendor's own host says which it is.
 */
export function recognise(typed: TypedPlace): Recognised {
  const chosen = connectorOf(typed.connector ?? 'custom');
  const connector = chosen.id === 'custom' ? (vendorAt(typed.url ?? typed.workspace) ?? chosen) : chosen;
  const read = endpointIn(connector, typed, typed.ownNetwork);
  if (!(read instanceof BridgeError)) return { kind: 'usable', connector, endpoint: read };
  const because = read.message;
  const confirmed = endpointIn(connector, typed, true);
  const isPrivate =
    !(confirmed instanceof BridgeError) && reachOfHost(new URL(confirmed.url).hostname) === 'own-network';
  return isPrivate
    ? { kind: 'private', connector, endpoint: confirmed, because }
    : { kind: 'refused', connector, because };
}

/** The connector whose vendor runs it at this very origin. A host that only looks alike is nobody's. */
export function vendorAt(address: string | undefined): Connector | undefined {
  let origin: string;
  try {
    ({ origin } = readAddress(address ?? '', { ownNetwork: true }).url);
  } catch (error) {
    if (error instanceof BridgeError) return undefined;
    throw error;
  }
  return presets.find(({ environments }) =>
    Object.values(environments).some((known) => new URL(known).origin === origin),
  );
}

/** The endpoint, or why there is none. */
function endpointIn(connector: Connector, typed: TypedPlace, ownNetwork: boolean): Endpoint | BridgeError {
  const { url, workspace, environment } = typed;
  try {
    return endpointOf(connector, { url, workspace, environment, ownNetwork });
  } catch (error) {
    if (error instanceof BridgeError) return error;
    throw error;
  }
}
