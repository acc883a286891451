import type { Found } from './pasted-form.ts';

/** A command line as words, without running anything; undefined when only a shell could say what it means. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let place = 0; place < line.length; place += 1) {
    const character = line.charAt(place);
    const next = line.charAt(place + 1);
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (character === '\\' && quote === '"' && /["\\$`]/.test(next)) {
        word += next;
        place += 1;
      } else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\' && /[\s"'\\]/.test(next)) {
      // Before the end of a line it joins two lines; elsewhere it keeps a blank or a quote in the word.
      if (next !== '\n') word = (word ?? '') + next;
      place += 1;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[|;&<>`]/.test(character) || (character === '$' && next === '(')) return undefined;
    else word = (word ?? '') + character;
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/** What a program's command line says; `snippet` is JSON that stood in it, under a name of its own. */
export type ReadCommand =
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'snippet'; readonly text: string; readonly name: string | undefined };

/** For a local command; the bridge gives it only what programs need to run at all. */
export const VARIABLES_NOTE =
  'Variables of the environment are set there too; Gangway does not pass them on to a command.';

/** Options that take a value, as the programs below spell them. */
const TAKES_VALUE: ReadonlySet<string> = new Set([
  ...[
    '--transport',
    '-t',
    '--header',
    '-H',
    '--scope',
    '-s',
    '--env',
    '-e',
    '--url',
    '--name',
    '--type',
    '--timeout',
  ],
  ...['--client-id', '--callback-port', '--bearer-token-env-var', '--description', '--host', '--resource'],
  ...['--auth-timeout', '--ignore-tool', '--static-oauth-client-metadata', '--static-oauth-client-info'],
]);

/** Far more words and characters than a command may have; the form refuses it then. */
const MOST_WORDS = 200;
const MOST_ADDED = 16 * 1024;

interface Options {
  readonly positional: readonly string[];
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** What stood behind `--`. */
  readonly rest: readonly string[] | undefined;
}

/**
 * Reads the words of a command line, or the `command` and `args` of a snippet: one that adds a server to a client
 * program, one that reaches an address through mcp-remote, or any other local command.
 */
export function readCommand(
  words: readonly string[],
  env: ReadonlyMap<string, string>,
): ReadCommand | undefined {
  const [program, ...args] = withoutShell(words)
    .slice(0, MOST_WORDS)
    .map((word) => filledIn(word, env));
  if (program === undefined) return undefined;
  const name = programName(program);
  if (/^(claude|codex|gemini)$/.test(name) && args[0] === 'mcp') return readAdding(args.slice(1));
  if (/^code(-insiders)?$/.test(name) && args[0] === '--add-mcp' && args[1] !== undefined) {
    return { kind: 'snippet', text: args[1], name: undefined };
  }
  return { kind: 'found', found: readRemote([program, ...args]) ?? { command: [program, ...args] } };
}

/** `claude mcp add [options] name address` or `… name -- command`, and the same of its relatives. */
function readAdding([verb, ...args]: readonly string[]): ReadCommand | undefined {
  const { positional, values, rest } = readOptions(args);
  const [name, target, ...more] = positional;
  if (verb === 'add-json' && target !== undefined) return { kind: 'snippet', text: target, name };
  if (verb !== 'add' || name === undefined) return undefined;
  const given = values.get('--transport') ?? values.get('-t') ?? [];
  const headers = headersOf(values);
  const url = values.get('--url')?.[0] ?? (isAddress(target) ? target : undefined);
  if (url !== undefined) return { kind: 'found', found: { name, url, headers, sse: given.includes('sse') } };
  const command = [...(target === undefined ? [] : [target, ...more]), ...(rest ?? [])];
  if (command.length === 0) return undefined;
  const found = readRemote(command) ?? { command };
  const setsVariables = found.url === undefined && (values.has('--env') || values.has('-e'));
  const notes = [...(found.notes ?? []), ...(setsVariables ? [VARIABLES_NOTE] : [])];
  return { kind: 'found', found: { ...found, name, notes } };
}

/** `npx mcp-remote address …`: a local program that only carries messages to an address, which Gangway does itself. */
function readRemote(words: readonly string[]): Found | undefined {
  const start = words.findIndex((word) => /(^|[/\\])mcp-remote(@[^/\\]*)?$|[/\\]mcp-remote[/\\]/.test(word));
  if (start < 0 || words.slice(0, start).some((word) => isAddress(word))) return undefined;
  const { positional, values } = readOptions(words.slice(start + 1));
  const url = positional.find((word) => isAddress(word));
  if (url === undefined) return undefined;
  const sse = values.get('--transport')?.some((value) => value === 'sse-only') ?? false;
  const notes = [
    'The command only leads to this address through mcp-remote; Gangway reaches it without that program.',
  ];
  return { url, headers: headersOf(values), sse, through: 'mcp-remote', notes };
}

function readOptions(words: readonly string[]): Options {
  const positional: string[] = [];
  const values = new Map<string, string[]>();
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);
  for (let index = 0; index < before.length; index += 1) {
    const word = before[index] ?? '';
    const [, option, inline] = /^(--?[A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (option === undefined) positional.push(word);
    else if (inline !== undefined) values.set(option, [...(values.get(option) ?? []), inline]);
    else if (TAKES_VALUE.has(option)) {
      index += 1;
      values.set(option, [...(values.get(option) ?? []), before[index] ?? '']);
    }
  }
  return { positional, values, rest: end < 0 ? undefined : words.slice(end + 1) };
}

function headersOf(values: ReadonlyMap<string, readonly string[]>): (readonly [string, string])[] {
  return [...(values.get('--header') ?? []), ...(values.get('-H') ?? [])].map((text) => {
    const colon = text.indexOf(':');
    return colon < 0 ? ([text, ''] as const) : ([text.slice(0, colon), text.slice(colon + 1)] as const);
  });
}

/** A prompt copied along, and the shell that Windows needs to start npx. */
function withoutShell(words: readonly string[]): readonly string[] {
  const [first = '', second = ''] = words;
  if (first === '$' || first === '>') return withoutShell(words.slice(1));
  return programName(first) === 'cmd' && /^\/c$/i.test(second) ? words.slice(2) : words;
}

function programName(program: string): string {
  return program
    .replace(/^.*[/\\]/, '')
    .replace(/\.(exe|cmd|bat|ps1)$/i, '')
    .toLowerCase();
}

/** `${NAME}` where the snippet itself says what it stands for; short enough that nothing can be blown up by it. */
function filledIn(word: string, env: ReadonlyMap<string, string>): string {
  let added = 0;
  return word.replaceAll(/\$\{(?:env:)?([A-Za-z_]\w*)\}/g, (whole, name: string) => {
    const value = env.get(name);
    added += value?.length ?? 0;
    return value === undefined || added > MOST_ADDED ? whole : value;
  });
}

function isAddress(word: string | undefined): boolean {
  return word !== undefined && /^https?:\/\//i.test(word);
}
