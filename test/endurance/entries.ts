import type { NewAccount } from '#contract/control.ts';
import { canary } from '../canary/canary.ts';
import { accounts, type RunAccount } from './accounts.ts';
import type { Secret } from './workspaces.ts';

/** A key of its own for every name in the table of accounts. */
export function freshSecrets(): Secret[] {
  const keys = new Map(accounts.flatMap(({ key }) => (key ? [[key.name, key]] : [])));
  return [...keys.values()].map(({ name, kind }) => ({ name, kind, value: canary(kind) }));
}

/** What a person would enter to add this account. */
export function entryOf(
  { id, connector, key, user }: RunAccount,
  url: string,
  secrets: readonly Secret[],
): NewAccount {
  const entry: NewAccount = { connector, label: id, url, ownNetwork: true };
  if (!key) {
    return { ...entry, signIn: 'oauth', ...(connector === 'pelcro' ? { environment: 'production' } : {}) };
  }
  return {
    ...entry,
    signIn: 'key',
    key: secrets.find(({ name }) => name === key.name)?.value,
    ...(key.header === 'authorization' ? {} : { keyHeader: key.header }),
    ...(connector === 'allv' ? { user } : {}),
  };
}
