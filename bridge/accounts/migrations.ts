import * as z from 'zod';
import type { Migration } from '../base/json-file.ts';

/**
 * Lifts of accounts.json; `migrations[n]` takes version n to n+1. Each is pure, and what it cannot read it leaves to
 * the schema check that follows, which sets a damaged file aside instead of guessing.
 */
export const migrations: readonly Migration[] = [
  oneActiveBecomesCurrent,
  signInMayBeOAuth,
  recentUsersAreKept,
  removedNamesAreKept,
];

/** Version 0, of the first prototypes: one active account in all, the address and the header flat in the account. */
const Version0Account = z.looseObject({
  connector: z.string(),
  url: z.string(),
  keyHeader: z.string().optional(),
  userId: z.string().optional(),
  userEmail: z.string().optional(),
  readOnly: z.boolean().optional(),
});
const Version0 = z.looseObject({ active: z.string().nullable(), accounts: z.array(Version0Account) });

/**
 * 0 -> 1: the one active account becomes the current one and its connector's active one; each other connector makes
 * its first account the active one. `url`, `keyHeader`, `userId`/`userEmail` and `readOnly` become `upstream`,
 * `signIn`, `user` and `rules`.
 */
function oneActiveBecomesCurrent(document: Record<string, unknown>): Record<string, unknown> {
  const old = Version0.safeParse(document);
  if (!old.success) return document;
  const active: Record<string, unknown> = {};
  for (const account of old.data.accounts) active[account.connector] ??= account.id;
  const current = old.data.accounts.find((account) => account.id === old.data.active);
  if (current) active[current.connector] = current.id;
  return { current: current?.id ?? null, active, accounts: old.data.accounts.map(lifted) };
}

function lifted(old: z.infer<typeof Version0Account>): Record<string, unknown> {
  const { url, keyHeader, userId, userEmail, readOnly, ...kept } = old;
  return {
    color: 'slate',
    environment: 'production',
    headers: {},
    secretHeaders: [],
    ownNetwork: false,
    state: 'ready',
    ...kept,
    upstream: { kind: 'http', url },
    signIn: keyHeader ? { kind: 'key', header: keyHeader.toLowerCase() } : { kind: 'none' },
    ...(userId ? { user: { by: 'id', value: userId } } : {}),
    ...(!userId && userEmail ? { user: { by: 'email', value: userEmail } } : {}),
    rules: { readOnly: readOnly ?? false, deny: [] },
  };
}

/** 1 -> 2: accounts may sign in by OAuth. Nothing changes, but a Gangway that knows no OAuth leaves the file alone. */
function signInMayBeOAuth(document: Record<string, unknown>): Record<string, unknown> {
  return document;
}

const Version2 = z.looseObject({ accounts: z.array(z.looseObject({})) });

/** 2 -> 3: accounts keep the members that calls ran as before; so far nobody noted them. */
function recentUsersAreKept(document: Record<string, unknown>): Record<string, unknown> {
  const old = Version2.safeParse(document);
  if (!old.success) return document;
  return { ...old.data, accounts: old.data.accounts.map((account) => ({ ...account, recentUsers: [] })) };
}

/** 3 -> 4: short names of removed accounts are kept, so that none is given to another one; so far nobody noted them. */
function removedNamesAreKept(document: Record<string, unknown>): Record<string, unknown> {
  return { ...document, retired: [] };
}
