import { isDeepStrictEqual } from 'node:util';
import { BridgeError } from '../../contract/errors.ts';
import {
  type ConfigFormat,
  type ConfigTable,
  type ConfigValue,
  type ServerList,
  ShapeTrouble,
  type Splice,
  SyntaxTrouble,
  spliced,
} from './format.ts';

/** Deeper files are refused: no settings file is, and readers of them run out of stack. */
export const MAX_DEPTH = 200;

/** The way from the top of a file to one of its values: names of tables, places in arrays. */
export type Way = readonly Key[];

export type Key = string | number;

/** What is to stand in a list. */
export interface NewEntry {
  readonly list: ServerList;
  readonly name: string;
  /** As it stands in the list: with its name in it, where the list is an array. */
  readonly value: ConfigTable;
}

/** What a format has to know; where entries are, and whether the result is right, is the same for all of them. */
export interface Language<Parsed> {
  /** @throws SyntaxTrouble. */
  parse(text: string): Parsed;
  content(parsed: Parsed): ConfigValue;
  /** Why it cannot be read when its content is no table. */
  noTable(parsed: Parsed): SyntaxTrouble;
  /** Adds an entry, and what leads to it. */
  add(parsed: Parsed, entry: NewEntry): Splice;
  replace(parsed: Parsed, way: Way, entry: NewEntry): Splice;
  remove(parsed: Parsed, way: Way, list: ServerList): Splice;
  /** What of a content counts when a result is compared with what it should be. */
  comparable?(content: ConfigValue, list: ServerList): ConfigValue;
}

/** A format that looks at every result before it is given away: it never returns a splice that damages a file. */
export function verified<Parsed>(language: Language<Parsed>): ConfigFormat {
  const check = (text: string, splice: Splice, expected: ConfigValue, list: ServerList): Splice => {
    const comparable = (content: ConfigValue) => language.comparable?.(content, list) ?? content;
    let after: ConfigValue;
    try {
      after = language.content(language.parse(spliced(text, splice)));
    } catch (error) {
      if (error instanceof SyntaxTrouble) throw unsafe(error);
      throw error;
    }
    if (!isDeepStrictEqual(comparable(after), comparable(expected))) throw unsafe();
    return splice;
  };
  return {
    read(text) {
      const parsed = language.parse(text);
      const content = language.content(parsed);
      if (!isTable(content)) throw language.noTable(parsed);
      return content;
    },
    put(text, list, name, entry) {
      const parsed = language.parse(text);
      const content = language.content(parsed);
      const added: NewEntry = { list, name, value: member(list, name, entry) };
      const found = findEntry(content, list, name);
      if (found === undefined) {
        return check(
          text,
          language.add(parsed, added),
          withList(content, list.path, (old) => withEntry(old, added)),
          list,
        );
      }
      if (isDeepStrictEqual(found.value, added.value)) return { start: 0, removed: '', added: '' };
      const splice = language.replace(parsed, [...list.path, found.key], added);
      return check(
        text,
        splice,
        withList(content, list.path, (old) => withEntry(old, added, found.key)),
        list,
      );
    },
    take(text, list, name) {
      const parsed = language.parse(text);
      const content = language.content(parsed);
      const found = findEntry(content, list, name);
      if (found === undefined) return undefined;
      const splice = language.remove(parsed, [...list.path, found.key], list);
      return check(
        text,
        splice,
        withList(content, list.path, (old) => withoutEntry(old, found.key)),
        list,
      );
    },
  };
}

/** What is written where these names, outermost first, are missing on the way to the entry: a list with it. */
export function missingValue(names: readonly string[], entry: NewEntry): ConfigValue {
  const [first, ...rest] = names;
  if (first !== undefined) return { [first]: missingValue(rest, entry) };
  return entry.list.nameField === undefined ? { [entry.name]: entry.value } : [entry.value];
}

/** As a sentence names a place of a file: `mcpServers`, or `a.b`. */
export function spoken(path: Way): string {
  return path.length === 0 ? 'the whole file' : path.join('.');
}

export function isTable(value: ConfigValue | undefined): value is ConfigTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArray(value: ConfigValue): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

