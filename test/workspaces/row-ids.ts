/** The next free id of a list, `<prefix>_<number>`; a number is not used twice while a later one exists. */
export function nextId(prefix: string, rows: readonly { readonly id: string }[]): string {
  const numbers = rows.map(({ id }) => Number(/_(\d+)$/.exec(id)?.[1] ?? 0));
  return `${prefix}_${Math.max(0, ...numbers) + 1}`;
}
