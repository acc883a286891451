import type { ConnectorId } from '../contract/connector.ts';
import { BridgeError } from '../contract/errors.ts';
import type { Connector } from './connector.ts';
import { presets } from './presets.ts';

const byId: ReadonlyMap<string, Connector> = new Map(presets.map((preset) => [preset.id, preset]));

/** The connector of an account. */
export function connectorOf(id: ConnectorId): Connector {
  const found = byId.get(id);
  if (!found) throw new BridgeError('internal', 'This kind of workspace has no preset.');
  return found;
}

/** The vendor whose keys look like this one, if any does. */
export function vendorOfKey(key: string): Connector | undefined {
  return presets.find((preset) => preset.key.looksLike?.test(key));
}

/** Header names that choose the acting member of some workspace; only the bridge itself may set them. */
export const userHeaderNames: ReadonlySet<string> = new Set(
  presets.flatMap((preset) => (preset.user ? [preset.user.id, preset.user.email] : [])),
);
