import type { AST } from 'toml-eslint-parser';
import { type Bracketed, type ListStyle, withMember, withoutMember } from './bracketed.ts';
import { isTable, missingValue, type NewEntry, spoken, verified, type Way } from './entries.ts';
import {
  type ConfigFormat,
  type ConfigValue,
  type ServerList,
  ShapeTrouble,
  type Splice,
  spliced,
} from './format.ts';
import {
  afterBlanks,
  afterBreak,
  beforeBreak,
  between,
  type Edit,
  firstIndent,
  indentAt,
  isBreak,
  joined,
  lineEndOf,
  lineStart,
  lineStop,
  troubleAt,
} from './text-style.ts';
import { namesOf, type Statement, startsWith, type TomlText, tomlText } from './toml-text.ts';
import { keyText, lines, valueText } from './toml-words.ts';

/**
 * TOML 1.0; files that use what 1.1 added are read too. An entry is written as a table of its own, `[mcp_servers.name]`,
 * with a blank line above it, or as `name = { … }` where the others of its list are; tables in it are inline tables.
 *
 * An entry that was put in and taken out again leaves the text as it was. A list that nothing but its entries makes
 * (`[mcp_servers.a]` without `[mcp_servers]`) goes with its last entry, since TOML has no empty one; one that had to be
 * made in a table of one line stays.
 */
export const toml: ConfigFormat = verified<TomlText>({
  parse: tomlText,
  content: ({ content }) => content,
  noTable: ({ text }) => troubleAt(text, 0, 'a table was expected'),
  comparable: (content, { path }) => withoutEmpty(content, path),
  add,
  replace,
  remove,
});

function add(toml: TomlText, entry: NewEntry): Splice {
  const { list, name, value } = entry;
  const { text, statements } = toml;
  const inline = statements.find(
    ({ node, way }) => node.type === 'TOMLKeyValue' && startsWith(list.path, way),
  );
  if (inline?.node.type === 'TOMLKeyValue') {
    return addInline(text, inline.node.value, list.path.slice(inline.way.length), entry);
  }
  const inList = statements.filter(({ way }) => startsWith(way, list.path));
  const tables = inList.filter(({ node }) => node.type === 'TOMLTable');
  const members = inList.filter(
    ({ node, within }) => node.type === 'TOMLKeyValue' && within.length <= list.path.length,
  );
  const lineEnd = lineEndOf(text);
  const last = members.at(-1);
  if (last && list.nameField === undefined && tables.every(({ way }) => way.length === list.path.length)) {
    const key = keyText([...list.path.slice(last.within.length), name]);
    const start = lineStop(text, last.end);
    return {
      start,
      removed: '',
      added: `${lineEnd}${indentAt(text, last.start)}${key} = ${valueText(value)}`,
    };
  }
  const header =
    list.nameField === undefined ? `[${keyText([...list.path, name])}]` : `[[${keyText(list.path)}]]`;
  const sibling = tables.findLast(({ way }) => way.length === list.path.length + 1);
  const body = sibling && bodyOf(statements, sibling)[0];
  const outer = sibling ? indentAt(text, sibling.start) : '';
  const inner = body ? indentAt(text, body.start) : outer;
  const block = [outer + header, ...lines(value).map((line) => inner + line)].join(lineEnd);
  if (text.trim() === '')
    return { start: 0, removed: '', added: text.includes('\n') ? block : block + lineEnd };
  const end = tables.at(-1)?.end;
  const start =
    end === undefined ? lineStop(text, text.trimEnd().length) : afterComments(text, lineStop(text, end));
  return { start, removed: '', added: lineEnd + lineEnd + block };
}

