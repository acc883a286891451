import { objectAt, withMembers, withoutMembers } from './members.ts';
import { locate } from './text.ts';

/** The raw JSON text of the value at `path`, if it is there. */
export function valueText(text: string, path: readonly string[]): string | undefined {
  const span = locate(text, path);
  return span && text.slice(span.start, span.end);
}

/** The raw JSON text of the object at `path`; `{}` when there is none. */
export function objectText(text: string, path: readonly string[]): string {
  const found = valueText(text, path);
  return found?.startsWith('{') ? found : '{}';
}

/** The object in `text` is empty. */
export function isEmptyObject(text: string): boolean {
  return /^\s*\{\s*\}\s*$/.test(text);
}

/**
 * The object that is all of `text`, without the members whose key `drops` takes and with those of `set` (raw JSON by
 * key); what stays keeps its bytes. What is no object stays as it is.
 */
export function edited(
  text: string,
  set: Readonly<Record<string, string>>,
  drops?: (key: string) => boolean,
): string {
  const before = objectAt(text, []);
  if (!before) return text;
  const kept = drops ? withoutMembers(text, before, drops) : text;
  const place = kept === text ? before : objectAt(kept, []);
  return place ? withMembers(kept, place, set) : kept;
}

/** The object that is all of `text` without the members of these names. */
export function without(text: string, names: ReadonlySet<string>): string {
  return edited(text, {}, (key) => names.has(key));
}
