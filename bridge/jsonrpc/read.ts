import { limits } from '../base/limits.ts';
import { objectAt } from './members.ts';
import type { BatchMessage, Message, RefusedMessage, ResultPlace } from './message.ts';
import { parse } from './parse.ts';
import { type Member, outline, type Span } from './text.ts';

/** JSON-RPC 2.0 section 5.1. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

const LARGEST_BATCH = 100;
const ENVELOPE = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function refuse(code: number, because: string, id: string | null = null): RefusedMessage {
  return { kind: 'refused', id, code, because };
}

/**
 * Reads one JSON-RPC 2.0 message without changing a byte of it. Ids are kept as text, so `9007199254740993` survives.
 * Whatever two parsers could understand differently is refused rather than guessed: invalid UTF-8, duplicate keys in
 * the envelope or directly in the params, `__proto__` in the envelope, keys that differ from an envelope key in case
 * only (those are left out of what is forwarded). MCP forbids null ids on requests; nesting is limited before anything
 * is parsed.
 */
export function readMessage(bytes: Uint8Array): Message {
  if (bytes.length > limits.answerBytes) return refuse(INVALID_REQUEST, 'The message is too large.');
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refuse(PARSE_ERROR, 'The message is not valid UTF-8.');
  }
  return readText(text, bytes);
}

function readText(text: string, bytes: Uint8Array): Message {
  const long: Span[] = [];
  const shape = outline(text, undefined, { maxDepth: limits.jsonDepth, inner: true, long });
  if (!shape) return refuse(INVALID_REQUEST, `The message nests deeper than ${limits.jsonDepth} levels.`);
  let parsed: unknown;
  try {
    parsed = long.length > 0 ? parse(text, bytes, long) : JSON.parse(text);
  } catch {
    return refuse(PARSE_ERROR, 'The message is not valid JSON.');
  }
  if (shape.kind === 'array') {
    return readBatch(shape.elements.map((span) => text.slice(span.start, span.end)));
  }
  if (shape.kind === 'other') return refuse(INVALID_REQUEST, 'A message must be a JSON object.');
  return readEnvelope(text, bytes, shape.members, parsed as Record<string, unknown>);
}

function readBatch(elements: readonly string[]): Message {
  if (elements.length === 0) return refuse(INVALID_REQUEST, 'The batch is empty.');
  if (elements.length > LARGEST_BATCH) return refuse(INVALID_REQUEST, 'The batch is too long.');
  const messages: BatchMessage['messages'][number][] = [];
  for (const element of elements) {
    const message = readText(element, Buffer.from(element));
    messages.push(
      message.kind === 'batch' ? refuse(INVALID_REQUEST, 'A batch cannot contain a batch.') : message,
    );
  }
  return { kind: 'batch', messages };
}