function unsafe(cause?: unknown): BridgeError {
  return new BridgeError(
    'internal',
    'Gangway cannot change this file without changing something else in it, so it left it alone. Make the entry by hand.',
    {},
    cause,
  );
}

/** @throws ShapeTrouble when the list, or what leads to it, is something else. */
function findEntry(
  content: ConfigValue,
  { path, nameField }: ServerList,
  name: string,
): { key: Key; value: ConfigValue } | undefined {
  let value: ConfigValue = content;
  for (const [index, step] of path.entries()) {
    if (!isTable(value)) throw wrongShape(path.slice(0, index), value, 'a table');
    if (!Object.hasOwn(value, step)) return undefined;
    value = value[step] ?? null;
    if (value === null) return undefined;
  }
  if (nameField === undefined) {
    if (!isTable(value)) throw wrongShape(path, value, 'a table');
    return Object.hasOwn(value, name) ? { key: name, value: value[name] ?? null } : undefined;
  }
  if (!isArray(value)) throw wrongShape(path, value, 'a list');
  const found = [...value.entries()].filter(
    ([, one]) => isTable(one) && Object.hasOwn(one, nameField) && one[nameField] === name,
  );
  if (found.length > 1) throw new ShapeTrouble(spoken(path), 'it has several entries of this name');
  return found[0] && { key: found[0][0], value: found[0][1] };
}

function wrongShape(path: readonly string[], value: ConfigValue, wanted: string): ShapeTrouble {
  const kinds = { string: 'a text', number: 'a number', boolean: 'yes or no', object: 'a table' };
  if (value === null) return new ShapeTrouble(spoken(path), `it is empty, not ${wanted}`);
  const kind = isArray(value) ? 'a list' : kinds[typeof value as keyof typeof kinds];
  return new ShapeTrouble(spoken(path), `it is ${kind}, not ${wanted}`);
}

/** A content with another list. */
function withList(
  value: ConfigValue | undefined,
  path: readonly string[],
  edit: (list: ConfigValue | undefined) => ConfigValue,
): ConfigValue {
  const [step, ...rest] = path;
  if (step === undefined) return edit(value);
  const table = isTable(value) ? value : {};
  const inner = Object.hasOwn(table, step) ? table[step] : undefined;
  return { ...table, [step]: withList(inner, rest, edit) };
}

/** A list with the entry in place of the one that has this key, or behind all others. */
function withEntry(
  list: ConfigValue | undefined,
  { list: { nameField }, name, value }: NewEntry,
  key?: Key,
): ConfigValue {
  if (nameField === undefined) return { ...(isTable(list) ? list : {}), [name]: value };
  const members = list !== undefined && isArray(list) ? list : [];
  return key === undefined ? [...members, value] : members.map((one, index) => (index === key ? value : one));
}

function withoutEntry(list: ConfigValue | undefined, key: Key): ConfigValue {
  if (list !== undefined && isArray(list)) return list.filter((_, index) => index !== key);
  return Object.fromEntries(Object.entries(isTable(list) ? list : {}).filter(([name]) => name !== key));
}

/** @throws BridgeError `internal` for what no format can hold. */
function member({ nameField }: ServerList, name: string, entry: ConfigTable): ConfigTable {
  const plain = plainTable(entry, 0);
  return nameField === undefined ? plain : { [nameField]: name, ...plain, [nameField]: name };
}

function plainTable(table: ConfigTable, depth: number): ConfigTable {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, plain(value, depth + 1)]));
}

/** A value that means the same in all formats: -0 is 0. */
function plain(value: ConfigValue, depth: number): ConfigValue {
  if (depth > MAX_DEPTH / 2) throw unwritable();
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw unwritable();
    return value;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unwritable();
    return value === 0 ? 0 : value;
  }
  if (isArray(value)) return value.map((one) => plain(one, depth + 1));
  return isTable(value) ? plainTable(value, depth) : value;
}

/** For what a format cannot hold. */
export function unwritable(): BridgeError {
  return new BridgeError(
    'internal',
    'Gangway made an entry that no settings file can hold, so it wrote nothing. Make the entry by hand.',
  );
}
