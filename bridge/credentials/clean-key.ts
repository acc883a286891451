import { limits } from '../base/limits.ts';
import { characterName } from '../base/text.ts';
import { BridgeError } from '../contract/errors.ts';

/** A pasted text without what came along by accident, and a note for each thing that was removed. */
export interface Cleaned {
  readonly value: string;
  readonly notes: readonly string[];
}

/** What copying adds at the ends without showing it. */
const EDGE = /[ \n\r\u00a0\u00ad\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]/;

const QUOTES: readonly (readonly [open: string, close: string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['\u201c', '\u201d'],
  ['\u2018', '\u2019'],
];

/** `Authorization: Bearer …` as documentation shows it, and the same as a line of JSON. */
const HEADER_NAME = /^["']?(proxy-)?(authorization|x-api-key|api-key)["']?\s*[:=]\s*/i;
const SCHEME = /^bearer[ \t]+/i;

/** Something that stands for a key: a variable, a gap to fill in, or a shortened example. */
const PLACEHOLDER = /\$\{[^}]*\}|\{\{.*\}\}|^\$[A-Za-z_]\w*$|^%\w+%$|^<[^<>]*>$|\.\.\.$|\u2026$|^\[.*\]$/;

/**
 * Cleans a pasted API key. Invisible characters at the ends, quotes around it, a header name and the word `Bearer`
 * are removed with a note each; anything else that a header cannot carry is refused by name and position. A vertical
 * bar is an ordinary character of a key.
 * @throws BridgeError `invalid-input`; its message never contains a part of the key.
 */
export function cleanKey(pasted: string): Cleaned {
  if (pasted.length > limits.keyBytes * 2) throw tooLong();
  const notes = new Set<string>();
  const [start, end] = strip(pasted, notes);
  const value = pasted.slice(start, end);
  if (value === '') throw refuse('The key is empty. Paste it again.');
  refusePlaceholder(value);
  if (/^basic /i.test(value)) {
    throw refuse('This is a Basic sign-in, not a key. Enter it as a secret header named Authorization.');
  }
  refuseCharacter(value, start, /[\u0021-\u007e]/);
  if (Buffer.byteLength(value) > limits.keyBytes) throw tooLong();
  if (value.length < limits.keyLeastCharacters) {
    throw refuse(`A key has at least ${limits.keyLeastCharacters} characters. Copy the whole key.`);
  }
  return { value, notes: [...notes] };
}

/**
 * Cleans the value of an extra header. Blanks may stand inside it, other invisible characters may not.
 * @throws BridgeError `invalid-input`; its message names the header, never the value.
 */
export function cleanHeaderValue(name: string, typed: string): Cleaned {
  if (typed.length > limits.keyBytes * 2) throw valueTooLong(name);
  const notes = new Set<string>();
  const [start, end] = trimEdges(typed, 0, typed.length, notes, `header ${name}`);
  const value = typed.slice(start, end);
  if (value === '') throw refuse(`The header ${name} has no value. Enter one or leave the header out.`);
  refusePlaceholder(value);
  refuseCharacter(value, start, /[\u0020-\u007e]/);
  if (Buffer.byteLength(value) > limits.keyBytes) throw valueTooLong(name);
  return { value, notes: [...notes] };
}

function strip(text: string, notes: Set<string>): [start: number, end: number] {
  let start = 0;
  let end = text.length;
  for (;;) {
    const [beforeStart, beforeEnd] = [start, end];
    [start, end] = trimEdges(text, start, end, notes, 'key');
    const left = text.slice(start, end);
    const name = HEADER_NAME.exec(left)?.[0];
    const scheme = SCHEME.exec(left)?.[0];
    if (name) {
      start += name.length;
      notes.add('We removed the name of the header in front of the key.');
    } else if (scheme) {
      start += scheme.length;
      notes.add('We removed the word Bearer in front of the key; Gangway adds it itself.');
    } else {
      const comma = /["'],$/.test(left) ? 1 : 0;
      const inner = left.slice(0, left.length - comma);
      const quoted = QUOTES.some(
        ([open, close]) => inner.length >= 2 && inner.startsWith(open) && inner.endsWith(close),
      );
      if (quoted || comma > 0) {
        start += quoted ? 1 : 0;
        end -= comma + (quoted ? 1 : 0);
        notes.add('We removed the quotes around the key.');
      }
    }
    if (start === beforeStart && end === beforeEnd) return [start, end];
  }
}

function trimEdges(
  text: string,
  from: number,
  to: number,
  notes: Set<string>,
  what: string,
): [start: number, end: number] {
  let [start, end] = [from, to];
  for (; start < end && EDGE.test(text.charAt(start)); start += 1) {
    notes.add(`We removed ${characterName(text.charAt(start))} at the beginning of the ${what}.`);
  }
  for (; end > start && EDGE.test(text.charAt(end - 1)); end -= 1) {
    notes.add(`We removed ${characterName(text.charAt(end - 1))} at the end of the ${what}.`);
  }
  return [start, end];
}

function refusePlaceholder(value: string): void {
  if (PLACEHOLDER.test(value)) {
    throw refuse('This is a placeholder, not the value itself. Paste the value it stands for.');
  }
}

/** Positions count from 1 in what the person pasted, so they can be found there. */
function refuseCharacter(value: string, offset: number, allowed: RegExp): void {
  let position = offset + 1;
  for (const character of value) {
    if (!allowed.test(character)) {
      throw refuse(
        `This value contains a character that cannot be sent: ${characterName(character)}, position ${position}.`,
      );
    }
    position += character.length;
  }
}

function tooLong(): BridgeError {
  return refuse(`The key is longer than ${limits.keyBytes / 1024} KB. Copy the key alone.`);
}

function valueTooLong(name: string): BridgeError {
  return refuse(`The value of header ${name} is longer than ${limits.keyBytes / 1024} KB.`);
}

function refuse(message: string): BridgeError {
  return new BridgeError('invalid-input', message);
}