function readEnvelope(
  original: string,
  originalBytes: Uint8Array,
  members: readonly Member[],
  parsed: Record<string, unknown>,
): Exclude<Message, BatchMessage> {
  const spans = new Map<string, Member>();
  let lookalike = false;
  for (const member of members) {
    if (spans.has(member.key)) return refuse(INVALID_REQUEST, 'The message has a key twice.');
    if (member.key === '__proto__') return refuse(INVALID_REQUEST, 'The message has a forbidden key.');
    spans.set(member.key, member);
    if (isLookalike(member.key)) lookalike = true;
  }
  const idSpan = spans.get('id');
  const idText = idSpan ? original.slice(idSpan.start, idSpan.end) : undefined;
  const idFault = idText === undefined ? undefined : faultOfId(idText, parsed.id);
  const id = idText !== undefined && idFault === undefined ? idText : null;
  const isAnswer = spans.has('result') || spans.has('error');
  const refuseThis = (because: string): RefusedMessage =>
    isAnswer && !spans.has('method')
      ? { ...refuse(INVALID_REQUEST, because), isAnswer: true }
      : refuse(INVALID_REQUEST, because, id);

  if (parsed.jsonrpc !== '2.0') return refuseThis('The message is not JSON-RPC 2.0.');
  const text = lookalike ? withoutLookalikes(original, members) : original;
  const bytes = lookalike ? Buffer.from(text) : originalBytes;

  if (isAnswer) {
    if (spans.has('method')) return refuseThis('A message cannot both ask and answer.');
    if (spans.has('result') && spans.has('error')) {
      return refuseThis('An answer cannot have both a result and an error.');
    }
    if (idFault !== undefined && parsed.id !== null) return refuseThis(idFault);
    const error = parsed.error;
    if (spans.has('error') && (typeof error !== 'object' || error === null || Array.isArray(error))) {
      return refuseThis('The error of an answer must be an object.');
    }
    return {
      kind: 'response',
      bytes,
      text,
      id,
      result: parsed.result,
      error: error as { code: unknown; message: unknown } | undefined,
      resultAt: lookalike ? undefined : placeOf(original, spans.get('result')),
    };
  }
  if (idFault !== undefined) return refuse(INVALID_REQUEST, idFault);
  const method = parsed.method;
  if (typeof method !== 'string' || !isMethod(method)) {
    return refuse(INVALID_REQUEST, 'The message has no valid method.', id);
  }
  const params = parsed.params ?? {};
  if (typeof params !== 'object' || Array.isArray(params)) {
    return refuse(INVALID_PARAMS, 'The params must be an object.', id);
  }
  const paramsSpan = spans.get('params');
  if (paramsSpan && hasAmbiguousKeys(original, paramsSpan)) {
    return refuse(INVALID_REQUEST, 'The params have a key twice.', id);
  }
  const common = { bytes, text, method, params: params as Record<string, unknown> };
  return id === null ? { kind: 'notification', ...common } : { kind: 'request', id, ...common };
}

function placeOf(text: string, span: Member | undefined): ResultPlace | undefined {
  return span?.members && { text, start: span.start, end: span.end, members: span.members };
}

function isMethod(method: string): boolean {
  return (
    method.length > 0 && method.length <= limits.methodCharacters && !/[\u0000-\u001f\u007f]/.test(method)
  );
}

function faultOfId(text: string, value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value.length > limits.idCharacters ? 'The id is too long.' : undefined;
  }
  if (typeof value !== 'number') return 'The id must be a string or a whole number.';
  if (text.length > limits.idCharacters) return 'The id is too long.';
  return Number.isInteger(value) && /^-?\d+(\.0+)?([eE]\+?\d+)?$/.test(text)
    ? undefined
    : 'The id must be a string or a whole number.';
}

/** Some parsers ignore case when they look for a key, and fold letters such as U+017F, the long s, into plain ones. */
function fold(key: string): string {
  return key.toUpperCase().toLowerCase();
}

function isLookalike(key: string): boolean {
  return !ENVELOPE.includes(key) && ENVELOPE.includes(fold(key));
}

/** Two parsers could read two different values: rules would judge one tool name and the workspace run another. */
function hasAmbiguousKeys(text: string, params: Member): boolean {
  const members = params.members ?? objectAt(text, ['params'])?.members ?? [];
  return members.length > 1 && new Set(members.map(({ key }) => fold(key))).size < members.length;
}

/** The envelope again, member by member, without keys such as `Method` that a lax parser would take for `method`. */
function withoutLookalikes(text: string, members: readonly Member[]): string {
  const kept = members.filter((member) => !isLookalike(member.key));
  const parts = kept.map((member) => `${JSON.stringify(member.key)}:${text.slice(member.start, member.end)}`);
  return `{${parts.join(',')}}`;
}

/** The ids of nearly all clients; what holds for every whole number is plain for these. */
const SHORT_INTEGER = /^(0|[1-9]\d{0,14})$/;

/**
 * Equal for ids that mean the same (`"a"` and `"\u0061"`), different for `1` and `"1"`. A number that JavaScript cannot
 * hold exactly keeps its own text.
 */
export function idKey(idText: string): string {
  if (SHORT_INTEGER.test(idText)) return idText;
  const value: unknown = JSON.parse(idText);
  if (typeof value === 'number' && !isPlainInteger(idText)) return `text ${idText}`;
  return JSON.stringify(value);
}

/** The id comes back unchanged from any JSON implementation. */
export function isPlainInteger(idText: string): boolean {
  if (SHORT_INTEGER.test(idText)) return true;
  const value: unknown = JSON.parse(idText);
  return typeof value === 'number' && Number.isSafeInteger(value) && String(value) === idText;
}
