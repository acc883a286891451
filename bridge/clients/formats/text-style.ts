import { type Splice, SyntaxTrouble } from './format.ts';

/** The ends of lines of a text: the kind most of its lines have; LF when it has none. */
export function lineEndOf(text: string): string {
  const counts = { '\n': 0, '\r\n': 0, '\r': 0 };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x0a) counts['\n'] += 1;
    else if (code === 0x0d) {
      const pair = text.charCodeAt(at + 1) === 0x0a;
      counts[pair ? '\r\n' : '\r'] += 1;
      if (pair) at += 1;
    }
  }
  if (counts['\r\n'] > counts['\n'] && counts['\r\n'] >= counts['\r']) return '\r\n';
  return counts['\r'] > counts['\n'] ? '\r' : '\n';
}

/** Where the line with this place begins. */
export function lineStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && !isBreak(text, start - 1)) start -= 1;
  return start;
}

/** Where the line with this place ends, before its line break. */
export function lineStop(text: string, at: number): number {
  let stop = at;
  while (stop < text.length && !isBreak(text, stop)) stop += 1;
  return stop;
}

/** The place after the line break that is there; the same place when there is none. */
export function afterBreak(text: string, at: number): number {
  if (text.startsWith('\r\n', at)) return at + 2;
  return isBreak(text, at) ? at + 1 : at;
}

/** The place before the line break that ends there; the same place when there is none. */
export function beforeBreak(text: string, at: number): number {
  if (at >= 2 && text.startsWith('\r\n', at - 2)) return at - 2;
  return at > 0 && isBreak(text, at - 1) ? at - 1 : at;
}

/** The blanks and tabs the line with this place begins with. */
export function indentAt(text: string, at: number): string {
  const start = lineStart(text, at);
  return text.slice(start, afterBlanks(text, start));
}

/** Whether only blanks and tabs stand before this place in its line. */
export function beginsLine(text: string, at: number): boolean {
  const before = beforeBlanks(text, at);
  return before === 0 || isBreak(text, before - 1);
}

export function afterBlanks(text: string, at: number): number {
  let after = at;
  while (isBlank(text, after)) after += 1;
  return after;
}

export function beforeBlanks(text: string, at: number): number {
  let before = at;
  while (before > 0 && isBlank(text, before - 1)) before -= 1;
  return before;
}

export function isBreak(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x0a || code === 0x0d;
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}

/** What lines are indented by: what the first indented line begins with. */
export function firstIndent(text: string): string | undefined {
  return /(?:^|[\r\n])([ \t]+)[^ \t\r\n*]/.exec(text)?.[1];
}

/** Trouble at a place of a text; every kind of line break ends a line. */
export function troubleAt(text: string, at: number, because: string): SyntaxTrouble {
  let line = 1;
  let start = 0;
  const end = Math.min(at, text.length);
  const place = text.startsWith('\r\n', end - 1) ? end - 1 : end;
  for (let index = 0; index < place; ) {
    const next = afterBreak(text, index);
    if (next === index) index += 1;
    else {
      line += 1;
      start = next;
      index = next;
    }
  }
  return new SyntaxTrouble(because, line, place - start + 1);
}

/** A stretch that goes, and what comes instead. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** Several edits as one splice, which keeps what lies between them. They must not overlap. */
export function joined(text: string, edits: readonly Edit[]): Splice {
  const inOrder = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const start = inOrder[0]?.start ?? 0;
  let added = '';
  let from = start;
  for (const edit of inOrder) {
    added += text.slice(from, edit.start) + edit.by;
    from = edit.end;
  }
  return { start, removed: text.slice(start, from), added };
}

/** The splice that makes one text of another: what lies between their common beginning and their common end. */
export function between(before: string, after: string): Splice {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let common = 0;
  while (common < shorter - start && before.at(-1 - common) === after.at(-1 - common)) common += 1;
  return {
    start,
    removed: before.slice(start, before.length - common),
    added: after.slice(start, after.length - common),
  };
}
