import { type Bracketed, type ListStyle, withMember, withoutMember } from './bracketed.ts';
import { type Key, missingValue, type NewEntry, spoken, verified, type Way } from './entries.ts';
import { type ConfigFormat, type ConfigValue, ShapeTrouble, type Splice } from './format.ts';
import {
  afterBlanks,
  afterBreak,
  beforeBreak,
  beginsLine,
  type Edit,
  firstIndent,
  joined,
  lineEndOf,
  lineStart,
  lineStop,
  troubleAt,
} from './text-style.ts';
import { type YamlItem, type YamlNode, type YamlText, yamlText } from './yaml-text.ts';
import {
  type BlockStyle,
  belowKey,
  flowPair,
  flowText,
  memberLines,
  pairLines,
  shifted,
} from './yaml-words.ts';

/**
 * YAML 1.2, one document. Entries are written on lines of their own; only a list in brackets gets its entry in there.
 *
 * An entry that was put in and taken out again leaves the text as it was; only a list that had to be made, or had
 * nothing behind its colon, stays as `{}` or `[]`.
 */
export const yaml: ConfigFormat = verified<YamlText>({
  parse: yamlText,
  content: ({ root }) => root?.value ?? {},
  noTable: ({ text, root }) => troubleAt(text, root?.start ?? 0, 'a name with a colon was expected'),
  add,
  replace,
  remove,
});

function add({ text, root, end }: YamlText, entry: NewEntry): Splice {
  const { path } = entry.list;
  const style = styleOf(text, root, []);
  if (root === undefined || isBare(text, root)) {
    const lines = missingLines(path, entry, style);
    if (root)
      return {
        start: root.start,
        removed: text.slice(root.start, root.end),
        added: lines.join(lineEndOf(text)),
      };
    return begun(text, end, lines);
  }
  const chain: YamlNode[] = [root];
  let node = root;
  for (const [index, key] of path.entries()) {
    const rest = path.slice(index + 1);
    const item = node.items.find((one) => one.key === key);
    if (item === undefined) return newItem(text, chain, key, missingValue(rest, entry), path);
    const next = item.node;
    if (next.kind === 'empty' || next.kind === 'scalar' || (!node.flow && isBare(text, next))) {
      return filled(text, node, item, missingValue(rest, entry), styleOf(text, root, chain));
    }
    chain.push(next);
    node = next;
  }
  return newItem(text, chain, entry.list.nameField === undefined ? entry.name : undefined, entry.value, path);
}

function replace({ text, root }: YamlText, way: Way, entry: NewEntry): Splice {
  const { chain, item } = chainTo(root, way);
  const outer = chain.at(-1);
  if (outer === undefined || item === undefined) throw lost(way);
  if (!outer.flow) return filled(text, outer, item, entry.value, styleOf(text, root, chain));
  const { start, end, node } = item;
  if (node.kind !== 'empty')
    return { start: node.start, removed: text.slice(node.start, node.end), added: flowText(entry.value) };
  return {
    start,
    removed: text.slice(start, end),
    added: item.key === undefined ? flowText(entry.value) : flowPair(item.key, entry.value),
  };
}

function remove({ text, root }: YamlText, way: Way): Splice {
  const { chain, item } = chainTo(root, way);
  const outer = chain.at(-1);
  const index = item && outer ? outer.items.indexOf(item) : -1;
  if (outer === undefined || item === undefined) throw lost(way);
  if (outer.flow) return withoutMember(text, bracketed(outer), index);
  if (!beginsLine(text, item.start))
    throw new ShapeTrouble(spoken(way), 'it shares its line with something else');
  const stop = lineStop(text, item.end);
  const comment = afterBlanks(text, item.end);
  const line = lineStart(text, item.start);
  const edits: Edit[] = [];
  if (comment < stop && line === lineStart(text, item.end))
    edits.push({ start: item.start, end: comment, by: '' });
  else if (line === 0) edits.push({ start: 0, end: afterBreak(text, stop), by: '' });
  else edits.push({ start: beforeBreak(text, line), end: stop, by: '' });
  const block = outer.items[index - 1]?.node.open;
  if (block !== undefined) edits.push(...furtherOut(text, stop, block, column(text, item.start)));
  const above = chain.length > 1 ? chainTo(root, way.slice(0, -1)).item : undefined;
  if (outer.items.length === 1 && above) {
    edits.push({ start: above.lead, end: above.lead, by: outer.kind === 'map' ? ' {}' : ' []' });
  }
  return joined(text, edits);
}

