import type { Splice } from './format.ts';
import {
  afterBlanks,
  beforeBlanks,
  beforeBreak,
  beginsLine,
  type Edit,
  indentAt,
  isBreak,
  joined,
} from './text-style.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A list between brackets, its members parted by commas: of JSON, or in one line of YAML or TOML. */
export interface Bracketed {
  /** Of the opening bracket. */
  readonly open: number;
  /** Of the closing bracket. */
  readonly close: number;
  readonly members: readonly Span[];
}

/** How a new member is laid out: behind others in their line, or on lines of its own with this indentation. */
export type Layout = { readonly inline: true } | { readonly inline: false; readonly indent: string };

export interface ListStyle {
  readonly lineEnd: string;
  readonly unit: string;
  /** Whether a list without members stays in its line. */
  readonly emptyInline: boolean;
  /** Between a comma and a member in one line. */
  readonly gap: string;
  /** Between the brackets and the members in one line. */
  readonly pad: string;
}

interface Mark extends Span {
  readonly kind: 'comma' | 'line' | 'block';
}

/** Whether the members stand in one line, as far as they begin there. */
export function isInline(text: string, { open, members }: Bracketed): boolean {
  let from = open + 1;
  for (const { start, end } of members) {
    for (let at = from; at < start; at += 1) if (isBreak(text, at)) return false;
    from = end;
  }
  return true;
}

/** Puts a member behind the last one. Commas behind the last member and comments stay; there is one comma more. */
export function withMember(
  text: string,
  list: Bracketed,
  style: ListStyle,
  write: (layout: Layout) => string,
): Splice {
  const last = list.members.at(-1);
  if (last === undefined) return withFirst(text, list, style, write);
  const inline = isInline(text, list);
  const marks = marksIn(text, last.end, list.close);
  const comma = marks.find(({ kind }) => kind === 'comma');
  let from = comma?.end ?? last.end;
  for (const mark of marks) {
    if (mark.start < from) continue;
    if (afterBlanks(text, from) !== mark.start) break;
    from = mark.end;
    if (text.slice(mark.start, mark.end).search(/[\r\n]/) >= 0) break;
  }
  const added = inline
    ? gapOf(text, list, style) + write({ inline })
    : style.lineEnd +
      childIndent(text, list, style) +
      write({ inline, indent: childIndent(text, list, style) });
  if (comma) return { start: from, removed: '', added: `${added},` };
  const kept = text.slice(last.end, from);
  return { start: last.end, removed: kept, added: `,${kept}${added}` };
}

/** Takes a member out with its comma; its line goes with it when nothing else is in it. */
export function withoutMember(text: string, list: Bracketed, index: number): Splice {
  const { open, close, members } = list;
  const member = members[index] ?? { start: close, end: close };
  const previous = members[index - 1];
  const behind = marksIn(text, member.end, members[index + 1]?.start ?? close);
  const before = marksIn(text, previous?.end ?? open + 1, member.start);
  const comma = behind.find(({ kind }) => kind === 'comma');
  if (members.length === 1 && before.length === 0 && behind.every((mark) => mark === comma)) {
    return { start: open + 1, removed: text.slice(open + 1, close), added: '' };
  }
  const edits: Edit[] = [];
  let end = member.end;
  if (comma !== undefined) {
    if (text.slice(member.end, comma.start).trim() === '') end = comma.end;
    else edits.push({ start: comma.start, end: comma.end, by: '' });
  } else {
    const parting = before.find(({ kind }) => kind === 'comma');
    if (parting) edits.push({ start: parting.start, end: parting.end, by: '' });
  }
  const left = beforeBlanks(text, member.start);
  const right = afterBlanks(text, end);
  const atLineEnd = right === text.length || isBreak(text, right);
  const closes = right === close && before.at(-1)?.kind !== 'line';
  if (beginsLine(text, member.start)) {
    if (atLineEnd) edits.push({ start: beforeBreak(text, left), end: right, by: '' });
    else if (closes) edits.push({ start: beforeBreak(text, left), end, by: '' });
    else edits.push({ start: member.start, end: right, by: '' });
  } else if (atLineEnd) edits.push({ start: left, end: right, by: '' });
  else if (closes) edits.push({ start: left, end, by: '' });
  else edits.push({ start: member.start, end: right, by: '' });
  return joined(text, edits);
}

function withFirst(
  text: string,
  { open, close }: Bracketed,
  style: ListStyle,
  write: (layout: Layout) => string,
): Splice {
  const comment = marksIn(text, open + 1, close).at(-1);
  const outer = indentAt(text, open);
  if (comment === undefined) {
    const removed = text.slice(open + 1, close);
    const indent = outer + style.unit;
    const added = style.emptyInline
      ? style.pad + write({ inline: true }) + style.pad
      : style.lineEnd + indent + write({ inline: false, indent }) + style.lineEnd + outer;
    return { start: open + 1, removed, added };
  }
  const start = comment.end;
  if (!/[\r\n]/.test(text.slice(open, close)))
    return { start, removed: '', added: ` ${write({ inline: true })}` };
  const indent = beginsLine(text, comment.start) ? indentAt(text, comment.start) : outer + style.unit;
  const closing = /[\r\n]/.test(text.slice(start, close)) ? '' : style.lineEnd + outer;
  return { start, removed: '', added: style.lineEnd + indent + write({ inline: false, indent }) + closing };
}

/** The indentation of members on lines of their own. */
export function childIndent(
  text: string,
  { close, members }: Bracketed,
  { unit }: Pick<ListStyle, 'unit'>,
): string {
  const own = members.findLast(({ start }) => beginsLine(text, start));
  return own ? indentAt(text, own.start) : indentAt(text, close) + unit;
}

function gapOf(text: string, { members }: Bracketed, { gap }: ListStyle): string {
  const [first, second] = members;
  if (first === undefined || second === undefined) return gap;
  const comma = marksIn(text, first.end, second.start).find(({ kind }) => kind === 'comma');
  return comma ? text.slice(comma.end, afterBlanks(text, comma.end)) : gap;
}

/** Commas and comments between two members, in their order. Nothing else but blanks can stand there. */
function marksIn(text: string, from: number, to: number): Mark[] {
  const marks: Mark[] = [];
  for (let at = from; at < to; ) {
    const start = at;
    const two = text.slice(at, at + 2);
    if (two === '/*') {
      at = text.indexOf('*/', at + 2) + 2;
      marks.push({ kind: 'block', start, end: at });
    } else if (two === '//' || two.startsWith('#')) {
      while (at < to && !isBreak(text, at)) at += 1;
      marks.push({ kind: 'line', start, end: at });
    } else {
      at += 1;
      if (two.startsWith(',')) marks.push({ kind: 'comma', start, end: at });
    }
  }
  return marks;
}
