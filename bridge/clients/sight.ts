import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../base/log.ts';
import type { ClientBackup, ClientId } from '../contract/clients.ts';
import { asBridgeError } from '../contract/errors.ts';
import type { EntryLook } from './connection-state.ts';
import type { Connection, Connections } from './connections.ts';
import type { Backups } from './files/backups.ts';
import { readConfigFile } from './files/config-file.ts';
import { canonical, leavesOf, likenessOf } from './foreign/server-entries.ts';
import type { ConfigValue } from './formats/format.ts';
import type { KnownClient, System } from './known/client.ts';
import { knownClients } from './known/table.ts';
import { fileClient, readServers } from './planning.ts';

/** What there is of a client, by existence alone. */
export interface Detected {
  readonly client: KnownClient;
  readonly found: boolean;
  readonly places: readonly { readonly path: string; readonly exists: boolean }[];
  readonly backups: readonly ClientBackup[];
}

interface FileLook {
  /** Of the file system; undefined for no file. While it stays the same, the file is not opened again. */
  readonly mark: string | undefined;
  /** Why it cannot be read; undefined when it can. */
  readonly trouble: string | undefined;
  /** When the entries were written that were looked for, by name. */
  readonly about: ReadonlyMap<string, string>;
  /** Entries by name, in canonical form. */
  readonly entries: ReadonlyMap<string, string>;
}

export interface SightParts {
  readonly system: System;
  readonly connections: Connections;
  readonly backups: Pick<Backups, 'list'>;
  readonly log: Log;
}

/** What was last seen of clients and of the entries we wrote. Opens only files that have entries of ours. */
export class Sight {
  readonly #parts: SightParts;
  readonly #files = new Map<string, FileLook>();
  readonly #commands = new Map<string, boolean>();
  #detected: readonly Detected[] = [];

  constructor(parts: SightParts) {
    this.#parts = parts;
  }

  get detected(): readonly Detected[] {
    return this.#detected;
  }

  /** Looks at everything. */
  async look(): Promise<void> {
    const { system, backups, log } = this.#parts;
    const kept = async (id: ClientId): Promise<ClientBackup[]> => {
      try {
        return await backups.list(id);
      } catch (error) {
        log.error('clients.backups-unread', error, { client: id });
        return [];
      }
    };
    this.#detected = await Promise.all(
      knownClients.map(async (client): Promise<Detected> => {
        const paths = client.way === 'file' ? client.places(system) : [];
        const places = paths.map((path) => ({ path, exists: system.exists(path) }));
        const found =
          places.some(({ exists }) => exists) || client.signs(system).some((sign) => system.exists(sign));
        return { client, found, places, backups: client.way === 'file' ? await kept(client.id) : [] };
      }),
    );
    await this.lookAtOwn();
  }

  /** Looks at the files with entries of ours, and whether their commands are there. */
  async lookAtOwn(): Promise<void> {
    const { connections, system } = this.#parts;
    const before = new Map(connections.all.map((one) => [one, this.entry(one).kind]));
    this.#commands.clear();
    for (const one of connections.all)
      for (const path of programsOf(one)) this.#commands.set(path, system.exists(path));
    const paths = new Map(connections.files.map((own) => [keyOf(own), own]));
    for (const key of this.#files.keys()) if (!paths.has(key)) this.#files.delete(key);
    for (const [key, { client, path }] of paths)
      this.#files.set(key, await this.#fileLook(client, path, this.#files.get(key)));
    for (const [one, kind] of before) {
      const now = this.entry(one).kind;
      if (kind === now || now === 'same') continue;
      this.#parts.log.warn('clients.drift', { client: one.client, address: one.address, entry: now });
    }
  }

  /** An entry of ours as last seen; one that was not looked at since counts as written. */
  entry(connection: Connection): EntryLook {
    const look = this.#files.get(keyOf(connection));
    if (look?.about.get(connection.entry) !== connection.writtenAt) return { kind: 'same' };
    if (look.mark === undefined) return { kind: 'no-file' };
    if (look.trouble !== undefined) return { kind: 'unreadable', text: look.trouble };
    const present = look.entries.get(connection.entry);
    if (present === undefined) return { kind: 'no-entry' };
    return { kind: likenessOf(connection.written, connection.leads, present) };
  }

  /** What an entry starts and is not there any more. */
  missing(connection: Connection): string | undefined {
    return programsOf(connection).find((path) => this.#commands.get(path) === false);
  }

  async #fileLook(client: ClientId, path: string, former: FileLook | undefined): Promise<FileLook> {
    const mark = await markOf(path);
    const own = this.#parts.connections.of(client).filter((one) => one.path === path);
    const about = new Map(own.map((one) => [one.entry, one.writtenAt]));
    if (former && mark === former.mark && isDeepStrictEqual(about, former.about)) return former;
    if (mark === undefined) return { mark, trouble: undefined, about, entries: new Map() };
    try {
      const known = fileClient(client);
      const servers = readServers(known, await readConfigFile(path, this.#parts.system.home, 'look'));
      const entries = own.flatMap(({ entry: name }): [string, string][] => {
        const value = servers.get(name);
        return value === undefined ? [] : [[name, canonical(value)]];
      });
      return { mark, trouble: undefined, about, entries: new Map(entries) };
    } catch (error) {
      const { code, message } = asBridgeError(error);
      if (code === 'internal') this.#parts.log.error('clients.file-unread', error, { client });
      return { mark, trouble: message, about, entries: new Map() };
    }
  }
}

/** Size, times and number of a file; undefined when there is none. */
async function markOf(path: string): Promise<string | undefined> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(path);
    return [size, mtimeMs, ctimeMs, ino].join(' ');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : `unseen ${code}`;
  }
}

/** The command of a stdio entry, and the program that a runtime gets as its first argument. */
function programsOf({ door, leads, written }: Connection): string[] {
  if (door !== 'stdio') return [];
  const scripts = leavesOf(JSON.parse(written) as ConfigValue).filter((text) =>
    /\.(?:[cm]?js|ts)$/.test(text),
  );
  return [leads, ...scripts.slice(0, 1)].filter((path) => isAbsolute(path));
}

function keyOf({ client, path }: { readonly client: ClientId; readonly path: string }): string {
  return `${client} ${path}`;
}
