import { memberAt, resultAt, withMembers } from '../../jsonrpc/members.ts';

/** Answers that a client may keep (MCP 2026-07-28, caching). */
const CACHEABLE = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

export function isCacheable(method: string): boolean {
  return CACHEABLE.has(method);
}

/**
 * The text of an answer as one that is stale at once and for this client only: after a switch a client would go on with
 * the other account's lists as long as it may keep them. An error, a question, and whatever else is no complete
 * result, stays as it is.
 */
export function withoutCaching(answer: string): string {
  const result = resultAt(answer);
  if (!result) return answer;
  const type = memberAt(answer, result, 'resultType');
  if (type !== undefined && type !== 'complete') return answer;
  return withMembers(answer, result, { ttlMs: '0', cacheScope: '"private"' });
}
