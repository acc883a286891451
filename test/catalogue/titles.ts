/*
 * An id has two capitals, a dash and three letters or digits at most: `JR-01`, `LH-24b`, `UP-CK`. Ids stand at the
 * start of a title, with blanks, commas or colons between them: `UP-520 UP-521: the workspace is down`.
 */
const LEADING = /^[\s,:–-]*([A-Z]{2}-(?:\d{2,3}|CK)[a-z]?)(?![\w-])/;

/** The ids a title starts with; whatever comes later is text. */
export function leadingIds(title: string): string[] {
  const ids: string[] = [];
  let rest = title;
  for (let found = LEADING.exec(rest); found !== null; found = LEADING.exec(rest)) {
    if (found[1] !== undefined) ids.push(found[1]);
    rest = rest.slice(found[0].length);
  }
  return ids;
}

/** The ids of one test: of its own title, and of every group around it. */
export function idsOf(titles: readonly string[]): Set<string> {
  return new Set(titles.flatMap(leadingIds));
}
