/** Where a value stands in a JSON text: `text.slice(start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Member extends Span {
  readonly key: string;
  /** Of a value that is an object of not too many, where the walk was asked for `inner` members. */
  readonly members?: readonly Member[] | undefined;
}

/** The outermost shape of a JSON text, with the place of each part. */
export type Outline =
  | { readonly kind: 'object'; readonly members: readonly Member[] }
  | { readonly kind: 'array'; readonly elements: readonly Span[] }
  | { readonly kind: 'other' };

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;

/** Index of the quote that closes the string opened at `at`, or the length of the text. */
function closingQuote(text: string, at: number): number {
  for (let from = at + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
    from = quote + 1;
  }
}

function decodeKey(text: string): string {
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}

/** A string of so many characters is long. */
const LONG_CHARACTERS = 16 * 1024;

/** An object that has more members is no use to be held in so many pieces: whoever needs them walks through it. */
const MOST_INNER = 1000;

/** What a walk is asked for beside the outermost parts. */
export interface Walk {
  /** Nesting deeper than that ends it. */
  readonly maxDepth?: number;
  /** Note the members of objects one level further in, too. */
  readonly inner?: boolean;
  /** Gets the contents of long strings, without their quotes. */
  readonly long?: Span[];
}

/** An object or array whose parts are noted, while the walk is in it. */
interface Noted {
  readonly inObject: boolean;
  readonly parts: Member[];
  key: string | undefined;
  /** Negative between two values. */
  valueStart: number;
  /** The members of the value that the walk has just been in. */
  within: readonly Member[] | undefined;
}

/**
 * Walks a JSON text once without parsing it, so that parts can be replaced while every other byte stays as it was
 * (numbers beyond 2^53, escapes, order, unknown members). The text of the span must be JSON; whether it is,
 * `JSON.parse` decides, not this walk.
 *
 * @returns undefined when it nests deeper than `maxDepth`.
 */
export function outline(
  text: string,
  span: Span = { start: 0, end: text.length },
  { maxDepth = Number.POSITIVE_INFINITY, inner = false, long }: Walk = {},
): Outline | undefined {
  const { end } = span;
  let at = span.start;
  while (at < end && isBlank(text.charCodeAt(at))) at += 1;
  const first = text.charCodeAt(at);
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return { kind: 'other' };
  const outermost = noted(first);
  let second: Noted | undefined;
  /** Where the walk is, if the parts of that are noted. */
  let here: Noted | undefined;
  let depth = 0;
  for (; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) continue;
    if (here !== undefined && here.valueStart < 0) {
      if (here.inObject && code === COLON) {
        at += 1;
        while (at < end && isBlank(text.charCodeAt(at))) at += 1;
        here.valueStart = at;
        at -= 1;
        continue;
      }
      if (!here.inObject && code !== CLOSE_ARRAY && code !== COMMA) here.valueStart = at;
    }
    if (code === QUOTE) {
      const quote = closingQuote(text, at);
      if (here?.inObject && here.valueStart < 0) here.key = decodeKey(text.slice(at, quote + 1));
      if (long && quote - at > LONG_CHARACTERS) long.push({ start: at + 1, end: quote });
      at = quote;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth += 1;
      if (depth > maxDepth) return undefined;
      if (depth === 2) {
        const isInner = inner && outermost.inObject && code === OPEN_OBJECT;
        second = isInner ? noted(code) : undefined;
      }
      here = depth === 1 ? outermost : depth === 2 ? second : undefined;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      if (here) endPart(here, text, at);
      if (depth === 2) outermost.within = second?.parts;
      depth -= 1;
      if (depth === 0) break;
      here = depth === 1 ? outermost : depth === 2 ? second : undefined;
    } else if (code === COMMA && here) {
      endPart(here, text, at);
      if (second && second.parts.length === MOST_INNER) {
        second = undefined;
        here = depth === 1 ? outermost : undefined;
      }
    }
  }
  const { inObject, parts } = outermost;
  return inObject ? { kind: 'object', members: parts } : { kind: 'array', elements: parts };
}

function noted(opening: number): Noted {
  return { inObject: opening === OPEN_OBJECT, parts: [], key: undefined, valueStart: -1, within: undefined };
}

/** A part ends before `at`, if one was begun. */
function endPart(here: Noted, text: string, at: number): void {
  const { key = '', valueStart: start, within } = here;
  if (start < 0) return;
  let end = at;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  if (end > start) here.parts.push(within ? { key, start, end, members: within } : { key, start, end });
  here.key = undefined;
  here.valueStart = -1;
  here.within = undefined;
}

/** The place of the value at `path` below the object in `text`, for example `['params', '_meta', 'progressToken']`. */
export function locate(text: string, path: readonly string[]): Span | undefined {
  let span: Span = { start: 0, end: text.length };
  for (const key of path) {
    const shape = outline(text, span);
    if (shape?.kind !== 'object') return undefined;
    const member = shape.members.findLast((candidate) => candidate.key === key);
    if (!member) return undefined;
    span = member;
  }
  return span;
}

/** The text with the spans replaced; every other character stays. Spans must not overlap. */
export function replaceSpans(text: string, edits: readonly (Span & { readonly by: string })[]): string {
  let result = '';
  let from = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(from, edit.start) + edit.by;
    from = edit.end;
  }
  return result + text.slice(from);
}
