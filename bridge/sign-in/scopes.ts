/** The scope values of both, each once, in the order in which they first come; undefined when there is none. */
export function scopeUnion(...scopes: readonly (string | undefined)[]): string | undefined {
  const values = new Set(scopes.flatMap((scope) => scope?.split(' ').filter((value) => value !== '') ?? []));
  return values.size === 0 ? undefined : [...values].join(' ');
}

/** What was asked for and not granted. */
export function missingScope(asked: string | undefined, granted: string | undefined): string | undefined {
  if (asked === undefined || granted === undefined) return undefined;
  const has = new Set(granted.split(' '));
  return scopeUnion(
    asked
      .split(' ')
      .filter((value) => !has.has(value))
      .join(' '),
  );
}
