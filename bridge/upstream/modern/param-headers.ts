import { isRecord } from '../../base/record.ts';
import type { ParamHeader } from './tool-schemas.ts';

/** MCP 2026-07-28, streamable HTTP: custom headers from tool parameters. */
const ANNOTATION = 'x-mcp-header';
const PREFIX = 'Mcp-Param-';
/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES: readonly unknown[] = ['string', 'integer', 'boolean'];

/** Where schemas stand below a schema, besides `properties`; an annotation there makes the tool invalid. */
const SCHEMAS = ['additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames', 'then'];
const MORE_SCHEMAS = ['unevaluatedItems', 'unevaluatedProperties'];
const SCHEMA_LISTS = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'];
const SCHEMA_TABLES = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties'];

/**
 * The arguments of a tool that travel as headers too.
 * @returns undefined when an annotation is invalid, so that a client over HTTP must not offer the tool.
 */
export function paramHeadersOf(inputSchema: unknown): readonly ParamHeader[] | undefined {
  const found: ParamHeader[] = [];
  if (!collect(inputSchema, [], true, found)) return undefined;
  const names = found.map(({ header }) => header.toLowerCase());
  return new Set(names).size === names.length ? found : undefined;
}

/** False when an annotation at or below `schema` is invalid; `reachable` through `properties` alone. */
function collect(
  schema: unknown,
  path: readonly string[],
  reachable: boolean,
  found: ParamHeader[],
): boolean {
  if (!isRecord(schema)) return true;
  if (Object.hasOwn(schema, ANNOTATION)) {
    const name = schema[ANNOTATION];
    const isValid = reachable && path.length > 0 && TYPES.includes(schema.type);
    if (!isValid || typeof name !== 'string' || !TOKEN.test(name)) return false;
    found.push({ path, header: PREFIX + name });
  }
  const properties = isRecord(schema.properties) ? Object.entries(schema.properties) : [];
  return (
    properties.every(([key, below]) => collect(below, [...path, key], reachable, found)) &&
    elsewhere(schema).every((below) => collect(below, path, false, found))
  );
}

function elsewhere(schema: Readonly<Record<string, unknown>>): readonly unknown[] {
  return [
    ...[...SCHEMAS, ...MORE_SCHEMAS].map((keyword) => schema[keyword]),
    ...SCHEMA_LISTS.flatMap((keyword) => (Array.isArray(schema[keyword]) ? schema[keyword] : [])),
    ...SCHEMA_TABLES.flatMap((keyword) => (isRecord(schema[keyword]) ? Object.values(schema[keyword]) : [])),
  ];
}

/** The headers of one call; an argument that is absent, null or no plain value has none. */
export function headersFor(params: readonly ParamHeader[], args: unknown): Record<string, string> {
  return Object.fromEntries(
    params.flatMap(({ path, header }) => {
      const text = plainText(valueAt(args, path));
      return text === undefined ? [] : [[header, encodeHeaderValue(text)]];
    }),
  );
}

function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args;
  for (const key of path) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** Whole numbers beyond 2^53 may mean something else to the reader, so they are left out. */
function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value);
}

const MARKED = /^=\?base64\?(.*)\?=$/s;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * A text as the value of a header. What a header cannot hold unchanged (anything but printable ASCII, blanks at an end,
 * nothing at all, the marker itself) is marked and travels as Base64 of its UTF-8.
 */
export function encodeHeaderValue(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !MARKED.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

/** @returns undefined when it is marked and holds no Base64 of UTF-8. */
export function decodeHeaderValue(value: string): string | undefined {
  const marked = MARKED.exec(value)?.[1];
  if (marked === undefined) return value;
  if (!BASE64.test(marked)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(marked, 'base64'));
  } catch {
    return undefined;
  }
}
