import type { AddForm } from './link.ts';
import { hidesSomething, looksLikeSecret, onlyVisible, readWebAddress } from './web-address.ts';

/** What a pasted text puts into the form for a new account. The secrets in it are the person's own paste. */
export interface PastedForm {
  readonly kind: 'form';
  readonly form: AddForm;
  /** The key that was found, without the word Bearer. */
  readonly key?: string;
  /** The header that key was in, lower case; absent when it was `authorization`. */
  readonly keyHeader?: string;
  /** Further headers, by lower-case name. Any of them may be a secret. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A local command in place of an address: the program and its arguments, all of them. */
  readonly command?: readonly string[];
  /** It asks for HTTP+SSE (MCP 2024-11-05). */
  readonly transport?: 'sse';
}

/** `nothing`: no such text (yet), which is no mistake of the person who is still typing. */
export type Pasted =
  | PastedForm
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'nothing' };

/** One server as a snippet or a command line describes it, not yet checked. */
export interface Found {
  readonly name?: string | undefined;
  readonly url?: string | undefined;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly command?: readonly string[] | undefined;
  readonly sse?: boolean;
  /** The program that carries the messages to the address, where it is not the client itself. */
  readonly through?: 'mcp-remote';
  readonly notes?: readonly string[];
}

const MOST_VALUE = 8 * 1024;
const MOST_HEADERS = 20;
const MOST_ARGUMENTS = 100;
const MOST_LABEL = 80;
/** A field name is a token (RFC 9110 section 5.1). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/;
/** Gangway writes these itself. */
const OURS: ReadonlySet<string> = new Set(['accept', 'content-type', 'content-length', 'host', 'user-agent']);
const KEY_HEADERS: ReadonlySet<string> = new Set(['x-api-key', 'api-key']);
/** Headers of known workspaces that name the member calls run as. */
const USER_HEADERS: ReadonlySet<string> = new Set(['x-allv-user-id', 'x-allv-user-email']);
/** Something that stands for a value: a variable, a gap to fill in, or a shortened example. */
const PLACEHOLDER =
  /\$\{[^}]*\}|\{\{.*\}\}|\{(?:env|file):[^}]*\}|^\$[A-Za-z_]\w*$|^%\w+%$|<[^<>]*>|\.\.\.$|\u2026$|^\[.*\]$|^x{4,}$|^your[ _-]/i;

/** Checks what was found and sorts it into the fields of the form. Never throws. */
export function pastedForm(found: Found): Pasted {
  const notes = [...(found.notes ?? [])];
  const label = onlyVisible((found.name ?? '').slice(0, 1000))
    .slice(0, MOST_LABEL)
    .trim()
    .toWellFormed();
  const named = label === '' ? {} : { label };
  if (found.url === undefined) {
    if (!found.command?.[0])
      return refusePaste('This names no address and no command. Paste the whole snippet.');
    const trouble = commandTrouble(found.command);
    if (trouble) return refusePaste(trouble);
    if (found.command.some(looksLikeSecret)) {
      notes.push(
        'The command contains what looks like a key. Other programs on this computer could read it there.',
      );
    }
    const form: AddForm = { connector: 'custom', ...named, notes };
    return { kind: 'form', form, command: [...found.command] };
  }
  const address = readWebAddress(found.url);
  if (address.kind === 'refused') return refusePaste(address.because);
  notes.push(...address.notes);
  const sorted = sortHeaders(found.headers ?? []);
  if (typeof sorted === 'string') return refusePaste(sorted);
  const { key, keyHeader, headers, user, isKeyMissing } = sorted;
  if (isKeyMissing) notes.push('In place of the key stands a placeholder. Enter the key itself.');
  const form: AddForm = {
    url: address.url,
    ...named,
    ...(user ? { user } : {}),
    ...(key || isKeyMissing ? { signIn: 'key' as const } : {}),
    notes: [...notes, ...sorted.notes],
  };
  return {
    kind: 'form',
    form,
    ...(key ? { key } : {}),
    ...(keyHeader ? { keyHeader } : {}),
    ...(headers.size > 0 ? { headers: Object.fromEntries(headers) } : {}),
    ...(found.sse ? { transport: 'sse' as const } : {}),
  };
}

export function refusePaste(because: string): Pasted {
  return { kind: 'refused', because };
}

interface Sorted {
  key: string | undefined;
  keyHeader: string | undefined;
  isKeyMissing: boolean;
  user: string | undefined;
  readonly headers: Map<string, string>;
  readonly notes: string[];
}

/** The headers by what they are for, or why they cannot be used. */
function sortHeaders(given: readonly (readonly [name: string, value: string])[]): Sorted | string {
  const sorted: Sorted = {
    key: undefined,
    keyHeader: undefined,
    isKeyMissing: false,
    user: undefined,
    headers: new Map(),
    notes: [],
  };
  if (given.length > MOST_HEADERS)
    return `This has more than ${MOST_HEADERS} headers. Leave out those that are not needed.`;
  for (const [typed, text] of given) {
    const name = typed.trim().toLowerCase();
    const value = text.trim();
    if (!TOKEN.test(name)) return 'A header in this text has no proper name. Check it and paste it again.';
    if (OURS.has(name) || value === '') continue;
    if (value.length > MOST_VALUE) return `The value of header ${name.slice(0, 60)} is longer than 8 KB.`;
    if (hidesSomething(value))
      return `The value of header ${name.slice(0, 60)} contains invisible characters.`;
    sortHeader(name, value, sorted);
  }
  return sorted;
}

function sortHeader(name: string, value: string, sorted: Sorted): void {
  const bearer = name === 'authorization' ? /^bearer(?:\s+(.*))?$/i.exec(value) : null;
  const isKey = bearer !== null || KEY_HEADERS.has(name);
  const bare = bearer ? (bearer[1] ?? '') : value;
  if (PLACEHOLDER.test(bare) || bare === '') {
    if (isKey || name === 'authorization') sorted.isKeyMissing = true;
    else
      sorted.notes.push(
        `Header ${name.slice(0, 60)} was left out: in place of its value stands a placeholder.`,
      );
  } else if (USER_HEADERS.has(name) && bare.length <= 255) sorted.user = bare;
  else if (isKey && sorted.key === undefined) {
    sorted.key = bare;
    if (name !== 'authorization') sorted.keyHeader = name;
  } else sorted.headers.set(name, value);
}

function commandTrouble(command: readonly string[]): string | undefined {
  if (command.length > MOST_ARGUMENTS || command.join(' ').length > MOST_VALUE) {
    return `A local command has at most ${MOST_ARGUMENTS} arguments and 8 KB.`;
  }
  if (command.some(hidesSomething)) return 'The command contains invisible characters or line breaks.';
  return undefined;
}
