import { basename } from 'node:path';
import type { ChangePreview, ClientDoor, ClientId } from '../contract/clients.ts';
import type { StdioCommand } from '../contract/control.ts';
import { BridgeError } from '../contract/errors.ts';
import type { Connections } from './connections.ts';
import { type ConfigFile, isOpenToOthers, readConfigFile } from './files/config-file.ts';
import { addedFields, isTable, leavesOf, serversIn } from './foreign/server-entries.ts';
import {
  type ConfigTable,
  type ConfigValue,
  ShapeTrouble,
  type Splice,
  SyntaxTrouble,
  spliced,
} from './formats/format.ts';
import { formatOf } from './formats/formats.ts';
import type { FileClient, System } from './known/client.ts';
import { knownClient } from './known/table.ts';
import { betrays, MASK, masked, maskedEntry } from './masks.ts';
import { holdsOurs, placeIn } from './placing.ts';
import { connectSaid, lineOf, shownName, type Way } from './preview-text.ts';

/** An entry that comes into a client's file, as the file was when it was shown. */
export interface ConnectPlan {
  readonly kind: 'connect';
  readonly client: FileClient;
  readonly address: string;
  readonly way: Way;
  readonly file: ConfigFile;
  readonly entry: string;
  /** What the entry that it takes the place of has besides, and goes on having. */
  readonly kept: ConfigTable;
  /** No entry of ours is in the file yet, so these bytes are what is wanted back one day. */
  readonly clean: boolean;
}

export interface WantedConnection {
  readonly client: ClientId;
  readonly address: string;
  readonly door?: ClientDoor | undefined;
  readonly path?: string | undefined;
}

export type Shown = Omit<ChangePreview, 'token'>;

export interface PlanningParts {
  readonly system: System;
  readonly connections: Connections;
  readonly stdioCommand: (address: string, client: ClientId) => StdioCommand;
  readonly endpointUrl: (address: string) => string;
}

/** A client's file with its servers. */
export interface OpenedFile {
  readonly file: ConfigFile;
  readonly servers: ReadonlyMap<string, ConfigValue>;
}

/** @throws BridgeError `conflict` for a client whose settings Gangway does not write. */
export function fileClient(id: ClientId): FileClient {
  const client = knownClient(id);
  if (client.way === 'file') return client;
  throw new BridgeError(
    'conflict',
    `The entry for ${client.name} is made by hand. ${client.note}`.slice(0, 300),
  );
}

/** @throws BridgeError `conflict` with the place of an error in the file (M19); `storage`. */
export async function openFile(client: FileClient, path: string, home: string): Promise<OpenedFile> {
  const file = await readConfigFile(path, home);
  return { file, servers: readServers(client, file) };
}

/** @throws BridgeError `conflict`. */
export function readServers(
  client: FileClient,
  { path, text }: Pick<ConfigFile, 'path' | 'text'>,
): ReadonlyMap<string, ConfigValue> {
  return reading(path, () => serversIn(formatOf(client.format(path)).read(text), client.list));
}

/** @throws BridgeError `conflict` in place of what is wrong with a file. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const name = path.length > 200 ? basename(path).slice(-200) : path;
    if (error instanceof SyntaxTrouble) {
      const where = `line ${error.line}, column ${error.column}`;
      throw new BridgeError('conflict', `${name} has an error in ${where}. Nothing was changed.`, {}, error);
    }
    if (!(error instanceof ShapeTrouble)) throw error;
    const what = error.where.slice(0, 60) || 'its content';
    throw new BridgeError(
      'conflict',
      `In ${name}, ${what} is no list of servers. Nothing was changed.`,
      {},
      error,
    );
  }
}

/**
 * What connecting a client would change.
 * @throws BridgeError `conflict`, `account-unknown`, `invalid-input`, `storage`; the message says why.
 */
export async function planConnect(
  wanted: WantedConnection,
  parts: PlanningParts,
): Promise<{ plan: ConnectPlan; shown: Shown }> {
  const client = fileClient(wanted.client);
  const { way, instead } = chooseWay(client, wanted, parts);
  const path = choosePath(client, wanted, parts);
  const { file, servers } = await openFile(client, path, parts.system.home);
  const own = parts.connections.of(client.id).filter((one) => one.path === path);
  const ways = [way, ...otherWays(client, wanted.address, way, parts)];
  const place = placeIn(servers, own, { client, address: wanted.address, ways });
  const clean = place.replaces !== 'former' && !holdsOurs(own, servers);
  const former = own.find((one) => one.entry === place.entry && one.door === way.door);
  const present = servers.get(place.entry);
  const kept = former ? addedFields(former.written, former.leads, present, client.list.nameField) : {};
  const plan: ConnectPlan = {
    kind: 'connect',
    client,
    address: wanted.address,
    way,
    file,
    entry: place.entry,
    kept,
    clean,
  };
  const others = [...servers.keys()].filter((name) => name !== place.entry);
  const said = connectSaid({
    ...place,
    client: client.name,
    way,
    instead,
    exists: file.exists,
    isOpen: file.exists && isOpenToOthers(file.mode),
    others: others.length,
    kept: Object.keys(kept).map(shownName),
  });
  return { plan, shown: { ...shownPlan(plan, servers), said, others: others.map(shownName) } };
}

