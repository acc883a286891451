import type { CanaryKind } from '../canary/canary.ts';

/** One of the workspaces of the run. `both` speaks either era. */
export interface Place {
  readonly name: string;
  readonly path: string;
  readonly speaks: 'legacy' | 'modern' | 'both';
  readonly signIn: 'key' | 'oauth';
}

export const places = [
  { name: 'allv', path: '/api/workspaces/1/mcp', speaks: 'legacy', signIn: 'key' },
  { name: 'borealis', path: '/mcp', speaks: 'both', signIn: 'key' },
  { name: 'pelcro', path: '/', speaks: 'legacy', signIn: 'oauth' },
  { name: 'meridian', path: '/mcp', speaks: 'modern', signIn: 'oauth' },
] as const satisfies readonly Place[];
export type PlaceName = (typeof places)[number]['name'];

/** One of the accounts; its place in the list is the number it has in ledgers, counted from 1. */
export interface RunAccount {
  /** Its short name in Gangway, and the choice on the consent page. */
  readonly id: string;
  readonly place: PlaceName;
  readonly connector: 'allv' | 'pelcro' | 'custom';
  /** As whom the workspace has to run its calls. */
  readonly user: string;
  /** Which of the run's keys it uses; absent: signed in to in the browser. */
  readonly key?: { readonly name: string; readonly kind: CanaryKind; readonly header: string };
}

const team = { name: 'team', kind: 'allv', header: 'authorization' } as const;

/**
 * Eight accounts: two members behind one key, two keys of one workspace in different headers, and four that were signed
 * in to, two at each of two authorization servers. Legacy, modern and both.
 */
export const accounts: readonly RunAccount[] = [
  { id: 'ines', place: 'allv', connector: 'allv', user: 'ines@example.com', key: team },
  { id: 'otto', place: 'allv', connector: 'allv', user: 'otto@example.com', key: team },
  {
    id: 'desk',
    place: 'borealis',
    connector: 'custom',
    user: 'desk',
    key: { name: 'desk', kind: 'bearer', header: 'authorization' },
  },
  {
    id: 'night',
    place: 'borealis',
    connector: 'custom',
    user: 'night',
    key: { name: 'night', kind: 'generic', header: 'x-team-key' },
  },
  { id: 'herald', place: 'pelcro', connector: 'pelcro', user: 'herald' },
  { id: 'gazette', place: 'pelcro', connector: 'pelcro', user: 'gazette' },
  { id: 'north', place: 'meridian', connector: 'custom', user: 'north' },
  { id: 'south', place: 'meridian', connector: 'custom', user: 'south' },
];

/** The number of an account in ledgers; 0 is nobody. */
export function numberOf(id: string): number {
  return accounts.findIndex((account) => account.id === id) + 1;
}

/** The accounts of a set of bits, as ledgers keep them. */
export function bitOf(account: number): number {
  return account === 0 ? 0 : 1 << (account - 1);
}

/** What an answer says about who gave it. */
export function signatureOf({ id, user }: RunAccount): string {
  return `${id} as ${user}`;
}
