import type { Node } from 'jsonc-parser';
import {
  type Bracketed,
  childIndent,
  isInline,
  type Layout,
  type ListStyle,
  withMember,
  withoutMember,
} from './bracketed.ts';
import { type Key, missingValue, type NewEntry, spoken, verified, type Way } from './entries.ts';
import { type ConfigFormat, type ConfigValue, ShapeTrouble, type Splice } from './format.ts';
import { child, contentOf, jsonTree, valueIn } from './json-tree.ts';
import { beginsLine, firstIndent, indentAt, isBreak, lineEndOf, troubleAt } from './text-style.ts';

interface JsonText {
  readonly text: string;
  readonly root: Node | undefined;
}

/**
 * JSON, with or without comments. Comments and commas before a closing bracket are kept wherever they are, but never
 * added, so a strict file stays strict.
 *
 * An entry that was put in and taken out again leaves the text as it was; only a list or a file that had to be made
 * stays, empty, and `{ }` becomes `{}`.
 */
export const json: ConfigFormat = verified<JsonText>({
  parse: (text) => ({ text, root: jsonTree(text) }),
  content: ({ root }) => (root ? contentOf(root) : {}),
  noTable: ({ text, root }) => troubleAt(text, root?.offset ?? 0, 'a { was expected'),
  add: ({ text, root }, entry) => (root ? added(text, root, entry) : begun(text, entry)),
  replace({ text, root }, way, entry) {
    const chain = root ? chainTo(root, way) : [];
    const [outer, old] = chain.slice(-2);
    if (!outer || !old) throw lost(way);
    const list = bracketed(outer);
    const value = valueIn(old);
    const style = styleOf(text, chain.slice(0, -1).map(valueIn));
    const layout: Layout = isInline(text, list)
      ? { inline: true }
      : { inline: false, indent: indentAt(text, old.offset) };
    return over(text, value, written(entry.value, layout, style));
  },
  remove({ text, root }, way) {
    const [outer, old] = (root ? chainTo(root, way) : []).slice(-2);
    if (!outer || !old) throw lost(way);
    return withoutMember(text, bracketed(outer), valueIn(outer).children?.indexOf(old) ?? -1);
  },
});

interface Style extends ListStyle {
  /** Behind a colon. */
  readonly space: string;
  /** Whether arrays of plain values stand in one line. */
  readonly inlineArrays: boolean;
}

/** A file that was empty, but for comments. */
function begun(text: string, entry: NewEntry): Splice {
  const style = styleOf(text, []);
  const { lineEnd } = style;
  const value = written(missingValue(entry.list.path, entry), { inline: false, indent: '' }, style);
  const ends = text === '' || isBreak(text, text.length - 1);
  if (text.trim() === '') {
    return ends && text !== ''
      ? { start: 0, removed: '', added: value }
      : { start: text.length, removed: '', added: value + lineEnd };
  }
  return { start: text.length, removed: '', added: ends ? value + lineEnd : lineEnd + value };
}

function added(text: string, root: Node, entry: NewEntry): Splice {
  const { path, nameField } = entry.list;
  const chain = [root];
  for (const [index, key] of path.entries()) {
    const outer = chain.at(-1) ?? root;
    const property = child(outer, key);
    const rest = path.slice(index + 1);
    if (property === undefined) {
      return newMember(text, chain, key, missingValue(rest, entry));
    }
    const value = valueIn(property);
    if (value.type === 'null') {
      const list = bracketed(outer);
      const layout: Layout = isInline(text, list)
        ? { inline: true }
        : { inline: false, indent: indentAt(text, property.offset) };
      return over(text, value, written(missingValue(rest, entry), layout, styleOf(text, chain)));
    }
    chain.push(value);
  }
  return newMember(text, chain, nameField === undefined ? entry.name : undefined, entry.value);
}

