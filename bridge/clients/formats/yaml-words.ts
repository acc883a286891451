import { stringify } from 'yaml';
import type { ConfigTable, ConfigValue } from './format.ts';

export interface BlockStyle {
  /** How much further in a table stands than its key. */
  readonly indent: number;
  /** How much further in the `-` of a list stands than its key. */
  readonly dash: number;
}

/** The lines of a table, from its own column on. */
export function tableLines(table: ConfigTable, style: BlockStyle): string[] {
  return Object.entries(table).flatMap(([name, value]) => pairLines(name, value, style));
}

export function pairLines(name: string, value: ConfigValue, style: BlockStyle): string[] {
  const lines = belowKey(value, style);
  return lines ? [`${word(name)}:`, ...lines] : [`${word(name)}: ${inline(value)}`];
}

/** The lines of a value below its key, from the column of the key on; undefined for one that stands behind its key. */
export function belowKey(value: ConfigValue, style: BlockStyle): string[] | undefined {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return undefined;
  if (isList(value))
    return shifted(
      value.flatMap((member) => memberLines(member, style)),
      style.dash,
    );
  return shifted(tableLines(value, style), style.indent);
}

/** The lines of a member of a list, `-` and all. */
export function memberLines(member: ConfigValue, style: BlockStyle, gap = 1): string[] {
  const isBlock =
    typeof member === 'object' && member !== null && !isList(member) && Object.keys(member).length > 0;
  const [first = '', ...rest] = isBlock ? tableLines(member, style) : [inline(member)];
  return [`-${' '.repeat(gap)}${first}`, ...shifted(rest, gap + 1)];
}

export function shifted(lines: readonly string[], columns: number): string[] {
  return lines.map((line) => ' '.repeat(columns) + line);
}

/** A value in brackets, every text in double quotes. */
export function flowText(value: ConfigValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (isList(value)) return `[${value.map(flowText).join(', ')}]`;
  const pairs = Object.entries(value).map(([name, one]) => flowPair(name, one));
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

export function flowPair(name: string, value: ConfigValue): string {
  const plain = /^[A-Za-z_][\w-]*$/.test(name) && !word(name).startsWith('"');
  return `${plain ? name : quoted(name)}: ${flowText(value)}`;
}

function inline(value: ConfigValue): string {
  return typeof value === 'string' ? word(value) : flowText(value);
}

/** A text that no reader of YAML 1.1 or 1.2 takes for something else: in quotes where it has to be. */
function word(text: string): string {
  if (text !== text.trim() || /^(?:---|\.\.\.)/.test(text) || /[\p{Cc}\u2028\u2029\ufeff]/u.test(text))
    return quoted(text);
  return stringify(text, { compat: 'yaml-1.1', lineWidth: 0, singleQuote: false }).trimEnd();
}

/** In double quotes, with the escapes of JSON, which YAML has too; what no reader should meet raw is escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isList(value: ConfigValue): value is readonly ConfigValue[] {
  return Array.isArray(value);
}