/** Moves the next comment out to a column when the text block above would take it in; it ends that block then. */
function furtherOut(text: string, lineStopAt: number, block: number, columns: number): Edit[] {
  let next = afterBreak(text, lineStopAt);
  for (let at = lineStopAt; next > at; next = afterBreak(text, at)) {
    const first = afterBlanks(text, next);
    at = lineStop(text, first);
    if (first === at) continue;
    const isTaken = text.charAt(first) === '#' && first - next >= block;
    return isTaken ? [{ start: next + columns, end: first, by: '' }] : [];
  }
  return [];
}

/** A file without a value: empty, of comments, or with a `---` and nothing behind it. */
function begun(text: string, end: number, lines: readonly string[]): Splice {
  const lineEnd = lineEndOf(text);
  const block = lines.join(lineEnd);
  const before = text.slice(0, end).trimEnd();
  if (before === '') return { start: 0, removed: '', added: /[\r\n]$/.test(text) ? block : block + lineEnd };
  return { start: lineStop(text, before.length), removed: '', added: lineEnd + block };
}

function missingLines(path: readonly string[], entry: NewEntry, style: BlockStyle): string[] {
  const [first, ...rest] = path;
  return first === undefined
    ? pairLines(entry.name, entry.value, style)
    : pairLines(first, missingValue(rest, entry), style);
}

/** A new item behind the last one of the innermost node. */
function newItem(
  text: string,
  chain: readonly YamlNode[],
  key: string | undefined,
  value: ConfigValue,
  path: Way,
): Splice {
  const outer = chain.at(-1);
  if (outer === undefined) throw lost(path);
  if (outer.kind === 'alias')
    throw new ShapeTrouble(spoken(path), 'it only refers to another part of the file');
  if (outer.flow) {
    const written = key === undefined ? flowText(value) : flowPair(key, value);
    return withMember(text, bracketed(outer), flowStyle(text, outer), () => written);
  }
  const last = outer.items.at(-1);
  if (last === undefined) throw lost(path);
  const style = styleOf(text, chain[0], chain);
  const lines =
    key === undefined ? memberLines(value, style, gapOf(text, outer)) : pairLines(key, value, style);
  const start = afterInner(text, lineStop(text, last.end), column(text, last.start));
  const lineEnd = lineEndOf(text);
  const added = shifted(lines, column(text, last.start)).map((line) => lineEnd + line);
  return { start, removed: '', added: added.join('') };
}

/** Another value behind a key or a `-` that stands on a line of its own. Nothing else in that line changes. */
function filled(
  text: string,
  outer: YamlNode,
  item: YamlItem,
  value: ConfigValue,
  style: BlockStyle,
): Splice {
  const { node, mark, lead, start, key } = item;
  if (outer.flow) {
    if (node.kind !== 'empty')
      return { start: node.start, removed: text.slice(node.start, node.end), added: flowText(value) };
    return { start, removed: text.slice(start, item.end), added: flowPair(key ?? '', value) };
  }
  const indent = column(text, start);
  const lineEnd = lineEndOf(text);
  if (key === undefined) {
    const gap = /^ +$/.test(text.slice(mark, node.start)) ? node.start - mark : 1;
    const [first = '', ...rest] = memberLines(value, style, gap);
    return within(
      text,
      item,
      mark,
      first.slice(1),
      shifted(rest, indent).map((line) => lineEnd + line),
    );
  }
  const below = belowKey(value, style);
  if (below === undefined)
    return { start: mark, removed: text.slice(mark, item.end), added: ` ${flowText(value)}` };
  const lines = shifted(below, indent).map((line) => lineEnd + line);
  return within(text, item, node.kind === 'empty' ? lead : mark, '', lines);
}

