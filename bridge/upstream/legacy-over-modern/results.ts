import { isRecord } from '../../base/record.ts';
import type { ResponseMessage } from '../../jsonrpc/message.ts';
import { edited, isEmptyObject, objectText, valueText, without } from '../../jsonrpc/object-text.ts';
import { locate, outline, replaceSpans } from '../../jsonrpc/text.ts';
import { CAPABILITY_MISSING } from '../modern/envelope.ts';
import { withoutServerInfo } from './welcome.ts';

const LISTS_AND_READS: ReadonlySet<string> = new Set([
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);
const RESULT_TYPE: ReadonlySet<string> = new Set(['resultType']);
const CACHE_HINTS: ReadonlySet<string> = new Set(['ttlMs', 'cacheScope']);

/** What kind of result it is; absent means `complete`, as from an older server (MCP 2026-07-28, basic). */
export function resultTypeOf({ result }: ResponseMessage): unknown {
  return isRecord(result) ? (result.resultType ?? 'complete') : 'complete';
}

/**
 * The text of a workspace's final answer as a client of the older era knows it: without the result's type, cache hints
 * and server name. What it does not concern keeps its bytes.
 */
export function plainAnswer(answer: ResponseMessage, method: string): string {
  if (answer.error) return plainError(answer);
  const span = locate(answer.text, ['result']);
  if (!span) return answer.text;
  const before = answer.text.slice(span.start, span.end);
  let result = withoutServerInfo(without(before, RESULT_TYPE));
  if (LISTS_AND_READS.has(method)) result = without(result, CACHE_HINTS);
  if (method === 'tools/list') result = withObjectSchemas(result, answer.result);
  if (method === 'tools/call') result = withObjectContent(result, answer.result);
  return result === before ? answer.text : replaceSpans(answer.text, [{ ...span, by: result }]);
}

/** What the client lacks, in words: no client of the older era knows this code (MCP 2026-07-28, basic). */
function plainError(answer: ResponseMessage): string {
  const span = locate(answer.text, ['error', 'message']);
  if (answer.error?.code !== CAPABILITY_MISSING || !span) return answer.text;
  const data = isRecord(answer.error.data) ? answer.error.data : {};
  const names = isRecord(data.requiredCapabilities) ? Object.keys(data.requiredCapabilities) : [];
  const named = names.join(', ').slice(0, 100) || 'a capability';
  const said = String(answer.error.message).slice(0, 2000);
  const text = `The workspace needs an app that offers ${named}; this app does not. It says: ${said}`;
  return replaceSpans(answer.text, [{ ...span, by: JSON.stringify(text) }]);
}

/**
 * Schemas of MCP 2026-07-28 may be anything JSON Schema knows. In those of MCP 2025-11-25 an output is an object and a
 * property is described by an object; a client of that era would refuse the whole list.
 */
function withObjectSchemas(text: string, result: unknown): string {
  const tools: readonly unknown[] = isRecord(result) && Array.isArray(result.tools) ? result.tools : [];
  if (tools.every((tool) => describesObject(tool) && !describesByBoolean(tool))) return text;
  const list = locate(text, ['tools']);
  const shape = list && outline(text, list);
  if (shape?.kind !== 'array') return text;
  const edits = shape.elements.flatMap((span, at) => {
    const tool = tools[at];
    let by = text.slice(span.start, span.end);
    if (!describesObject(tool)) by = without(by, new Set(['outputSchema']));
    if (describesByBoolean(tool)) by = withObjectProperties(by);
    return [{ ...span, by }];
  });
  return replaceSpans(text, edits);
}

const SCHEMAS = ['inputSchema', 'outputSchema'] as const;

function describesByBoolean(tool: unknown): boolean {
  if (!isRecord(tool)) return false;
  return SCHEMAS.some((name) => {
    const schema = tool[name];
    const properties = isRecord(schema) && isRecord(schema.properties) ? schema.properties : {};
    return Object.values(properties).some((property) => typeof property === 'boolean');
  });
}

/** JSON Schema 2020-12, section 4.3.2: what the two boolean schemas mean, as objects. */
const AS_OBJECT: ReadonlyMap<string, string> = new Map([
  ['true', '{}'],
  ['false', '{"not":{}}'],
]);

function withObjectProperties(tool: string): string {
  const edits = SCHEMAS.flatMap((name) => {
    const span = locate(tool, [name, 'properties']);
    const shape = span && outline(tool, span);
    if (shape?.kind !== 'object') return [];
    return shape.members.flatMap(({ start, end }) => {
      const by = AS_OBJECT.get(tool.slice(start, end));
      return by === undefined ? [] : [{ start, end, by }];
    });
  });
  return replaceSpans(tool, edits);
}

function describesObject(tool: unknown): boolean {
  if (!isRecord(tool) || tool.outputSchema === undefined) return true;
  return isRecord(tool.outputSchema) && tool.outputSchema.type === 'object';
}

/** Structured content may be any value now; it was an object before, so another value is put into one. */
function withObjectContent(text: string, result: unknown): string {
  if (!isRecord(result) || result.structuredContent === undefined) return text;
  if (isRecord(result.structuredContent)) return text;
  const value = valueText(text, ['structuredContent']) ?? 'null';
  const wrapped = edited(text, { structuredContent: `{"result":${value}}` });
  const content: readonly unknown[] = Array.isArray(result.content) ? result.content : [];
  if (content.some((part) => isRecord(part) && part.type === 'text')) return wrapped;
  const said = `{"type":"text","text":${JSON.stringify(value)}}`;
  const before = valueText(wrapped, ['content']);
  if (content.length === 0 || before === undefined) return edited(wrapped, { content: `[${said}]` });
  return edited(wrapped, { content: `${before.slice(0, -1)},${said}]` });
}

/** The message of a listen without the mark that tells to which listen it belongs. */
export function withoutMark(notification: string, mark: string): string {
  const before = objectText(notification, ['params', '_meta']);
  const after = without(before, new Set([mark]));
  const span = locate(notification, ['params']);
  if (after === before || !span) return notification;
  const params = notification.slice(span.start, span.end);
  const by = isEmptyObject(after) ? without(params, new Set(['_meta'])) : edited(params, { _meta: after });
  return replaceSpans(notification, [{ ...span, by }]);
}
