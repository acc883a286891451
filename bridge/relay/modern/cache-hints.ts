import { isRecord } from '../../base/record.ts';
import { memberAt, objectAt, withMembers } from '../../jsonrpc/members.ts';
import { replaceSpans, type Span } from '../../jsonrpc/text.ts';

/** Answers that a client may keep (MCP 2026-07-28, caching). */
const CACHEABLE = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

type Edit = Span & { readonly by: string };

const TTL = '0';
const SCOPE = '"private"';
const HINTS = [
  { key: 'ttlMs', value: /[ \t\n\r]*:[ \t\n\r]*(-?\d[\d.eE+-]*)/y, by: TTL },
  { key: 'cacheScope', value: /[ \t\n\r]*:[ \t\n\r]*("[a-z]*")/y, by: SCOPE },
];

export function isCacheable(method: string): boolean {
  return CACHEABLE.has(method);
}

/**
 * The text of an answer as one that is stale at once and for this client only: after a switch a client would go on with
 * the other account's lists as long as it may keep them. An error, a question, and whatever else is no complete
 * result, stays as it is.
 * @param parsed result of the answer, where it was parsed.
 */
export function withoutCaching(answer: string, parsed?: unknown): string {
  const edits = isRecord(parsed) && isComplete(parsed.resultType) ? hintsIn(answer, parsed) : [];
  if (edits.length === HINTS.length) return replaceSpans(answer, edits);
  const result = objectAt(answer, ['result']);
  if (!result) return answer;
  if (!isComplete(memberAt(answer, result, 'resultType'))) return answer;
  return withMembers(answer, result, { ttlMs: TTL, cacheScope: SCOPE });
}

function isComplete(type: unknown): boolean {
  return type === undefined || type === 'complete';
}

/**
 * The places of both hints, where they can be seen: a key of the result that stands in the text once, and not in escapes,
 * stands there. Lists of tools are long, and a walk through one takes longer than everything else that is done with it.
 */
function hintsIn(answer: string, result: Readonly<Record<string, unknown>>): Edit[] {
  if (answer.includes('\\') && answer.includes('\\u')) return [];
  return HINTS.flatMap(({ key, value, by }) => {
    const name = `"${key}"`;
    const at = answer.indexOf(name);
    const after = at + name.length;
    if (!Object.hasOwn(result, key) || answer.includes(name, after)) return [];
    value.lastIndex = after;
    const found = value.exec(answer)?.[1];
    return found === undefined ? [] : [{ start: value.lastIndex - found.length, end: value.lastIndex, by }];
  });
}