function newMember(
  text: string,
  chain: readonly Node[],
  key: string | undefined,
  value: ConfigValue,
): Splice {
  const outer = chain.at(-1);
  if (!outer) throw lost([]);
  const style = styleOf(text, chain);
  return withMember(text, bracketed(outer), style, (layout) => {
    const name = key === undefined ? '' : `${JSON.stringify(key)}:${style.space}`;
    return name + written(value, layout, style);
  });
}

/** Nodes from the root to a value; the last one is the property or the element. */
function chainTo(root: Node, way: Way): Node[] {
  const chain = [root];
  for (const key of way) {
    const next: Node | undefined = child(valueIn(chain.at(-1) ?? root), key);
    if (next === undefined) return [];
    chain.push(next);
  }
  return chain;
}

function bracketed(node: Node): Bracketed {
  const { offset, length, children = [] } = valueIn(node);
  return {
    open: offset,
    close: offset + length - 1,
    members: children.map((member) => ({ start: member.offset, end: member.offset + member.length })),
  };
}

function over(text: string, { offset, length }: Node, value: string): Splice {
  return { start: offset, removed: text.slice(offset, offset + length), added: value };
}

function lost(way: Way): ShapeTrouble {
  return new ShapeTrouble(spoken(way), 'it was not found');
}

/** The style of what stands around: of the last members of the innermost list, else further out, else of the file. */
function styleOf(text: string, chain: readonly Node[]): Style {
  const inwards = chain.toReversed();
  const siblings = inwards.flatMap((node) => (node.children ?? []).slice(-8).toReversed().map(valueIn));
  const nodes = [...siblings, ...inwards];
  const outer = inwards.find(({ children = [] }) => children.length > 0);
  const outerList = outer && bracketed(outer);
  const inline = outerList !== undefined && isInline(text, outerList);
  const colons = nodes
    .flatMap(({ children = [] }) => children.slice(0, 1))
    .flatMap(({ colonOffset }) => colonOffset ?? []);
  const space = colons[0] === undefined || /[ \t\r\n]/.test(text.charAt(colons[0] + 1)) ? ' ' : '';
  const arrays = siblings
    .flatMap((node) => [node, ...(node.children ?? []).map(valueIn)])
    .filter(
      ({ type, children = [] }) =>
        type === 'array' && children.length > 0 && children.every(({ type }) => type !== 'object'),
    );
  return {
    lineEnd: lineEndOf(text),
    unit:
      nodes.map((node) => unitWithin(text, node)).find((unit) => unit !== undefined) ??
      firstIndent(text) ??
      '  ',
    emptyInline: inline,
    space,
    gap: space,
    pad: outerList && /[ \t]/.test(text.charAt(outerList.open + 1)) ? ' ' : '',
    inlineArrays: arrays[0] !== undefined && isInline(text, bracketed(arrays[0])),
  };
}

/** By how much the members of a list are indented. */
function unitWithin(text: string, node: Node): string | undefined {
  if (node.type !== 'object' && node.type !== 'array') return undefined;
  const list = bracketed(node);
  if (!list.members.some(({ start }) => beginsLine(text, start))) return undefined;
  const inner = childIndent(text, list, { unit: '' });
  const outer = indentAt(text, list.open);
  return inner.length > outer.length && inner.startsWith(outer) ? inner.slice(outer.length) : undefined;
}

function written(value: ConfigValue, layout: Layout, style: Style): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const entries: [Key, ConfigValue][] = Object.entries(value);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return open + close;
  const oneLine =
    isList && style.inlineArrays && entries.every(([, one]) => typeof one !== 'object' || one === null);
  const members = (inner: Layout): string[] =>
    entries.map(([name, one]) => {
      const text = written(one, inner, style);
      return isList ? text : `${JSON.stringify(name)}:${style.space}${text}`;
    });
  if (layout.inline || oneLine) {
    const pad = isList ? '' : style.pad;
    return open + pad + members({ inline: true }).join(`,${style.gap}`) + pad + close;
  }
  const indent = layout.indent + style.unit;
  const between = style.lineEnd + indent;
  return (
    open +
    between +
    members({ inline: false, indent }).join(`,${between}`) +
    style.lineEnd +
    layout.indent +
    close
  );
}
