import { Redactor } from '../base/redactor.ts';
import { isTable, leavesOf } from './foreign/server-entries.ts';
import type { ConfigValue } from './formats/format.ts';

/** Stands for a secret in everything that is shown. */
export const MASK = '••••••••';

/** Tables whose values are given to a program or sent to a server. */
const PRIVATE_TABLES = /^(env|envs|environment|headers|.*_headers|requestoptions|inputs|auth|oauth)$/i;
const PRIVATE_NAMES = /key|token|secret|passw|credential|bearer|authori[sz]ation|cookie/i;
const HEADER_FLAG = /^(-H|--headers?)$/i;
const VALUE_FLAG = /^(-e|--env)$/i;
/** Long words with letters and digits are taken for keys. */
const LONG_WORD = /(?=[A-Za-z_+=~|-]*\d)(?=[\d_+=~|-]*[A-Za-z])[A-Za-z0-9_+=~|-]{24,}/g;
/** Shorter values occur in ordinary text by chance. */
const SHORTEST = 4;

/**
 * The text without the secrets of the entries it is about, and without anything that looks like one.
 * @param plain texts that are no secret, whatever their words look like.
 */
export function masked(text: string, entries: readonly ConfigValue[], plain: readonly string[] = []): string {
  const redactor = new Redactor();
  for (const secret of secretsIn(entries)) redactor.learn(secret);
  return redactor
    .clean(redactor.cleanKnown(text, MASK).replaceAll(/\bgw_[A-Za-z0-9_-]{20,}/g, MASK), MASK)
    .replaceAll(LONG_WORD, (word) => (plain.some((one) => one.includes(word)) ? word : MASK));
}

/** An entry with a mask in place of every secret in it. */
export function maskedEntry(entry: ConfigValue): ConfigValue {
  const secrets = secretsIn([entry]);
  const clean = (value: ConfigValue): ConfigValue => {
    if (typeof value === 'string') {
      return secrets.reduce((text, secret) => text.replaceAll(secret, MASK), masked(value, []));
    }
    if (Array.isArray(value)) return (value as readonly ConfigValue[]).map(clean);
    if (!isTable(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, clean(field)]));
  };
  return clean(entry);
}

/** Whether an entry still has one of the secrets of another in any of its texts. */
export function betrays(entry: ConfigValue | undefined, secretsOf: readonly ConfigValue[]): boolean {
  const secrets = secretsIn(secretsOf);
  return leavesOf(entry).some((text) => secrets.some((secret) => text.includes(secret)));
}

/** What is a secret in entries of servers, by where it stands; the longest first. */
export function secretsIn(entries: readonly ConfigValue[]): string[] {
  const found = new Set<string>();
  for (const entry of entries) gather(entry, found);
  return [...found].filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
}

function gather(value: ConfigValue, found: Set<string>): void {
  if (typeof value === 'string') gatherFromAddress(value, found);
  else if (Array.isArray(value)) gatherFromWords(value as readonly ConfigValue[], found);
  if (!isTable(value)) return;
  for (const [name, field] of Object.entries(value)) {
    const isPrivate =
      PRIVATE_TABLES.test(name) || (PRIVATE_NAMES.test(name) && typeof field === 'string' && name !== 'key');
    if (isPrivate) for (const leaf of leavesOf(field)) addValue(leaf, found);
    gather(field, found);
  }
}

/** `--header "Name: value"`, `--header=Name:value`, `-e NAME=value`, `--api-key value`, `NAME=value`. */
function gatherFromWords(words: readonly ConfigValue[], found: Set<string>): void {
  let flag = '';
  for (const word of words) {
    if (typeof word !== 'string') {
      gather(word, found);
      flag = '';
      continue;
    }
    if (HEADER_FLAG.test(flag)) addHeader(word, found);
    else if (!VALUE_FLAG.test(flag) && flag.startsWith('-') && PRIVATE_NAMES.test(flag))
      addValue(word, found);
    const assigned = /^([^=\s]+)=(.*)$/s.exec(word);
    if (assigned && HEADER_FLAG.test(assigned[1] ?? '')) addHeader(assigned[2] ?? '', found);
    else if (assigned && !word.includes('://')) addValue(assigned[2] ?? '', found);
    else gatherFromAddress(word, found);
    flag = word;
  }
}

function addHeader(text: string, found: Set<string>): void {
  const colon = text.indexOf(':');
  addValue(colon === -1 ? text : text.slice(colon + 1), found);
}

/** `Bearer <key>` is often split again by whoever writes it down, so its words count, too. */
function addValue(value: string, found: Set<string>): void {
  const plain = value.trim();
  found.add(plain);
  const [scheme, ...rest] = plain.split(/\s+/);
  if (/^(bearer|basic|token)$/i.test(scheme ?? '') && rest.length > 0) found.add(rest.join(' '));
  gatherFromAddress(plain, found);
}

/** Passwords and query values of addresses. */
function gatherFromAddress(text: string, found: Set<string>): void {
  if (!text.includes('://')) return;
  const authority = /:\/\/([^/?#\s]*)@/.exec(text)?.[1];
  if (authority !== undefined) {
    found.add(authority);
    found.add(authority.slice(authority.indexOf(':') + 1));
  }
  for (const [, value] of text.matchAll(/[?&#][^=&#\s]*=([^&#\s"']+)/g)) if (value) found.add(value);
}
