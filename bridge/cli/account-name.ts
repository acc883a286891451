import type { AccountView } from '../contract/control.ts';

/** The account a person means by id, short name or a label that only one has. The bridge itself has the last word. */
export function accountNamed(accounts: readonly AccountView[], typed: string): AccountView | undefined {
  const wanted = typed.trim().toLowerCase();
  return (
    accounts.find(({ id, slug }) => id === typed.trim() || slug === wanted) ??
    onlyOne(accounts.filter(({ label }) => label.toLowerCase() === wanted))
  );
}

function onlyOne<T>(candidates: readonly T[]): T | undefined {
  return candidates.length === 1 ? candidates[0] : undefined;
}