function replace(toml: TomlText, way: Way, entry: NewEntry): Splice {
  const { text, statements } = toml;
  const own = statements.find(
    ({ way: one, node }) => one.length === way.length && startsWith(one, way) && isOwn(node, way),
  );
  if (own?.node.type === 'TOMLTable') {
    const body = bodyOf(statements, own);
    const [first, last] = [body[0], body.at(-1)];
    const indent = indentAt(text, first?.start ?? own.start);
    const start = lineStop(text, headerEnd(text, own.node));
    const end = last ? lineStop(text, last.end) : start;
    const lineEnd = lineEndOf(text);
    const by = lines(entry.value).map((line) => lineEnd + indent + line);
    const others = statements.filter(
      (one) => one !== own && one.node.type === 'TOMLTable' && startsWith(one.way, way),
    );
    return joined(text, [{ start, end, by: by.join('') }, ...removals(text, others)]);
  }
  const value = own?.node.type === 'TOMLKeyValue' ? own.node.value : inlineValue(toml, way);
  if (value) {
    const [start, end] = value.range;
    return { start, removed: text.slice(start, end), added: valueText(entry.value) };
  }
  // In pieces, which have no one place.
  const without = spliced(text, remove(toml, way, entry.list));
  return between(text, spliced(without, add(tomlText(without), entry)));
}

function remove(toml: TomlText, way: Way, _list: ServerList): Splice {
  const { text, statements } = toml;
  const outer = outerPair(toml, way);
  if (outer) {
    const found = inlineMember(outer.value, outer.rest);
    if (!found) throw new ShapeTrouble(spoken(way), 'it was not found');
    const splice = withoutMember(text, bracketed(found.list), found.index);
    if (found.exact) return splice;
    const without = spliced(text, splice);
    const next = tomlText(without);
    const again = outerPair(next, way);
    return again && inlineMember(again.value, again.rest)
      ? between(text, spliced(without, remove(next, way, _list)))
      : splice;
  }
  const tables = statements.filter(({ node, way: one }) => node.type === 'TOMLTable' && startsWith(one, way));
  const members = statements.filter(
    ({ node, way: one, within }) =>
      node.type === 'TOMLKeyValue' && startsWith(one, way) && !startsWith(within, way),
  );
  return joined(text, removals(text, [...members, ...tables]));
}

/** Edits that take statements out, with their lines. */
function removals(text: string, statements: readonly Statement[]): Edit[] {
  const edits: Edit[] = [];
  let from = 0;
  for (const { node, start, end } of statements.toSorted((a, b) => a.start - b.start)) {
    const stop = lineStop(text, end);
    const comment = afterBlanks(text, end);
    if (node.type === 'TOMLKeyValue' && comment < stop) {
      edits.push({ start, end: comment, by: '' });
      from = comment;
      continue;
    }
    const line = lineStart(text, start);
    const above = beforeBreak(text, line);
    const blank =
      node.type === 'TOMLTable' && above > 0 && lineStart(text, above) === above
        ? beforeBreak(text, above)
        : above;
    const edit = { start: Math.max(from, blank), end: line === 0 ? afterBreak(text, stop) : stop, by: '' };
    edits.push(edit);
    from = edit.end;
  }
  return edits;
}

/** Behind comments that follow without a blank line, when a blank line or the end of the file follows them. */
function afterComments(text: string, lineStopAt: number): number {
  let at = lineStopAt;
  for (;;) {
    const next = afterBreak(text, at);
    const first = afterBlanks(text, next);
    if (first === text.length || isBreak(text, first)) return at;
    if (next === at || text.charAt(first) !== '#') return lineStopAt;
    at = lineStop(text, first);
  }
}

function bodyOf(statements: readonly Statement[], table: Statement): Statement[] {
  return statements.filter(
    ({ node, start, end }) => node.type === 'TOMLKeyValue' && start > table.start && end <= table.end,
  );
}

function headerEnd(text: string, { key, kind }: AST.TOMLTable): number {
  return text.indexOf(']', key.range[1]) + (kind === 'array' ? 2 : 1);
}

/** A table that only is one because of a table in it has no header of its own to keep. */
function isOwn(node: AST.TOMLTable | AST.TOMLKeyValue, way: Way): boolean {
  return (
    node.type === 'TOMLKeyValue' || node.kind === (typeof way.at(-1) === 'number' ? 'array' : 'standard')
  );
}

