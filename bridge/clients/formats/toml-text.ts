import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import { type Key, MAX_DEPTH, type Way } from './entries.ts';
import type { ConfigValue } from './format.ts';
import { beforeBreak, lineStart, lineStop, troubleAt } from './text-style.ts';

/** A `[table]` with its body, or one `key = value` that stands at the top or in a table. */
export interface Statement {
  /** From the top of the file. */
  readonly way: Way;
  readonly start: number;
  /** Behind its last value. */
  readonly end: number;
  readonly node: AST.TOMLTable | AST.TOMLKeyValue;
  /** Of the table it stands in. */
  readonly within: Way;
}

export interface TomlText {
  readonly text: string;
  /** Tables, and what stands in none or directly in one; in the order of the file. */
  readonly statements: readonly Statement[];
  readonly content: ConfigValue;
}

/** @throws SyntaxTrouble. */
export function tomlText(text: string): TomlText {
  checkDepth(text);
  const statements: Statement[] = [];
  const top: Table = new Map();
  for (const node of parsed(text).body[0].body) {
    if (node.type === 'TOMLKeyValue') statements.push(pair(text, node, [], top));
    else {
      const way = node.resolvedKey;
      const [start, end] = node.range;
      statements.push({ way, start, end, node, within: [] });
      const table = tableAt(top, way);
      for (const member of node.body) statements.push(pair(text, member, way, table));
    }
  }
  return { text, statements, content: plain(top) };
}

/** The names of a key. */
export function namesOf({ keys }: AST.TOMLKey): string[] {
  return keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
}

export function startsWith(way: Way, beginning: Way): boolean {
  return beginning.every((key, index) => way[index] === key);
}

type Table = Map<string, Value>;
type Value = Table | Value[] | string | number | boolean;

function parsed(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text, { tomlVersion: '1.1' });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { message, index } = error;
    const isTwice = message === 'Defining a key multiple times is invalid';
    const because = isTwice
      ? 'this name stands there twice'
      : message.charAt(0).toLowerCase() + message.slice(1);
    throw troubleAt(text, isTwice ? index : beforeNextLine(text, index), because);
  }
}

/** The parser names the next line where the end of one came too early; the trouble is in that one. */
function beforeNextLine(text: string, at: number): number {
  const end = beforeBreak(text, Math.min(at, text.length));
  const line = text.slice(lineStart(text, end), end);
  return /^[^#=]*(?:=[ \t]*(?:#.*)?)?$/.test(line) && /[^ \t\]]/.test(line) ? end : at;
}

function pair(text: string, node: AST.TOMLKeyValue, within: Way, table: Table): Statement {
  const names = namesOf(node.key);
  const [start, end] = node.range;
  const way = [...within, ...names];
  if (way.length + depthOf(node.value) > MAX_DEPTH) throw troubleAt(text, start, 'it is nested too deep');
  store(table, names, valueIn(node.value));
  return { way, start, end, node, within };
}

function depthOf(node: AST.TOMLContentNode): number {
  if (node.type === 'TOMLArray')
    return 1 + node.elements.reduce((most, one) => Math.max(most, depthOf(one)), 0);
  if (node.type !== 'TOMLInlineTable') return 0;
  return node.body.reduce((most, { key, value }) => Math.max(most, key.keys.length + depthOf(value)), 1);
}

function valueIn(node: AST.TOMLContentNode): Value {
  if (node.type === 'TOMLArray') return node.elements.map(valueIn);
  if (node.type === 'TOMLInlineTable') {
    const table: Table = new Map();
    for (const { key, value } of node.body) store(table, namesOf(key), valueIn(value));
    return table;
  }
  return node.value instanceof Date ? ('datetime' in node ? node.datetime : '') : node.value;
}

function store(table: Table, names: readonly string[], value: Value): void {
  const inner = tableAt(table, names.slice(0, -1));
  inner.set(names.at(-1) ?? '', value);
}

/** The table there, made when it is missing. */
function tableAt(top: Table, way: Way): Table {
  let at: Value = top;
  for (const [index, key] of way.entries()) {
    const fresh = (): Value => (typeof way[index + 1] === 'number' ? [] : new Map());
    const next: Value | undefined = member(at, key);
    const value = next ?? fresh();
    if (next === undefined && at instanceof Map) at.set(String(key), value);
    else if (next === undefined && Array.isArray(at)) at.push(value);
    at = value;
  }
  return at instanceof Map ? at : new Map();
}

function member(value: Value, key: Key): Value | undefined {
  if (value instanceof Map) return value.get(String(key));
  return Array.isArray(value) && typeof key === 'number' ? value[key] : undefined;
}

/** Objects of a table; names like `__proto__` are ordinary ones. */
function plain(value: Value): ConfigValue {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, one]) => [name, plain(one)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

/** Looks at the depth before anything with a stack of its own does: brackets in brackets, and keys with many dots. */
function checkDepth(text: string): void {
  let depth = 0;
  let dots = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '#') at = lineStop(text, at);
    else if (character === '"' || character === "'") at = stringEnd(text, at, character) - 1;
    else if (character === '[' || character === '{') {
      depth += 1;
      dots = 0;
    } else if (character === ']' || character === '}') depth -= 1;
    else if (character === '.') dots += 1;
    else if (/[=,\n]/.test(character)) dots = 0;
    if (depth > MAX_DEPTH || dots > MAX_DEPTH) throw troubleAt(text, at, 'it is nested too deep');
  }
}

/** The place behind a string; behind its line when a string of one line has no end. */
function stringEnd(text: string, start: number, quote: string): number {
  const many = text.startsWith(quote.repeat(3), start);
  const closing = many ? quote.repeat(3) : quote;
  for (let at = start + closing.length; at < text.length; at += 1) {
    if (quote === '"' && text.charAt(at) === '\\') at += 1;
    else if (text.startsWith(closing, at)) {
      let end = at + closing.length;
      // Two more quotes may be the last characters of a text in three quotes.
      for (let more = 0; many && more < 2 && text.charAt(end) === quote; more += 1) end += 1;
      return end;
    } else if (!many && text.charAt(at) === '\n') return at;
  }
  return text.length;
}
