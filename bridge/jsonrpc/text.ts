/** Where a value stands in a JSON text: `text.slice(start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Member extends Span {
  readonly key: string;
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

/**
 * Walks a JSON text once without parsing it, so that parts can be replaced while every other byte stays as it was
 * (numbers beyond 2^53, escapes, order, unknown members). The text between `start` and `end` must be JSON; whether it
 * is, `JSON.parse` decides, not this walk.
 *
 * @param long gets the contents of long strings, without their quotes.
 * @returns undefined when it nests deeper than `maxDepth`.
 */
export function outline(
  text: string,
  maxDepth: number,
  start = 0,
  end: number = text.length,
  long?: Span[],
): Outline | undefined {
  let at = start;
  while (at < end && isBlank(text.charCodeAt(at))) at += 1;
  const first = text.charCodeAt(at);
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return { kind: 'other' };
  const inObject = first === OPEN_OBJECT;
  const parts: Member[] = [];
  let depth = 0;
  let key: string | undefined;
  let valueStart = -1;
  const close = (): void => {
    if (valueStart < 0) return;
    let valueEnd = at;
    while (valueEnd > valueStart && isBlank(text.charCodeAt(valueEnd - 1))) valueEnd -= 1;
    if (valueEnd > valueStart) parts.push({ key: key ?? '', start: valueStart, end: valueEnd });
    key = undefined;
    valueStart = -1;
  };
  for (; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) continue;
    if (depth === 1 && valueStart < 0) {
      if (inObject && code === COLON) {
        at += 1;
        while (at < end && isBlank(text.charCodeAt(at))) at += 1;
        valueStart = at;
        at -= 1;
        continue;
      }
      if (!inObject && code !== CLOSE_ARRAY && code !== COMMA) valueStart = at;
    }
    if (code === QUOTE) {
      const quote = closingQuote(text, at);
      if (depth === 1 && inObject && valueStart < 0) key = decodeKey(text.slice(at, quote + 1));
      if (long && quote - at > LONG_CHARACTERS) long.push({ start: at + 1, end: quote });
      at = quote;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth += 1;
      if (depth > maxDepth) return undefined;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      if (depth === 1) close();
      depth -= 1;
      if (depth === 0) break;
    } else if (code === COMMA && depth === 1) {
      close();
    }
  }
  return inObject ? { kind: 'object', members: parts } : { kind: 'array', elements: parts };
}

/** The place of the value at `path` below the object in `text`, for example `['params', '_meta', 'progressToken']`. */
export function locate(text: string, path: readonly string[]): Span | undefined {
  let span: Span = { start: 0, end: text.length };
  for (const key of path) {
    const shape = outline(text, Number.POSITIVE_INFINITY, span.start, span.end);
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
