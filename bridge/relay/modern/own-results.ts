import { isRecord } from '../../base/record.ts';
import { locate, replaceSpans } from '../../jsonrpc/text.ts';
import { MODERN_VERSIONS, meta } from '../../upstream/modern/envelope.ts';
import { announced, EMPTY_LISTS, NOTHING_YET, ourselves } from '../greeting.ts';

/** What makes a result stale at once and nobody else's (MCP 2026-07-28, caching). */
const FRESH = { ttlMs: 0, cacheScope: 'private' };

/** Raw JSON of an empty list for this method; undefined when it asks for no list. */
export function emptyList(method: string): string | undefined {
  const empty = Object.hasOwn(EMPTY_LISTS, method) ? EMPTY_LISTS[method] : undefined;
  return empty?.result.replace('{', () => `{"resultType":"complete",${JSON.stringify(FRESH).slice(1, -1)},`);
}

/** Raw JSON of a DiscoverResult of our own, for a client that only knows this era, while there is no workspace. */
export function ownDiscovery(bridgeVersion: string): string {
  return JSON.stringify({
    resultType: 'complete',
    supportedVersions: MODERN_VERSIONS,
    capabilities: announced({}, true),
    instructions: NOTHING_YET,
    ...FRESH,
    _meta: { [meta.serverInfo]: ourselves(bridgeVersion) },
  });
}

/**
 * The answer to `server/discover` as clients see it: the bridge itself is a source of change, and what the next account
 * offers cannot be announced later. Everything else keeps its bytes.
 */
export function announcedDiscovery(answer: string, follows: boolean): string {
  const span = locate(answer, ['result', 'capabilities']);
  const given: unknown = span && JSON.parse(answer.slice(span.start, span.end));
  if (!span || !isRecord(given)) return answer;
  return replaceSpans(answer, [{ ...span, by: JSON.stringify(announced(given, follows)) }]);
}