/** What is shown of a plan, but for its words. @throws BridgeError `conflict`. */
export function shownPlan(
  plan: Omit<ConnectPlan, 'kind' | 'clean'>,
  servers: ReadonlyMap<string, ConfigValue>,
): Omit<Shown, 'said' | 'others'> {
  const { client, address, way, file, entry } = plan;
  const splice = putEntry(plan, MASK, plan.kept);
  return {
    kind: 'connect',
    client: client.id,
    address,
    door: way.door,
    path: file.path,
    exists: file.exists,
    entry,
    // What is replaced in several pieces has other entries between them.
    added:
      splice.removed.trim() === ''
        ? splice.added
        : masked(splice.added, contentOf(client, file.path, file.text), leavesOf(entryOf(plan, MASK))),
    removed: shownRemoval(client, file, splice, entry, servers.get(entry)),
    line: lineOf(file.text, splice),
    effect: client.effect,
  };
}

/** The edit that puts an entry of ours, and what is `kept` of the former one, into the file. @throws BridgeError `conflict`. */
export function putEntry(
  plan: Pick<ConnectPlan, 'client' | 'way' | 'file' | 'entry'>,
  bearer: string,
  kept: ConfigTable,
): Splice {
  const { client, file } = plan;
  const { text, path } = file;
  const format = formatOf(client.format(path));
  const begun = text.trim() === '' ? (client.starter ?? text) : text;
  const splice = reading(path, () =>
    format.put(begun, client.list, plan.entry, { ...entryOf(plan, bearer), ...kept }),
  );
  return begun === text ? splice : { start: 0, removed: text, added: spliced(begun, splice) };
}

/** The entry as the client wants it. @throws BridgeError `conflict` for a door it does not have. */
export function entryOf(
  { client, way, entry }: Pick<ConnectPlan, 'client' | 'way' | 'entry'>,
  bearer: string,
): ConfigTable {
  const made =
    way.door === 'stdio'
      ? client.stdio?.({ command: way.command, args: way.args }, entry)
      : client.http?.({ url: way.url, bearer }, entry);
  if (made) return made;
  throw noDoor(client, way.door);
}

/** All that a text holds, for its secrets; one that cannot be read has none that are known. */
export function contentOf(client: FileClient, path: string, text: string): ConfigValue[] {
  try {
    return [formatOf(client.format(path)).read(text)];
  } catch {
    return [];
  }
}

/** The text that goes, without secrets; it is checked that reading it finds none, too. */
export function shownRemoval(
  client: FileClient,
  { path, text }: Pick<ConfigFile, 'path' | 'text'>,
  splice: Splice,
  entry: string,
  former: ConfigValue | undefined,
): string {
  const shown = masked(splice.removed, contentOf(client, path, text));
  if (splice.removed === '' || former === undefined) return shown;
  const format = formatOf(client.format(path));
  try {
    const read = serversIn(format.read(spliced(text, { ...splice, added: shown })), client.list);
    if (!betrays(read.get(entry), [former])) return shown;
  } catch {
    // A mask can break what it stands in; then the entry is shown as we would write it.
  }
  const safe = maskedEntry(former);
  return isTable(safe) ? format.put('', client.list, entry, safe).added : MASK;
}

/** The command or address that leads here. */
export function leadsTo(way: Way): string {
  return way.door === 'stdio' ? way.command : way.url;
}

/** The way of a client to an address as it would be written now. @throws BridgeError. */
export function wayTo(
  client: FileClient,
  address: string,
  door: ClientDoor,
  { stdioCommand, endpointUrl }: Pick<PlanningParts, 'stdioCommand' | 'endpointUrl'>,
): Way {
  if (!client.doors.includes(door)) throw noDoor(client, door);
  if (door === 'http') return { door, url: endpointUrl(address) };
  const { command, args } = stdioCommand(address, client.id);
  return { door, command, args };
}

/** The better door of a client; the other one when that is closed and nobody asked for it. @throws BridgeError. */
export function chooseWay(
  client: FileClient,
  { address, door }: WantedConnection,
  parts: PlanningParts,
): { way: Way; instead: ClientDoor | undefined } {
  const [better, other] = door === undefined ? client.doors : [door];
  if (better === undefined) throw new TypeError('a client without a door');
  try {
    return { way: wayTo(client, address, better, parts), instead: undefined };
  } catch (error) {
    const isClosed = error instanceof BridgeError && ['port-taken', 'conflict'].includes(error.code);
    if (other === undefined || !isClosed) throw error;
    return { way: wayTo(client, address, other, parts), instead: better };
  }
}

/** By the other doors that are open. */
function otherWays(client: FileClient, address: string, { door }: Way, parts: PlanningParts): Way[] {
  return client.doors.flatMap((other) => {
    try {
      return other === door ? [] : [wayTo(client, address, other, parts)];
    } catch {
      return [];
    }
  });
}

function choosePath(client: FileClient, wanted: WantedConnection, parts: PlanningParts): string {
  const places = client.places(parts.system);
  const known = parts.connections.find(client.id, wanted.address);
  // A newer version of a client may have moved its file, and our entry with it.
  const isMoved = known && !places.includes(known.path) && !parts.system.exists(known.path);
  const recorded = isMoved ? undefined : known;
  if (wanted.path === undefined) {
    const path = recorded?.path ?? places[0];
    if (path !== undefined) return path;
    throw new BridgeError(
      'conflict',
      `It is not known where ${client.name} keeps its settings on this system.`,
    );
  }
  if (!places.includes(wanted.path) && recorded?.path !== wanted.path) {
    throw new BridgeError('invalid-input', `${client.name} does not keep its settings in this file.`);
  }
  if (recorded === undefined || recorded.path === wanted.path) return wanted.path;
  throw new BridgeError(
    'conflict',
    `${client.name} has its entry for ${wanted.address} in ${recorded.path.slice(-160)}. Disconnect it first.`,
  );
}

function noDoor(client: FileClient, door: ClientDoor): BridgeError {
  const what = door === 'http' ? 'an address' : 'a command';
  return new BridgeError('conflict', `${client.name} cannot be connected by ${what}.`);
}
