import { lstat, stat } from 'node:fs/promises';
import { effectOfRemoval } from './afterwards.ts';
import type { Connection } from './connections.ts';
import type { Backups } from './files/backups.ts';
import type { ConfigFile } from './files/config-file.ts';
import { canonical, likenessOf } from './foreign/server-entries.ts';
import type { ConfigValue, Splice } from './formats/format.ts';
import { formatOf } from './formats/formats.ts';
import type { FileClient } from './known/client.ts';
import { masked } from './masks.ts';
import {
  contentOf,
  type OpenedFile,
  openFile,
  type PlanningParts,
  reading,
  type Shown,
  shownRemoval,
} from './planning.ts';
import { difference, lineOf, type RemovalSaid, removalSaid, shownName } from './preview-text.ts';

/** An entry of ours that goes. */
export interface RemovalPlan {
  readonly kind: 'disconnect';
  readonly client: FileClient;
  readonly connection: Connection;
  readonly change: /** Exactly the entry. */
    | { readonly how: 'entry'; readonly file: ConfigFile; readonly splice: Splice }
    /** The bytes from before Gangway come back. */
    | { readonly how: 'original'; readonly file: ConfigFile; readonly bytes: Buffer }
    /** There was no file before Gangway. */
    | { readonly how: 'file'; readonly file: ConfigFile }
    /** Nothing of ours is there, or no file; it is only forgotten. */
    | { readonly how: 'nothing'; readonly file: ConfigFile | undefined };
}

type Change = RemovalPlan['change'];

export interface RemovalParts extends Pick<PlanningParts, 'system' | 'connections'> {
  readonly backups: Pick<Backups, 'read'>;
}

/**
 * What disconnecting would change. The file as it was before Gangway comes back as long as nobody else changed it;
 * otherwise the entry goes, and every other character stays.
 * @throws BridgeError `conflict`, `storage`.
 */
export async function planRemoval(
  client: FileClient,
  connection: Connection,
  parts: RemovalParts,
): Promise<{ plan: RemovalPlan; shown: Shown }> {
  const { entry } = connection;
  const opened = (await isThere(connection.path))
    ? await openFile(client, connection.path, parts.system.home)
    : await movedAlong(client, connection, parts);
  const path = opened?.file.path ?? connection.path;
  const present = opened?.servers.get(entry);
  const why = whyOf(connection, present);
  const change: Change =
    opened === undefined || why === 'gone' || why === 'foreign'
      ? { how: 'nothing', file: opened?.file }
      : ((await wholeFile(client, connection, opened.file, parts)) ?? entryOnly(client, opened.file, entry));
  const others = [...(opened?.servers.keys() ?? [])].filter((name) => name !== entry);
  const hasKey = connection.token?.id !== null && connection.token !== null;
  const shown: Shown = {
    kind: 'disconnect',
    client: client.id,
    address: connection.address,
    door: connection.door,
    path,
    exists: opened?.file.exists ?? false,
    entry,
    ...(opened ? shownText(client, opened.file, change, entry, opened.servers) : NOTHING),
    said: removalSaid({ client: client.name, entry, how: change.how, why, hasKey, others: others.length }),
    others: others.map(shownName),
    effect: change.how === 'nothing' ? '' : effectOfRemoval(client),
  };
  return { plan: { kind: 'disconnect', client, connection, change }, shown };
}

const NOTHING = { added: '', removed: '', line: 1 };

/** The file of which a newer version of the client made the one that is gone, if our entry came along. */
async function movedAlong(
  client: FileClient,
  { path, entry, written, leads }: Connection,
  { system }: RemovalParts,
): Promise<OpenedFile | undefined> {
  for (const place of client.places(system)) {
    if (place === path || !system.exists(place)) continue;
    // What cannot be read there is no reason not to forget what is gone here.
    const opened = await openFile(client, place, system.home).catch(() => undefined);
    const present = opened?.servers.get(entry);
    if (present !== undefined && likenessOf(written, leads, canonical(present)) === 'same') return opened;
  }
  return undefined;
}

/** Only for a file that nobody else changed since our first change, and for the last entry of ours in it. */
async function wholeFile(
  client: FileClient,
  connection: Connection,
  file: ConfigFile,
  { connections, backups }: RemovalParts,
): Promise<Change | undefined> {
  if (file.path !== connection.path) return undefined;
  const own = connections.fileAt(client.id, connection.path);
  const isOnly = connections.of(client.id).filter(({ path }) => path === connection.path).length === 1;
  if (!own || own.mixed || own.sha256 !== file.sha256 || !isOnly) return undefined;
  // Somebody keeps the file elsewhere by now, with a link to it.
  if (own.made) return (await isLink(file.path)) ? undefined : { how: 'file', file };
  if (own.original === null) return undefined;
  // A copy that somebody removed is no reason to keep the entry.
  const kept = await backups.read(client.id, own.original).catch(() => undefined);
  return kept && { how: 'original', file, bytes: kept.bytes };
}

function entryOnly(client: FileClient, file: ConfigFile, entry: string): Change {
  const format = formatOf(client.format(file.path));
  const splice = reading(file.path, () => format.take(file.text, client.list, entry));
  return splice ? { how: 'entry', file, splice } : { how: 'nothing', file };
}

function shownText(
  client: FileClient,
  file: ConfigFile,
  change: Change,
  entry: string,
  servers: ReadonlyMap<string, ConfigValue>,
): Pick<Shown, 'added' | 'removed' | 'line'> {
  switch (change.how) {
    case 'nothing':
      return NOTHING;
    case 'entry': {
      const removed = shownRemoval(client, file, change.splice, entry, servers.get(entry));
      return { added: '', removed, line: lineOf(file.text, change.splice) };
    }
    case 'file':
      return { added: '', removed: masked(file.text, contentOf(client, file.path, file.text)), line: 1 };
    case 'original': {
      // Masked first: where two secrets have letters in common, the difference would show the rest of them.
      const before = new TextDecoder().decode(change.bytes);
      const secrets = [file.text, before].flatMap((text) => contentOf(client, file.path, text));
      const now = masked(file.text, secrets);
      const splice = difference(now, masked(before, secrets));
      return { added: splice.added, removed: splice.removed, line: lineOf(now, splice) };
    }
    default:
      return change satisfies never;
  }
}

function whyOf(connection: Connection, present: ConfigValue | undefined): RemovalSaid['why'] {
  if (present === undefined) return 'gone';
  const likeness = likenessOf(connection.written, connection.leads, canonical(present));
  return likeness === 'same' ? 'as-written' : likeness;
}

export async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

/** False only when there is certainly nothing. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
