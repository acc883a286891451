const rules = new Intl.PluralRules('en');

/** A number with its word: `3 calls`. */
export function plural(count: number, one: string, other: string): string {
  return `${count.toLocaleString('en')} ${rules.select(count) === 'one' ? one : other}`;
}