/** The pair with a value of one line that holds what the way leads to, and the rest of the way. */
function outerPair(toml: TomlText, way: Way): { value: AST.TOMLContentNode; rest: Way } | undefined {
  const found = toml.statements.find(
    ({ node, way: one }) => node.type === 'TOMLKeyValue' && one.length < way.length && startsWith(way, one),
  );
  return found?.node.type === 'TOMLKeyValue'
    ? { value: found.node.value, rest: way.slice(found.way.length) }
    : undefined;
}

type InlineList = AST.TOMLInlineTable | AST.TOMLArray;

/** The member of an inline table or array that the way leads to, or the first piece of it (`a.b = 1` of `a`). */
function inlineMember(
  list: AST.TOMLContentNode,
  way: Way,
): { list: InlineList; index: number; value: AST.TOMLContentNode; exact: boolean } | undefined {
  const [key, ...rest] = way;
  if (list.type === 'TOMLArray') {
    const value = typeof key === 'number' ? list.elements[key] : undefined;
    if (value === undefined || typeof key !== 'number') return undefined;
    return rest.length > 0 ? inlineMember(value, rest) : { list, index: key, value, exact: true };
  }
  if (list.type !== 'TOMLInlineTable') return undefined;
  for (const [index, pair] of list.body.entries()) {
    const names = namesOf(pair.key);
    if (startsWith(names, way)) return { list, index, value: pair.value, exact: names.length === way.length };
    if (startsWith(way, names)) return inlineMember(pair.value, way.slice(names.length));
  }
  return undefined;
}

function inlineValue(toml: TomlText, way: Way): AST.TOMLContentNode | undefined {
  const outer = outerPair(toml, way);
  const found = outer && inlineMember(outer.value, outer.rest);
  return found?.exact ? found.value : undefined;
}

function addInline(
  text: string,
  value: AST.TOMLContentNode,
  rest: readonly string[],
  entry: NewEntry,
): Splice {
  const inner = rest.length > 0 ? inlineMember(value, rest) : undefined;
  if (inner?.exact) return addInline(text, inner.value, [], entry);
  if (value.type === 'TOMLArray') {
    return withMember(text, bracketed(value), styleOf(text, value), () => valueText(entry.value));
  }
  if (value.type !== 'TOMLInlineTable') throw new ShapeTrouble(spoken(entry.list.path), 'it is no table');
  for (const pair of value.body) {
    const names = namesOf(pair.key);
    if (names.length < rest.length && startsWith(rest, names)) {
      return addInline(text, pair.value, rest.slice(names.length), entry);
    }
  }
  const isList = entry.list.nameField !== undefined;
  const key = keyText(isList ? rest : [...rest, entry.name]);
  const written = valueText(isList ? missingValue([], entry) : entry.value);
  return withMember(text, bracketed(value), styleOf(text, value), () => `${key} = ${written}`);
}

function bracketed(list: InlineList): Bracketed {
  const members = list.type === 'TOMLArray' ? list.elements : list.body;
  return {
    open: list.range[0],
    close: list.range[1] - 1,
    members: members.map(({ range: [start, end] }) => ({ start, end })),
  };
}

function styleOf(text: string, list: InlineList): ListStyle {
  const { open, members } = bracketed(list);
  const pad = members.length === 0 ? list.type === 'TOMLInlineTable' : /[ \t]/.test(text.charAt(open + 1));
  return {
    lineEnd: lineEndOf(text),
    unit: firstIndent(text) ?? '  ',
    emptyInline: true,
    gap: ' ',
    pad: pad ? ' ' : '',
  };
}

/** Without the list when it is empty, and what is then empty around it: TOML may have no words for them. */
function withoutEmpty(content: ConfigValue, path: readonly string[]): ConfigValue {
  const [step, ...rest] = path;
  if (step === undefined || !isTable(content)) return content;
  const inner = Object.hasOwn(content, step) ? withoutEmpty(content[step] ?? null, rest) : {};
  const kept = Object.entries(content).filter(([name]) => name !== step);
  const isEmpty = typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0;
  return Object.fromEntries(isEmpty ? kept : [...kept, [step, inner]]);
}
