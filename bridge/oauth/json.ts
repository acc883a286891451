import { limits } from '../base/limits.ts';
import { isRecord } from '../base/record.ts';

/** A text is not the JSON it has to be. `message` is the rest of a sentence about it. */
export class UnreadableJson extends Error {}

/**
 * Reads a JSON object (RFC 8259) whose meaning nobody can dispute: no name twice in one object, none that changes how
 * JavaScript sees the object, and no deeper than `limits.jsonDepth`.
 * @throws UnreadableJson.
 */
export function readJsonObject(bytes: ArrayBuffer | Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    refuseDoubtful(text);
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof UnreadableJson) throw error;
    throw new UnreadableJson('is not JSON');
  }
  if (!isRecord(value)) throw new UnreadableJson('is not a JSON object');
  return value;
}

/** Walks over the text once. Whether it is JSON at all, `JSON.parse` decides. */
function refuseDoubtful(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : undefined);
      if (open.length > limits.jsonDepth) {
        throw new UnreadableJson(`nests deeper than ${limits.jsonDepth} levels`);
      }
    } else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = closingQuote(text, at);
      const names = open.at(-1);
      if (names && isName(text, end)) note(JSON.parse(text.slice(at, end + 1)) as string, names);
      at = end;
    }
  }
}

function note(name: string, names: Set<string>): void {
  if (name === '__proto__') throw new UnreadableJson('has a member that no such document has');
  if (names.has(name)) throw new UnreadableJson('says one thing twice');
  names.add(name);
}

/** Index of the quote that closes the string opened at `at`, or the length of the text. */
function closingQuote(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return Math.min(end, text.length);
}

/** The string that ends here is followed by a colon. */
function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (at < text.length && /[ \t\n\r]/.test(text[at] ?? '')) at += 1;
  return text[at] === ':';
}
