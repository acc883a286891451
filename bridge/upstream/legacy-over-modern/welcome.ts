import { isRecord } from '../../base/record.ts';
import { edited, isEmptyObject, objectText, valueText, without } from '../../jsonrpc/object-text.ts';
import { LEGACY_VERSIONS } from '../legacy-versions.ts';
import { MODERN_VERSIONS, meta } from '../modern/envelope.ts';

const NOT_SHOWN: ReadonlySet<string> = new Set(['resultType', 'supportedVersions', 'ttlMs', 'cacheScope']);
/** Tasks and extensions are agreed upon in another way in each era. */
const NOT_OFFERED: ReadonlySet<string> = new Set(['extensions', 'tasks']);

/**
 * The InitializeResult (MCP 2025-11-25, lifecycle) that says what a DiscoverResult (MCP 2026-07-28, discovery) says.
 * What neither knows keeps its bytes.
 *
 * @param discovered raw JSON text of the DiscoverResult.
 * @param asked the revision the client asked for.
 * @param host what the workspace is called when it gives no name.
 */
export function welcomeOf(discovered: string, asked: unknown, host: string): string {
  const version = LEGACY_VERSIONS.find((known) => known === asked) ?? LEGACY_VERSIONS[0];
  const info = valueText(discovered, ['_meta', meta.serverInfo]) ?? valueText(discovered, ['serverInfo']);
  const capabilities = without(objectText(discovered, ['capabilities']), NOT_OFFERED);
  let welcome = without(withoutServerInfo(discovered), NOT_SHOWN);
  welcome = edited(welcome, { protocolVersion: JSON.stringify(version) });
  welcome = edited(welcome, { capabilities });
  return edited(welcome, { serverInfo: namedInfo(info, host) });
}

/** The result without what names the server in its `_meta`, and without a `_meta` that holds nothing else. */
export function withoutServerInfo(result: string): string {
  const before = valueText(result, ['_meta']);
  if (before === undefined) return result;
  const after = without(before, new Set([meta.serverInfo]));
  if (after === before) return result;
  if (isEmptyObject(after)) return without(result, new Set(['_meta']));
  return edited(result, { _meta: after });
}

/** Clients of the older era refuse a welcome from a server without name and version. */
function namedInfo(info: string | undefined, host: string): string {
  const given: unknown = info === undefined ? undefined : JSON.parse(info);
  if (info === undefined || !isRecord(given)) return JSON.stringify({ name: host, version: 'unknown' });
  let named = info;
  if (typeof given.name !== 'string') named = edited(named, { name: JSON.stringify(host) });
  if (typeof given.version !== 'string') named = edited(named, { version: '"unknown"' });
  return named;
}

/** The newest revision among these that the bridge speaks too. */
export function knownVersion(
  supported: unknown,
  known: readonly string[] = MODERN_VERSIONS,
): string | undefined {
  const named: readonly unknown[] = Array.isArray(supported) ? supported : [];
  return known.find((version) => named.includes(version));
}
