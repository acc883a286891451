import { type Json, readLooseJson } from './loose-json.ts';
import { readCommand, VARIABLES_NOTE } from './paste-command.ts';
import { type Found, type Pasted, pastedForm, refusePaste } from './pasted-form.ts';
import { onlyVisible } from './web-address.ts';

type Members = { readonly [name: string]: Json };

/** Under which names client programs keep their servers. */
const LISTS = ['mcpServers', 'servers', 'context_servers', 'mcp_servers', 'mcp'];
const ADDRESSES = ['url', 'serverUrl', 'httpUrl', 'uri'];
const HEADERS = ['headers', 'http_headers', 'requestOptions.headers'];
const VARIABLES = ['env', 'environment', 'envs', 'command.env'];
const COMMANDS = ['command', 'cmd'];

/** A server of a client program's settings file: the whole file, the list, one entry with its name, or one entry. */
export function readSnippet(text: string, givenName?: string | undefined): Pasted {
  // One line copied out of a list.
  const isMember = /^"(?:[^"\\]|\\.)*"\s*:/.test(text);
  const read = readLooseJson(isMember ? `{${text}}` : text);
  if (read.kind === 'damaged') {
    const column = isMember && read.line === 1 ? Math.max(read.column - 1, 1) : read.column;
    return refusePaste(
      `This snippet cannot be read: line ${read.line}, column ${column}, ${read.because}. Copy the whole snippet.`,
    );
  }
  if (!isMembers(read.value))
    return refusePaste('This snippet holds no server. Paste the part with its address.');
  const entries = entriesOf(read.value, givenName);
  const [only, ...others] = entries;
  if (!only) return refusePaste('This snippet holds no server. Paste the part with its address or command.');
  if (others.length > 0) {
    const names = entries.slice(0, 5).map(([name]) => onlyVisible(name?.slice(0, 30) ?? ''));
    return refusePaste(
      `This snippet holds ${entries.length} servers: ${names.join(', ')}. Paste one of them.`,
    );
  }
  const found = readEntry(...only);
  return typeof found === 'string' ? refusePaste(found) : pastedForm(found);
}

function entriesOf(
  value: Members,
  givenName: string | undefined,
  depth = 0,
): [string | undefined, Members][] {
  if (isEntry(value)) return [[givenName ?? textOf(value, 'name'), value]];
  for (const list of LISTS) {
    const inner = value[list];
    if (depth < 3 && Object.hasOwn(value, list) && isMembers(inner))
      return entriesOf(inner, givenName, depth + 1);
  }
  return Object.entries(value).flatMap(([name, entry]): [string, Members][] =>
    isMembers(entry) && isEntry(entry) ? [[name, entry]] : [],
  );
}

function isEntry(value: Members): boolean {
  return [...ADDRESSES, ...COMMANDS].some((name) => {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    return typeof given === 'string' || (COMMANDS.includes(name) && Array.isArray(given));
  });
}

/** What one entry of a client program's list of servers says, or why it cannot be used. */
export function readEntry(name: string | undefined, entry: Members): Found | string {
  const url = ADDRESSES.map((field) => textOf(entry, field)).find((text) => text !== undefined);
  const env = firstTexts(entry, VARIABLES);
  const kind = textOf(entry, 'type') ?? textOf(entry, 'transport');
  if (url !== undefined) {
    const headers = headersOf(entry);
    return { name, url: url.trim(), headers, sse: kind === 'sse' };
  }
  const words = wordsOf(entry);
  if (!words) return 'The command in this snippet is no list of words. Check it and paste it again.';
  const read = readCommand(words, new Map(env));
  if (read?.kind !== 'found') return 'The command in this snippet starts no server.';
  const { found } = read;
  if (found.url !== undefined || env.length === 0) return { ...found, name };
  return { ...found, name, notes: [...(found.notes ?? []), VARIABLES_NOTE] };
}

/** Where a client only names a variable that holds the value, the variable stands in its place. */
function headersOf(entry: Members): [string, string][] {
  const key = textOf(entry, 'apiKey');
  const variable = textOf(entry, 'bearer_token_env_var');
  const variables = textsOf(entry, 'env_http_headers') ?? [];
  return [
    ...firstTexts(entry, HEADERS),
    ...(key === undefined ? [] : [['Authorization', `Bearer ${key}`] satisfies [string, string]]),
    ...(variable === undefined
      ? []
      : [['Authorization', `Bearer \${${variable}}`] satisfies [string, string]]),
    ...variables.map(([name, held]): [string, string] => [name, `\${${held}}`]),
  ];
}

function wordsOf(entry: Members): string[] | undefined {
  const { command = entry.cmd, args = [] } = entry;
  // As Zed had it at first.
  if (isMembers(command)) return wordsOf({ command: command.path ?? null, args: command.args ?? [] });
  const words = [...(Array.isArray(command) ? command : [command]), ...(Array.isArray(args) ? args : [args])];
  return words.every((word) => typeof word === 'string') ? words : undefined;
}

function textOf(entry: Members, name: string): string | undefined {
  const value = Object.hasOwn(entry, name) ? entry[name] : undefined;
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function firstTexts(entry: Members, names: readonly string[]): [string, string][] {
  return names.map((name) => textsOf(entry, name)).find((texts) => texts !== undefined) ?? [];
}

/** `name` may lead into a table: `requestOptions.headers`. */
function textsOf(entry: Members, name: string): [string, string][] | undefined {
  const [first = '', ...rest] = name.split('.');
  const value = Object.hasOwn(entry, first) ? entry[first] : undefined;
  if (rest.length > 0) return isMembers(value) ? textsOf(value, rest.join('.')) : undefined;
  if (!isMembers(value)) return undefined;
  return Object.entries(value).flatMap(([key, text]): [string, string][] =>
    typeof text === 'string' ? [[key, text]] : [],
  );
}

function isMembers(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
