import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type ConfigTable, type ConfigValue, type ServerList, ShapeTrouble } from '../formats/format.ts';

/** Local tokens as `ClientTokens` makes them. */
const TOKEN = /\bgw_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g;
const SWITCHES = ['enabled', 'disabled'];

/** How an entry in a file compares with the one that was written under its name. */
export type Likeness =
  /** As written; fields that the client added do not count. */
  | 'same'
  /** As written, but switched off in the client. */
  | 'off'
  /** Changed by somebody, but it still leads here. */
  | 'changed'
  /** Something else under the same name. */
  | 'foreign';

export function isTable(value: ConfigValue | undefined): value is ConfigTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The servers in a client's file by name; none where there is no list yet.
 * @throws ShapeTrouble when the list, or something on the way to it, is no list.
 */
export function serversIn(content: ConfigTable, list: ServerList): ReadonlyMap<string, ConfigValue> {
  let value: ConfigValue | undefined = content;
  for (const [index, step] of list.path.entries()) {
    if (!isTable(value)) throw new ShapeTrouble(list.path.slice(0, index).join('.'), 'is no table');
    value = Object.hasOwn(value, step) ? value[step] : undefined;
    if (value === undefined) return new Map();
  }
  const where = list.path.join('.');
  const { nameField } = list;
  if (nameField === undefined) {
    if (!isTable(value)) throw new ShapeTrouble(where, 'is no table');
    return new Map(Object.entries(value));
  }
  if (!Array.isArray(value)) throw new ShapeTrouble(where, 'is no list');
  const named = (value as readonly ConfigValue[]).flatMap((member): [string, ConfigValue][] => {
    const name = isTable(member) ? member[nameField] : undefined;
    return typeof name === 'string' ? [[name, member]] : [];
  });
  return new Map(named);
}

/** SHA-256 of a token, as `ClientTokens` stores it. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** One text for one meaning: fields sorted, local tokens replaced by their digests. */
export function canonical(value: ConfigValue): string {
  return JSON.stringify(sorted(value)).replace(TOKEN, (token) => `sha256:${digestOf(token)}`);
}

function sorted(value: ConfigValue): ConfigValue {
  if (Array.isArray(value)) return (value as readonly ConfigValue[]).map(sorted);
  if (!isTable(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name): [string, ConfigValue] => [name, sorted(value[name] ?? null)]),
  );
}

/** Digests of the local tokens in a canonical text. */
export function digestsIn(text: string): string[] {
  return [...text.matchAll(/sha256:([0-9a-f]{64})/g)].map(([, digest]) => digest ?? '');
}

/** Digests of the local tokens in a file. */
export function digestsOfTokens(text: string): string[] {
  return [...text.matchAll(TOKEN)].map(([token]) => digestOf(token));
}

/** Every text in a value, names of fields left out. */
export function leavesOf(value: ConfigValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly ConfigValue[]).flatMap(leavesOf);
  return isTable(value) ? Object.values(value).flatMap(leavesOf) : [];
}

/**
 * Compares canonical texts. Clients write their own fields into entries, and leave empty ones out, so only what was
 * written counts.
 * @param leads the command or the address that makes an entry one of ours.
 */
export function likenessOf(written: string, leads: string, present: string): Likeness {
  const ours = JSON.parse(written) as ConfigValue;
  const theirs = JSON.parse(present) as ConfigValue;
  if (!isTable(ours) || !isTable(theirs)) return 'foreign';
  const isKept = Object.entries(ours).every(
    ([name, value]) =>
      SWITCHES.includes(name) ||
      isDeepStrictEqual(theirs[name], value) ||
      (theirs[name] === undefined && isEmpty(value)),
  );
  if (isKept) return isOff(theirs) && !isOff(ours) ? 'off' : 'same';
  const token = digestsIn(written).some((digest) => present.includes(digest));
  return token || leavesOf(theirs).includes(leads) ? 'changed' : 'foreign';
}

/**
 * What somebody added to an entry that is as it was written otherwise: tools that are switched off, what was allowed once.
 * @param besides a field that is part of every entry.
 */
export function addedFields(
  written: string,
  leads: string,
  present: ConfigValue | undefined,
  besides: string | undefined,
): ConfigTable {
  if (!isTable(present)) return {};
  if (!['same', 'off'].includes(likenessOf(written, leads, canonical(present)))) return {};
  const known = [...Object.keys(JSON.parse(written) as ConfigTable), ...SWITCHES, besides];
  return Object.fromEntries(Object.entries(present).filter(([name]) => !known.includes(name)));
}

const RESTRICTION = /^(?:(?:disabled|enabled|excluded?|included?|available)_?tools|tools|disabled|enabled)$/i;

/** What keeps a client from using an entry, or some of its tools. */
export function restrictionsIn(entry: ConfigValue | undefined): ConfigTable {
  if (!isTable(entry)) return {};
  return Object.fromEntries(Object.entries(entry).filter(([name]) => RESTRICTION.test(name)));
}

function isOff(entry: ConfigTable): boolean {
  return entry.disabled === true || entry.enabled === false;
}

function isEmpty(value: ConfigValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
