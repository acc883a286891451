import { replaceSpans, type Span } from './text.ts';

/** The rest is walked through to put them back, so it must be small beside them. */
const MOST_REST = 1 / 8;
/** Stands for them meanwhile. No sender can know it, so none can have it in a message. */
const MARK = crypto.randomUUID();

/**
 * What `JSON.parse` makes of a text, for a fraction of its time when most of it is long strings such as files: that
 * looks at every character and copies them, where a part of the text serves as well.
 *
 * @param bytes of the text in UTF-8.
 * @param long contents of strings in it, without their quotes, in order.
 * @throws SyntaxError when it is no JSON.
 */
export function parse(text: string, bytes: Uint8Array, long: readonly Span[]): unknown {
  const plain = plainValues(text, long);
  const length = plain.reduce((sum, { start, end }) => sum + end - start, 0);
  const isWorthIt = text.length - length < text.length * MOST_REST;
  if (!isWorthIt || hasControls(bytes)) return JSON.parse(text);
  const edits = plain.map((span, index) => ({ ...span, by: MARK + index }));
  return restored(JSON.parse(replaceSpans(text, edits)), (index) => {
    const span = plain[index];
    return span && text.slice(span.start, span.end);
  });
}

/** Those that are the value as they stand, and no keys. */
function plainValues(text: string, long: readonly Span[]): Span[] {
  let backslash = -1;
  return long.filter(({ start, end }) => {
    if (backslash < start) backslash = text.indexOf('\\', start);
    if (backslash < 0) backslash = text.length;
    let after = end + 1;
    while (text[after] === ' ') after += 1;
    return backslash >= end && (text[after] === ',' || text[after] === '}' || text[after] === ']');
  });
}

/**
 * Whether there are control characters, which no string may hold (RFC 8259 section 7). Looks at four bytes at a time:
 * where the highest bit is set now and was not before, the subtraction had to borrow.
 */
function hasControls(bytes: Uint8Array): boolean {
  const lead = Math.min((4 - (bytes.byteOffset % 4)) % 4, bytes.length);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + lead, (bytes.length - lead) >> 2);
  let borrowed = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? 0;
    borrowed |= (word - 0x20202020) & ~word;
  }
  const isControl = (byte: number): boolean => byte < 0x20;
  const tail = lead + words.length * 4;
  return (
    (borrowed & 0x80808080) !== 0 ||
    bytes.subarray(0, lead).some(isControl) ||
    bytes.subarray(tail).some(isControl)
  );
}

/** The value with everything that is marked in its place again. */
function restored(value: unknown, content: (index: number) => string | undefined): unknown {
  if (typeof value === 'string') {
    return value.startsWith(MARK) ? content(Number(value.slice(MARK.length))) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const parts = value as Record<string, unknown>;
  for (const [key, part] of Object.entries(parts)) {
    if (typeof part === 'string' || typeof part === 'object') parts[key] = restored(part, content);
  }
  return value;
}
