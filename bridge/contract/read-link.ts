import { ConnectorId } from './connector.ts';
import { AddForm, type ReadLink } from './link.ts';
import { hidesSomething, looksLikeSecret, readWebAddress } from './web-address.ts';

const SCHEME = 'gangway://';
const MOST_BYTES = 2048;

type Field = Exclude<keyof AddForm, 'notes'>;

/** What a link may say, under the names it says it by. */
const FIELDS: Readonly<Record<string, Field>> = {
  connector: 'connector',
  url: 'url',
  name: 'label',
  workspace: 'workspace',
  environment: 'environment',
  user: 'user',
  'sign-in': 'signIn',
};

/** What a link must not decide: secrets, headers, who the client is, what is run. Only these names are ever repeated. */
const NEVER_FROM_A_LINK: ReadonlySet<string> = new Set([
  ...['key', 'apikey', 'api-key', 'api_key', 'token', 'access_token', 'secret', 'password', 'authorization'],
  ...['header', 'headers', 'client', 'client-id', 'client_id', 'client-secret', 'client_secret'],
  ...['command', 'args', 'env', 'cwd'],
]);

/**
 * Reads `gangway://add?…`, which any page, chat or mail may hold. A link only fills in the form for a new account: it
 * saves, contacts, switches and runs nothing, and no secret comes with it. Anything a careful writer of such a link
 * would not write is refused; OAuth never comes back this way, because any program may claim a scheme (RFC 8252
 * section 7.1). Values stay plain text, whatever they look like. Never throws.
 */
export function readLink(text: string): ReadLink {
  if (text.length > MOST_BYTES || new TextEncoder().encode(text).length > MOST_BYTES) {
    return refuse('This link is longer than 2 KB, so it was not opened. Ask for a shorter one.');
  }
  if (hidesSomething(text) || text.includes('\\')) {
    return refuse('This link contains characters that do not belong in a link, so it was not opened.');
  }
  if (!text.startsWith(SCHEME)) {
    return refuse(`This is no link for Gangway: it does not begin with ${SCHEME}, spelled exactly so.`);
  }
  if (text.includes('#')) return refuse('This link contains #, so it was not opened. Ask for a new one.');
  const place = /^[^?]*/.exec(text.slice(SCHEME.length))?.[0] ?? '';
  const trouble = placeTrouble(place);
  return trouble ? refuse(trouble) : readParameters(text.slice(SCHEME.length + place.length + 1));
}

/** A browser may add the slash behind the host. */
function placeTrouble(place: string): string | undefined {
  if (place === 'add' || place === 'add/') return undefined;
  if (place.includes('@')) return 'This link contains a user name, so it was not opened. Ask for a new one.';
  if (/^[^/]*:/.test(place)) return 'This link contains a port, so it was not opened. Ask for a new one.';
  if (place.startsWith('add/')) return 'This link contains a path, so it was not opened. Ask for a new one.';
  return 'Gangway has no such link. A link can only fill in the form for a new account.';
}

function readParameters(query: string): ReadLink {
  const given = new Map<string, string>();
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const cut = pair.indexOf('=');
    const name = decode(cut < 0 ? pair : pair.slice(0, cut));
    const value = decode(cut < 0 ? '' : pair.slice(cut + 1));
    if (name === undefined || value === undefined) {
      return refuse('This link is damaged: a percent sign in it stands for nothing. Ask for a new one.');
    }
    if (hidesSomething(name) || hidesSomething(value)) {
      return refuse('This link contains hidden characters, so it was not opened.');
    }
    if (given.has(name))
      return refuse('This link says something twice, so it was not opened. Ask for a new one.');
    given.set(name, value);
  }
  return formOf(given);
}

/** As forms are encoded (WHATWG URL, application/x-www-form-urlencoded), but with nothing repaired. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function formOf(given: ReadonlyMap<string, string>): ReadLink {
  const fields: Partial<Record<Field, string>> = {};
  const notes: string[] = [];
  const dropped: string[] = [];
  let unknown = 0;
  for (const [name, value] of given) {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (field) {
      if (value.trim() !== '') fields[field] = value.trim();
    } else if (NEVER_FROM_A_LINK.has(name.toLowerCase())) dropped.push(name.toLowerCase());
    else unknown += 1;
  }
  if (fields.url !== undefined) {
    const address = readWebAddress(fields.url);
    if (address.kind === 'refused') return refuse(`This link was not opened. ${address.because}`);
    fields.url = address.url;
    notes.push(...address.notes);
  }
  if (Object.values(fields).some(looksLikeSecret)) {
    return refuse(
      'This link carries something that looks like a key, so it was not opened. Keys never come by link.',
    );
  }
  if (dropped.length > 0) {
    const names = [...new Set(dropped)].join(', ');
    notes.push(`Left out of the link: ${names}. Secrets, headers and commands never come from a link.`);
  }
  if (unknown > 0) notes.push('The link said more, which Gangway does not know; it was left out.');
  return checked({ ...fields, notes });
}

function checked(form: object): ReadLink {
  const parsed = AddForm.safeParse(form);
  if (parsed.success) return { kind: 'add', form: parsed.data };
  return refuse(fieldTrouble(String(parsed.error.issues[0]?.path[0])));
}

function fieldTrouble(field: string): string {
  switch (field) {
    case 'connector':
      return `This link is for a kind of workspace that Gangway does not know. It knows ${ConnectorId.options.join(', ')}.`;
    case 'environment':
      return 'This link names an environment other than production, staging or development. Ask for a new one.';
    case 'signIn':
      return 'This link names a way to sign in other than none, key or oauth. Ask for a new one.';
    default:
      return 'This link holds a name, workspace or user that is too long. Ask for a new one.';
  }
}

function refuse(because: string): ReadLink {
  return { kind: 'refused', because };
}
