import { isRecord } from '../../base/record.ts';
import type { RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { edited } from '../../jsonrpc/object-text.ts';
import { locate, replaceSpans, type Span } from '../../jsonrpc/text.ts';
import { meta } from '../../upstream/modern/envelope.ts';
import type { Welcome } from '../greeting.ts';
import { withoutTools } from '../tool-list.ts';

/** Results that carry cache hints (MCP 2026-07-28, caching). */
const CACHEABLE = new Set([
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);
const NOT_CACHED = { ttlMs: '0', cacheScope: '"private"' };
const COMPLETE = { resultType: '"complete"' };

/** The text of a successful answer as a modern client expects it, under the id of its request. */
export function completed(answer: ResponseMessage, request: RequestMessage, serverInfo?: string): string {
  const text = request.method === 'tools/list' ? withoutTools(answer, runsWithoutTask) : answer.text;
  const span = locate(text, ['result']);
  if (!span) return withAnswerId(text, request.id);
  const hints = CACHEABLE.has(request.method) ? NOT_CACHED : {};
  const result = text.slice(span.start, span.end);
  const by = edited(withServerInfo(result, serverInfo), { ...COMPLETE, ...hints });
  return withAnswerId(text, request.id, [{ ...span, by }]);
}

/** Tasks of MCP 2025-11-25 cannot be followed without a handshake, so tools that insist on them cannot be called. */
function runsWithoutTask(tool: unknown): boolean {
  return !(isRecord(tool) && isRecord(tool.execution) && tool.execution.taskSupport === 'required');
}

function withServerInfo(result: string, serverInfo: string | undefined): string {
  if (serverInfo === undefined) return result;
  const span = locate(result, ['_meta']);
  const before = span ? result.slice(span.start, span.end) : '{}';
  return edited(result, { _meta: edited(before, { [meta.serverInfo]: serverInfo }) });
}

/** The text of an answer with the id of its request; an error without one answers the only request there was. */
export function withAnswerId(
  text: string,
  id: string,
  edits: readonly (Span & { readonly by: string })[] = [],
): string {
  const span = locate(text, ['id']);
  if (span) return replaceSpans(text, [...edits, { ...span, by: id }]);
  return edited(replaceSpans(text, edits), { id });
}

/** Raw JSON of the workspace's name and version. */
export function serverInfoOf(welcome: Welcome | undefined): string | undefined {
  const span = welcome && locate(welcome.result, ['serverInfo']);
  return span && welcome.result.slice(span.start, span.end);
}

/** Members of an InitializeResult that a DiscoverResult has in another place, or not at all. */
const GREETING_ONLY = new Set(['protocolVersion', 'serverInfo']);

/** The DiscoverResult that says what the InitializeResult said, raw JSON; tasks of the older era cannot be followed. */
export function discovered(welcome: Welcome, versions: readonly string[]): string {
  const span = locate(welcome.result, ['capabilities']);
  const offered = span ? welcome.result.slice(span.start, span.end) : '{}';
  const set = {
    supportedVersions: JSON.stringify(versions),
    capabilities: edited(offered, {}, (key) => key === 'tasks'),
    ...COMPLETE,
    ...NOT_CACHED,
  };
  const result = edited(welcome.result, set, (key) => GREETING_ONLY.has(key));
  return withServerInfo(result, serverInfoOf(welcome));
}
