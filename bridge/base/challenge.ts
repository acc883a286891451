import { limits } from './limits.ts';

/** The Bearer challenge of a 401 or 403 (RFC 6750 section 3, RFC 9728 section 5.1). Texts are the server's own. */
export interface Challenge {
  /** Not checked yet. */
  readonly resourceMetadata?: string;
  /** Proper scope values (RFC 6749 section 3.3), separated by single blanks. */
  readonly scope?: string;
  readonly error?: string;
}

/** A token of HTTP (RFC 9110 section 5.6.2). */
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
/** What follows a scheme instead of parameters (RFC 9110 section 11.2). */
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
/** A value without quotes. More than a token is taken, because servers write addresses so. */
const BARE = /[^\s,"]+/y;
const BLANKS = /[ \t]*/y;
const BLANKS_AND_COMMAS = /[ \t,]*/y;

/**
 * The first Bearer challenge among all `WWW-Authenticate` headers, which are one list of challenges of any schemes
 * (RFC 9110 section 11.6.1).
 * @returns undefined when there is none, or when the headers are larger than any server needs.
 */
export function parseChallenge(values: readonly string[] | string | undefined): Challenge | undefined {
  const text = typeof values === 'string' ? values : (values ?? []).join(', ');
  if (text.length > limits.responseHeaderBytes) return undefined;
  const bearer = challenges(text).find(({ scheme }) => scheme === 'bearer');
  if (!bearer) return undefined;
  const { parameters } = bearer;
  const resourceMetadata = parameters.get('resource_metadata');
  const scope = properScope(parameters.get('scope')?.split(' '));
  const error = parameters.get('error');
  return {
    ...(resourceMetadata ? { resourceMetadata } : {}),
    ...(scope === undefined ? {} : { scope }),
    ...(error && /^[\u0020-\u0021\u0023-\u005b\u005d-\u007e]{1,100}$/.test(error) ? { error } : {}),
  };
}

/** The values that are scope values by RFC 6749 section 3.3, each once, as one text; undefined when none is. */
export function properScope(values: readonly unknown[] | undefined): string | undefined {
  const proper = (values ?? []).filter(
    (value): value is string =>
      typeof value === 'string' && /^[\u0021\u0023-\u005b\u005d-\u007e]+$/.test(value),
  );
  return proper.length === 0 ? undefined : [...new Set(proper)].join(' ');
}

interface OneChallenge {
  /** Lower case. */
  readonly scheme: string;
  /** By lower-case name; the first of several. */
  readonly parameters: Map<string, string>;
}

function challenges(text: string): OneChallenge[] {
  const found: OneChallenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const taken = pattern.exec(text)?.[0] ?? '';
    at += taken.length;
    return taken;
  };
  const takeQuoted = (): string | undefined => {
    const { value, end } = quotedString(text, at);
    at = end;
    return value;
  };
  for (;;) {
    take(BLANKS_AND_COMMAS);
    if (at >= text.length) return found;
    const name = take(TOKEN).toLowerCase();
    if (name === '') {
      // Outside the grammar: one string or one character less to understand.
      if (text[at] === '"') takeQuoted();
      else at += 1;
      continue;
    }
    const before = at;
    take(BLANKS);
    const current = found.at(-1);
    if (text[at] === '=' && current) {
      at += 1;
      take(BLANKS);
      const value = text[at] === '"' ? takeQuoted() : take(BARE);
      if (value !== undefined && !current.parameters.has(name)) current.parameters.set(name, value);
      continue;
    }
    found.push({ scheme: name, parameters: new Map() });
    if (at > before) take(TOKEN68);
  }
}

/** The quoted string that opens at `at`, without its escapes; no value when it never ends. */
function quotedString(text: string, at: number): { value: string | undefined; end: number } {
  let value = '';
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === '"') return { value, end: end + 1 };
    if (text[end] === '\\') end += 1;
    value += text[end] ?? '';
  }
  return { value: undefined, end: text.length };
}
