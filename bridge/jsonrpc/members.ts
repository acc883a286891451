import { locate, type Member, outline, replaceSpans, type Span } from './text.ts';

/** An object inside a JSON text. */
export interface ObjectPlace extends Span {
  readonly members: readonly Member[];
}

/** The object at `path`, for example `['params', '_meta']`; undefined when there is none. */
export function objectAt(text: string, path: readonly string[]): ObjectPlace | undefined {
  const span = locate(text, path);
  const shape = span && outline(text, span);
  return span && shape?.kind === 'object' ? { ...span, members: shape.members } : undefined;
}

/** The parsed value of a member; undefined when there is none. */
export function memberAt(text: string, place: ObjectPlace, key: string): unknown {
  const member = place.members.findLast((candidate) => candidate.key === key);
  return member && (JSON.parse(text.slice(member.start, member.end)) as unknown);
}

/**
 * The text with these members (raw JSON by key) in the object, replaced or added at its end; every other character
 * stays, and so does the text when they are in it already. A key that the object has twice is replaced twice, so that
 * all parsers read the same.
 */
export function withMembers(
  text: string,
  place: ObjectPlace,
  members: Readonly<Record<string, string>>,
): string {
  const edits: (Span & { by: string })[] = [];
  const added: string[] = [];
  for (const [key, by] of Object.entries(members)) {
    const present = place.members.filter((member) => member.key === key);
    if (present.length === 0) added.push(`${JSON.stringify(key)}:${by}`);
    for (const { start, end } of present) {
      const isThere = end - start === by.length && text.startsWith(by, start);
      if (!isThere) edits.push({ start, end, by });
    }
  }
  if (added.length > 0) {
    const last = place.members.at(-1);
    const at = last ? last.end : text.indexOf('{', place.start) + 1;
    edits.push({ start: at, end: at, by: `${last ? ',' : ''}${added.join(',')}` });
  }
  return replaceSpans(text, edits);
}

/** The text without the members of the object whose key `drops` takes; every other member keeps its characters. */
export function withoutMembers(text: string, place: ObjectPlace, drops: (key: string) => boolean): string {
  const last = place.members.at(-1);
  if (!last || !place.members.some(({ key }) => drops(key))) return text;
  const open = text.indexOf('{', place.start) + 1;
  const kept: string[] = [];
  let from = open;
  for (const { key, end } of place.members) {
    if (!drops(key)) kept.push(text.slice(from, end));
    // Between two members there is nothing but blanks and one comma.
    from = text.indexOf(',', end) + 1;
  }
  return replaceSpans(text, [{ start: open, end: last.end, by: kept.join(',') }]);
}
