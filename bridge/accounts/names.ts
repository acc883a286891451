import { oneLine } from '../base/text.ts';
import { Slug } from '../contract/account.ts';
import { ConnectorId } from '../contract/connector.ts';

const LABEL_LENGTH = 80;
const SLUG_LENGTH = 63;

/** Words of the address grammar that name something else than one account. */
const RESERVED: ReadonlySet<string> = new Set(['current', ...ConnectorId.options]);

/** The label as it is stored: one line, no control or direction characters, at most 80 UTF-16 units; may be empty. */
export function cleanLabel(typed: string): string {
  return oneLine(typed, LABEL_LENGTH);
}

/** The label, or with a number when another account already has it: `Acme`, `Acme (2)`. Case does not tell them apart. */
export function numberedLabel(label: string, taken: Iterable<string>): string {
  const others = new Set([...taken].map((other) => other.toLowerCase()));
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : ` (${number})`;
    const candidate = oneLine(label, LABEL_LENGTH - suffix.length) + suffix;
    if (!others.has(candidate.toLowerCase())) return candidate;
  }
}

/**
 * The slug of an account: its label in lower-case ASCII letters, digits and hyphens, numbered when it is taken.
 * Never a word that addresses use otherwise (`current`, the connectors).
 */
export function slugFor(label: string, taken: Iterable<string>): Slug {
  const others = new Set(taken);
  const plain = label
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const base = plain || 'account';
  const first = RESERVED.has(base) ? 1 : 2;
  for (let number = first - 1; ; number += 1) {
    const suffix = number < first ? '' : `-${number}`;
    const candidate = base.slice(0, SLUG_LENGTH - suffix.length).replace(/-+$/, '') + suffix;
    if (!RESERVED.has(candidate) && !others.has(candidate)) return Slug.parse(candidate);
  }
}
