import { createHash } from 'node:crypto';

/** Clients make names of tools from it, which models take only up to some length. */
const LONGEST = 60;

/**
 * The name under which a client lists an address. It has lower-case letters, digits and hyphens only, which every client
 * takes and none rewrites; two addresses never share one.
 */
export function entryName(address: string): string {
  if (address === 'current') return 'gangway';
  const plain = `gangway-${address}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '');
  if (plain === `gangway-${address}` && plain.length <= LONGEST) return plain;
  const mark = createHash('sha256').update(address).digest('hex').slice(0, 8);
  return withEnding(plain, mark);
}

/**
 * The name, or when somebody else's entry has it, the first free one of `gangway-2`, `gangway-3` and so on. Names that
 * differ only in capitals, or in `_` for `-`, count as one: some clients take them for the same.
 */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const folded = new Set(Array.from(taken, fold));
  let name = wanted;
  for (let number = 2; folded.has(fold(name)); number += 1) name = withEnding(wanted, String(number));
  return name;
}

function withEnding(name: string, ending: string): string {
  const room = LONGEST - ending.length - 1;
  return `${name.slice(0, room).replace(/-+$/, '')}-${ending}`;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
