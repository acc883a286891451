/** One scope value (RFC 6749 section 3.3), of a length that fits a sentence. */
const VALUE = /^[\u0021\u0023-\u005b\u005d-\u007e]{1,200}$/;
/** All of them: servers name them, so their number is bounded here. */
const CHARACTERS = 1_000;

/** The scope values of all, each once, in the order in which they first come; undefined when there is none. */
export function scopeUnion(...scopes: readonly (string | undefined)[]): string | undefined {
  const values = new Set(scopes.flatMap((scope) => scope?.split(' ').filter((value) => value !== '') ?? []));
  return values.size === 0 ? undefined : [...values].join(' ');
}

/**
 * What was asked for and not granted; undefined when nothing is missing. A server that names no scope granted what was
 * asked for (RFC 6749 section 5.1).
 */
export function missingScope(asked: string | undefined, granted: string | undefined): string | undefined {
  if (asked === undefined || granted === undefined) return undefined;
  const has = new Set(granted.split(' '));
  return scopeUnion(...asked.split(' ').filter((value) => !has.has(value)));
}

/** The union with what a workspace names, as far as it is scope and short; the same text when nothing is new. */
export function widened(wanted: string | undefined, named: string): string | undefined {
  let wider = wanted;
  for (const value of named
    .slice(0, CHARACTERS)
    .split(' ')
    .filter((one) => VALUE.test(one))) {
    const longer = scopeUnion(wider, value);
    if (longer !== undefined && longer.length <= CHARACTERS) wider = longer;
  }
  return wider;
}