/** Puts a value in place of the one that begins there; a comment behind one of a single line stays in that line. */
function within(text: string, item: YamlItem, from: number, first: string, lines: readonly string[]): Splice {
  const rest = lines.join('');
  const stop = lineStop(text, item.end);
  if (lineStart(text, item.start) !== lineStart(text, item.end)) {
    return joined(text, [{ start: from, end: stop, by: first + rest }]);
  }
  return joined(text, [
    { start: from, end: Math.max(from, item.end), by: first },
    { start: stop, end: stop, by: rest },
  ]);
}

function chainTo(root: YamlNode | undefined, way: Way): { chain: YamlNode[]; item: YamlItem | undefined } {
  const chain: YamlNode[] = [];
  let node = root;
  let item: YamlItem | undefined;
  for (const key of way) {
    if (node === undefined) break;
    if (node.kind === 'alias')
      throw new ShapeTrouble(spoken(way.slice(0, -1)), 'it only refers to another part of the file');
    chain.push(node);
    item = member(node, key);
    node = item?.node;
  }
  return { chain, item };
}

function member(node: YamlNode, key: Key): YamlItem | undefined {
  return typeof key === 'number' ? node.items[key] : node.items.find((one) => one.key === key);
}

/** Nothing but a pair of brackets, on one line with what stands before it. */
function isBare(text: string, node: YamlNode): boolean {
  if (!node.flow || node.items.length > 0) return false;
  return /^[[{][ \t]*[\]}]$/.test(text.slice(node.start, node.end)) && !isBelow(text, node);
}

function isBelow(text: string, node: YamlNode): boolean {
  return beginsLine(text, node.start) && column(text, node.start) > 0;
}

function bracketed(node: YamlNode): Bracketed {
  return {
    open: node.start,
    close: node.end - 1,
    members: node.items.map(({ start, end }) => ({ start, end })),
  };
}

/** The indentation of what stands nearest: in the last members of the innermost list, further out, in the file. */
function styleOf(text: string, root: YamlNode | undefined, chain: readonly YamlNode[]): BlockStyle {
  const inwards = chain.toReversed();
  const siblings = inwards.flatMap(({ items }) => items.slice(-8).toReversed());
  const around = [...siblings.map(({ node }) => node), ...inwards, ...(root ? [root] : [])];
  const first = (kind: 'map' | 'seq', least: number): number | undefined => {
    for (const node of around) {
      for (const { key, start, node: inner } of itemsWithin(node)) {
        if (key === undefined || inner.kind !== kind || inner.flow) continue;
        const further = column(text, inner.start) - column(text, start);
        if (further >= least) return further;
      }
    }
    return undefined;
  };
  const indent = first('map', 1) ?? 2;
  return { indent, dash: first('seq', 0) ?? indent };
}

/** All items of a block, from the outside in. */
function* itemsWithin(node: YamlNode): Generator<YamlItem> {
  if (node.flow || node.kind === 'alias') return;
  yield* node.items;
  for (const item of node.items) yield* itemsWithin(item.node);
}

function flowStyle(text: string, node: YamlNode): ListStyle {
  const padded = node.items.length === 0 ? node.kind === 'map' : /[ \t]/.test(text.charAt(node.start + 1));
  return {
    lineEnd: lineEndOf(text),
    unit: firstIndent(text) ?? '  ',
    emptyInline: true,
    gap: ' ',
    pad: padded ? ' ' : '',
  };
}

/** Behind comments that follow and are indented more than the item above them, which they belong to. */
function afterInner(text: string, lineStopAt: number, columns: number): number {
  const next = afterBreak(text, lineStopAt);
  const first = afterBlanks(text, next);
  if (next === lineStopAt || text.charAt(first) !== '#' || first - next <= columns) return lineStopAt;
  return afterInner(text, lineStop(text, first), columns);
}

function column(text: string, at: number): number {
  return at - lineStart(text, at);
}

/** Blanks between the `-` and what follows it in the last members of a list. */
function gapOf(text: string, { items }: YamlNode): number {
  const item = items.findLast(({ mark, node }) => /^ +$/.test(text.slice(mark, node.start)));
  return item ? item.node.start - item.mark : 1;
}

function lost(way: Way): ShapeTrouble {
  return new ShapeTrouble(spoken(way), 'it was not found');
}
