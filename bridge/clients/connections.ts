import * as z from 'zod';
import { deepFreeze } from '../base/deep-freeze.ts';
import { JsonFile, type Migration } from '../base/json-file.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { KeyedQueue } from '../base/tasks.ts';
import { ClientDoor, ClientId } from '../contract/clients.ts';

/** Lifts of connections.json; `migrations[n]` takes version n to n+1. */
const migrations: readonly Migration[] = [];

const Digest = z.string().regex(/^[0-9a-f]{64}$/);

/** A client's file that has entries of ours in it. */
const OwnFile = z.strictObject({
  client: ClientId,
  path: z.string(),
  /** Of the whole file, as we left it. */
  sha256: Digest,
  /** Backup from before our first change; null when there was no file, or no copy is left. */
  original: z.string().nullable(),
  /** There was none before. */
  made: z.boolean(),
  /** Somebody else changed it between two changes of ours, so what was there before us is not what is wanted back. */
  mixed: z.boolean(),
  /** Its permissions before it was closed to others, because a token came into it; null when they were not changed. */
  mode: z.number().int().nullable(),
});
export type OwnFile = z.infer<typeof OwnFile>;

/** One entry that we wrote. The token itself is only in the client's file. */
const Connection = z.strictObject({
  client: ClientId,
  path: z.string(),
  address: z.string(),
  door: ClientDoor,
  /** Its name. */
  entry: z.string(),
  /** Command or address in it, which tells an entry of ours from others. */
  leads: z.string(),
  /** `id` is null when no valid token is in the entry. */
  token: z.strictObject({ id: z.string().nullable(), sha256: Digest }).nullable(),
  /** The entry in canonical form, its token replaced by the digest. */
  written: z.string(),
  writtenAt: z.iso.datetime(),
  seen: z.strictObject({ at: z.iso.datetime(), program: z.string().nullable() }).nullable(),
});
export type Connection = z.infer<typeof Connection>;

const ConnectionsDocument = z.strictObject({ files: z.array(OwnFile), connections: z.array(Connection) });
export type ConnectionsDocument = z.infer<typeof ConnectionsDocument>;

/** The record of what was written into which client. Changes run one at a time and are saved before they count. */
export class Connections implements AsyncDisposable {
  readonly #file: JsonFile<ConnectionsDocument>;
  readonly #log: Log;
  readonly #queue = new KeyedQueue<'connections'>();
  /** Handshakes that exist in memory only. */
  readonly #seen = new Map<string, NonNullable<Connection['seen']>>();
  #document: ConnectionsDocument;
  #saving: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(file: JsonFile<ConnectionsDocument>, log: Log, document: ConnectionsDocument) {
    this.#file = file;
    this.#log = log;
    this.#document = document;
  }

  /** Reads connections.json, or begins with none. @throws BridgeError `newer-file`, `storage`. */
  static async open(path: string, log: Log): Promise<Connections> {
    const file = new JsonFile({
      path,
      what: 'The record of connected apps',
      schema: ConnectionsDocument,
      migrations,
      empty: () => ({ files: [], connections: [] }),
    });
    const { document, setAside } = await file.read();
    if (setAside) log.warn('connections.set-aside', { file: setAside });
    return new Connections(file, log, deepFreeze(document));
  }

  get files(): readonly OwnFile[] {
    return this.#document.files;
  }

  /** With the latest handshakes, also those that are not saved yet. */
  get all(): readonly Connection[] {
    return this.#document.connections.map((one) => ({
      ...one,
      seen: this.#seen.get(keyOf(one)) ?? one.seen,
    }));
  }

  of(client: ClientId): readonly Connection[] {
    return this.all.filter((one) => one.client === client);
  }

  find(client: ClientId, address: string): Connection | undefined {
    return this.all.find((one) => one.client === client && one.address === address);
  }

  fileAt(client: ClientId, path: string): OwnFile | undefined {
    return this.files.find((file) => file.client === client && file.path === path);
  }

  /** Ids of the backups that a client's files go back to. */
  pinned(client: ClientId): string[] {
    return this.files.flatMap((file) => (file.client === client && file.original ? [file.original] : []));
  }

  /**
   * Changes the record. Files without a connection are forgotten. @throws BridgeError `storage`, with nothing changed.
   */
  async change(edit: (before: ConnectionsDocument) => ConnectionsDocument): Promise<void> {
    await this.#queue.run('connections', async () => {
      const edited = edit({ files: [...this.files], connections: [...this.all] });
      const files = edited.files.filter(({ client, path }) =>
        edited.connections.some((one) => one.client === client && one.path === path),
      );
      await this.#file.write({ files, connections: edited.connections });
      this.#document = deepFreeze({ files, connections: edited.connections });
      const saved = new Map(edited.connections.map((one) => [keyOf(one), one.seen?.at]));
      // What was seen while the file was being written is saved next time.
      for (const [key, { at }] of this.#seen) {
        if (!saved.has(key) || saved.get(key) === at) this.#seen.delete(key);
      }
    });
  }

  /** Remembers a handshake; it is saved a little later, unless the record is closed: another owner may have it then. */
  saw(connection: Connection, seen: NonNullable<Connection['seen']>): void {
    this.#seen.set(keyOf(connection), seen);
    if (this.#isClosed) return;
    this.#saving ??= setTimeout(() => void this.#saveSeen(), limits.lastUsedSaveMs).unref();
  }

  /** Saves handshakes that exist in memory only. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#saveSeen();
  }

  async #saveSeen(): Promise<void> {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.#seen.size === 0) return;
    try {
      await this.change((before) => before);
    } catch (error) {
      this.#log.error('connections.handshake-not-saved', error);
    }
  }
}

function keyOf({ client, address, writtenAt }: Connection): string {
  return `${client} ${address} ${writtenAt}`;
}
