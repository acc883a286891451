import { memberAt, objectAt, withMembers } from '../../jsonrpc/members.ts';
import type { ResultPlace } from '../../jsonrpc/message.ts';

/** Answers that a client may keep (MCP 2026-07-28, caching). */
const CACHEABLE = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

/** Stale at once, and for this client only. */
const HINTS = { ttlMs: '0', cacheScope: '"private"' };

export function isCacheable(method: string): boolean {
  return CACHEABLE.has(method);
}

/**
 * The text of an answer as one that is stale at once and for this client only: after a switch a client would go on with
 * the other account's lists as long as it may keep them. An error, a question, and whatever else is no complete
 * result, stays as it is.
 * @param at where the members of its result stand, when they were found before; it is no use for another text.
 */
export function withoutCaching(answer: string, at?: ResultPlace): string {
  const result = at?.text === answer ? at : objectAt(answer, ['result']);
  if (!result) return answer;
  const type = memberAt(answer, result, 'resultType');
  return type === undefined || type === 'complete' ? withMembers(answer, result, HINTS) : answer;
}
