import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { Secret } from '../../base/secret.ts';
import type { ClientId, ForeignEntry } from '../../contract/clients.ts';
import type { AccountView } from '../../contract/control.ts';
import { asBridgeError } from '../../contract/errors.ts';
import { readEntry } from '../../contract/paste-snippet.ts';
import type { Found } from '../../contract/pasted-form.ts';
import { hidesSomething, looksLikeSecret, namesSecret } from '../../contract/web-address.ts';
import { readConfigFile } from '../files/config-file.ts';
import { ShapeTrouble, SyntaxTrouble } from '../formats/format.ts';
import { formatOf } from '../formats/formats.ts';
import type { FileClient, System } from '../known/client.ts';
import { isTable, serversIn } from './server-entries.ts';

/** An entry of a client that leads to a workspace, with what an account needs that takes its place. */
export interface FoundEntry extends ForeignEntry {
  /** The address as it stands in the file, where somebody may have put a key into it. */
  readonly address: Secret;
  /** Headers in the order of the file, each with its value. */
  readonly sent: readonly (readonly [name: string, value: Secret])[];
  /** It asks for HTTP+SSE (MCP 2024-11-05). */
  readonly sse: boolean;
  /** Of the file as it was read. */
  readonly sha256: string;
}

export interface FoundForeign {
  readonly entries: readonly FoundEntry[];
  /** Files that could not be read, each with why. */
  readonly unread: readonly { client: ClientId; path: string; text: string }[];
}

interface OwnSide {
  readonly accounts: readonly AccountView[];
  readonly door: string | undefined;
}

/**
 * Looks through the settings files of clients for entries that reach workspaces without Gangway: those that start
 * mcp-remote, and those with an address of their own. Opens every file that is there, so it is called when a person
 * asks. Changes nothing; never throws.
 * @param door where our own HTTP door is, whose entries are none of these.
 */
export async function findForeign(
  clients: readonly FileClient[],
  system: System,
  accounts: readonly AccountView[],
  door?: string,
): Promise<FoundForeign> {
  const entries: FoundEntry[] = [];
  const unread: { client: ClientId; path: string; text: string }[] = [];
  for (const client of clients) {
    for (const path of client.places(system)) {
      if (!system.exists(path)) continue;
      try {
        entries.push(...(await foreignIn(client, path, system.home, { accounts, door })));
      } catch (error) {
        unread.push({ client: client.id, path, text: whyUnread(path, error) });
      }
    }
  }
  return { entries, unread };
}

/** The entry as user interfaces may see it: without any value of a header. */
export function shownEntry(found: FoundEntry): ForeignEntry {
  const { id, client, path, entry, url, host, by, headers, oauth, account } = found;
  return { id, client, path, entry, url, host, by, headers: [...headers], oauth, account };
}

async function foreignIn(
  client: FileClient,
  path: string,
  home: string,
  own: OwnSide,
): Promise<FoundEntry[]> {
  const { text, sha256, exists } = await readConfigFile(path, home, 'look');
  if (!exists || sha256 === null) return [];
  const servers = serversIn(formatOf(client.format(path)).read(text), client.list);
  return [...servers].flatMap(([name, entry]): FoundEntry[] => {
    const read = isTable(entry) ? readEntry(name, entry) : '';
    // A local program that is not mcp-remote is no way to a workspace that Gangway could take over.
    if (typeof read === 'string' || read.url === undefined) return [];
    const found = foundEntry({ ...read, url: read.url }, own);
    if (found === undefined) return [];
    const id = createHash('sha256').update([client.id, path, name, sha256].join('\0')).digest('hex');
    return [{ ...found, id: id.slice(0, 32), client: client.id, path, entry: name, sha256 }];
  });
}

type Facts = Omit<FoundEntry, 'id' | 'client' | 'path' | 'entry' | 'sha256'>;

/** What can be told of an entry; undefined when it leads to this bridge, or to nothing that is an address. */
function foundEntry(found: Found & { readonly url: string }, own: OwnSide): Facts | undefined {
  const url = /^https?:\/\//i.test(found.url) ? URL.parse(found.url) : null;
  const sent = (found.headers ?? [])
    .map(([name, value]): readonly [string, string] => [name.trim(), value.trim()])
    .filter(([name, value]) => FIELD_NAME.test(name) && !looksLikeSecret(name) && value !== '');
  if (!url || isOurs(url, sent, own.door)) return undefined;
  const headers = [...new Set(sent.map(([name]) => name))];
  return {
    url: addressToShow(url),
    host: url.host,
    by: found.through ?? 'address',
    headers,
    oauth: !headers.some((name) => signsIn(name)),
    account: accountAt(url, sent, own.accounts)?.slug ?? null,
    address: new Secret(found.url),
    sent: sent.map(([name, value]) => [name, new Secret(value)]),
    sse: found.sse ?? false,
  };
}

/** A field name is a token (RFC 9110 section 5.1). */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** True for a header whose name says that its value lets somebody in. */
function signsIn(name: string): boolean {
  return namesSecret(name) || /auth|cookie/i.test(name);
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** Our own door, as it is now or as it was on another port: nobody else gives out tokens that begin like ours. */
function isOurs(
  url: URL,
  sent: readonly (readonly [name: string, value: string])[],
  door: string | undefined,
): boolean {
  if (!LOOPBACK.test(url.hostname)) return false;
  if (door !== undefined && URL.parse(door)?.port === url.port) return true;
  return sent.some(([, value]) => /^bearer gw_[\w-]{20,}$/i.test(value));
}

/** The address without user, password, fragment and whatever looks like a key. */
function addressToShow(url: URL): string {
  const shown = new URL(url.href);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  for (const [name, value] of [...shown.searchParams]) {
    if (namesSecret(name) || isOpaque(value) || hidesSomething(value)) shown.searchParams.delete(name);
  }
  shown.pathname = shown.pathname
    .split('/')
    .map((part) => (isOpaque(part) && !UUID.test(part) ? '...' : part))
    .join('/');
  return shown.href;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A part of an address that could be a key: it has the shape of one, or is long and says nothing. */
function isOpaque(part: string): boolean {
  return looksLikeSecret(part) || /^(?=.*\d)(?=.*[a-z])[\w.~%|+=-]{24,}$/i.test(part);
}

/**
 * The one account at this address that sends the same open headers and runs as the same member. Of several none is
 * taken: which of them is meant only the person knows.
 */
function accountAt(
  url: URL,
  sent: readonly (readonly [name: string, value: string])[],
  accounts: readonly AccountView[],
): AccountView | undefined {
  const values = new Map(sent.map(([name, value]) => [name.toLowerCase(), value]));
  const users = [...values].filter(([name]) => USER_HEADER.test(name));
  const hasKey = [...values.keys()].some(signsIn);
  const fitting = accounts.filter(({ upstream, headers, secretHeaders, signIn, user }) => {
    if (upstream.kind === 'command' || normal(upstream.url) !== normal(url.href)) return false;
    return (
      (!hasKey || signIn.kind === 'key' || secretHeaders.length > 0) &&
      users.every(([, value]) => value === user?.value) &&
      Object.entries(headers).every(([name, value]) => values.get(name) === value)
    );
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Names the member that calls run as. */
const USER_HEADER = /^x-\w+-user-(?:id|email)$/;

function normal(address: string): string | undefined {
  const url = URL.parse(address);
  if (!url) return undefined;
  url.hash = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url.href;
}

function whyUnread(path: string, error: unknown): string {
  if (error instanceof SyntaxTrouble) {
    return `${basename(path)} has an error in line ${error.line}, column ${error.column}. It was left as it is.`;
  }
  if (error instanceof ShapeTrouble) {
    return `In ${basename(path)}, ${error.where || 'the file'} is not what the client expects. It was left as it is.`;
  }
  return asBridgeError(error).message;
}
