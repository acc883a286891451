import type { ClientId } from '../contract/clients.ts';
import { ConnectorId } from '../contract/connector.ts';
import type { AccountView } from '../contract/control.ts';
import { asBridgeError, BridgeError } from '../contract/errors.ts';
import { effectOfRemoval } from './afterwards.ts';
import { type Changes, type ChangesParts, NOT_REVOKED } from './changes.ts';
import type { Connection, OwnFile } from './connections.ts';
import { type ConfigFile, readConfigFile, removeConfigFile, writeConfigBytes } from './files/config-file.ts';
import { canonical, digestsIn, likenessOf } from './foreign/server-entries.ts';
import type { ConfigValue } from './formats/format.ts';
import type { FileClient } from './known/client.ts';
import { knownClient } from './known/table.ts';
import { isFormer } from './placing.ts';
import { entryOf, fileClient, leadsTo, readServers, wayTo } from './planning.ts';
import type { Way } from './preview-text.ts';
import { isLink, isThere } from './removal.ts';

export interface RestoringParts extends Omit<ChangesParts, 'log' | 'now'> {
  readonly changes: Changes;
  readonly accounts: () => readonly AccountView[];
  readonly now: () => Date;
}

/** Puts clients' files back, byte for byte. What is replaced is kept as a backup, too. */
export class Restoring {
  readonly #parts: RestoringParts;

  constructor(parts: RestoringParts) {
    this.#parts = parts;
  }

  /**
   * Every file of the client as it was before Gangway. @returns what was done, in words.
   * @throws BridgeError `conflict` when somebody else changed one of them since; nothing is changed then.
   */
  async before(id: ClientId): Promise<string[]> {
    const client = knownClient(id);
    const files = this.#parts.connections.files.filter((file) => file.client === id);
    if (client.way !== 'file' || files.length === 0) {
      throw new BridgeError('conflict', `Nothing of Gangway is in the settings of ${client.name}.`);
    }
    const checked: { own: OwnFile; file: ConfigFile | undefined; bytes: Buffer | undefined }[] = [];
    for (const own of files) checked.push({ own, ...(await this.#original(client, own)) });
    const said: string[] = [];
    for (const { own, file, bytes } of checked) {
      if (file) await this.#parts.changes.keep(client, file);
      if (file && bytes) await writeConfigBytes(file, bytes, own.mode ?? undefined);
      else if (file) await removeConfigFile(file);
      said.push(...(await this.#parts.changes.forget(this.#at(own))));
      said.push(
        bytes
          ? `${own.path} is as it was before Gangway, byte for byte.`
          : `${own.path} is gone, because there was none before Gangway.`,
      );
    }
    return [...said, effectOfRemoval(client)];
  }

  /**
   * A file as it is in a backup, whatever it holds now. Entries of ours that are not in it are forgotten; those in it
   * that there is no record of are ours again, though their keys may be invalid.
   * @throws BridgeError `conflict`, `storage`.
   */
  async backup(id: ClientId, backup: string): Promise<string[]> {
    const client = fileClient(id);
    const { path, bytes } = await this.#parts.backups.read(id, backup);
    const file = await readConfigFile(path, this.#parts.system.home);
    await this.#parts.changes.keep(client, file);
    const after = await writeConfigBytes(file, bytes);
    const servers = serversOf(client, after);
    const present = this.#parts.connections.of(id).filter((one) => one.path === path);
    const kept = present.filter((one) => isIn(servers, one));
    const gone = present.filter((one) => !kept.includes(one));
    const back = this.#unrecorded(client, path, servers, kept);
    const stays = await this.#parts.changes.forget(
      gone,
      (files) => recorded(files, { client: id, after, back, kept }),
      back,
    );
    const dropped = await this.#parts.changes.dropUnrecorded(client, file, after);
    const said = [`${path} is as it was in the copy, byte for byte.`, ...(dropped ? stays : [NOT_REVOKED])];
    for (const { entry } of gone) said.push(`The entry ${entry} is not in it; Gangway forgot it.`);
    for (const { entry } of back) said.push(`The entry ${entry} of Gangway is in it again.`);
    return [...said, kept.length + back.length > 0 ? client.effect : effectOfRemoval(client)];
  }

  /** Every file that has something of ours in it; what cannot be put back is said and left alone. */
  async all(): Promise<{ client: ClientId; restored: boolean; text: string }[]> {
    const ids = [...new Set(this.#parts.connections.files.map(({ client }) => client))];
    const results: { client: ClientId; restored: boolean; text: string }[] = [];
    for (const client of ids) {
      try {
        results.push({ client, restored: true, text: (await this.before(client)).join(' ') });
      } catch (error) {
        results.push({ client, restored: false, text: asBridgeError(error).message });
      }
    }
    return results;
  }

  #at({ client, path }: OwnFile): Connection[] {
    return this.#parts.connections.of(client).filter((one) => one.path === path);
  }

  /** `file` is undefined when what we made is gone already; `bytes` when there was none before. */
  async #original(
    client: FileClient,
    own: OwnFile,
  ): Promise<{ file: ConfigFile | undefined; bytes: Buffer | undefined }> {
    const refuse = (because: string): BridgeError =>
      new BridgeError(
        'conflict',
        `${own.path.slice(-140)} ${because} Disconnect ${client.name} to remove the entry only.`,
      );
    if (own.made && !(await isThere(own.path))) return { file: undefined, bytes: undefined };
    const file = await readConfigFile(own.path, this.#parts.system.home);
    if (own.mixed || file.sha256 !== own.sha256) throw refuse('was changed by somebody else since.');
    if (own.made && (await isLink(own.path))) throw refuse('is a link by now.');
    if (own.made) return { file, bytes: undefined };
    if (own.original === null) throw refuse('has no copy from before Gangway.');
    const { bytes } = await this.#parts.backups.read(client.id, own.original);
    return { file, bytes };
  }

  /** Entries that lead here and are nobody's. */
  #unrecorded(
    client: FileClient,
    path: string,
    servers: ReadonlyMap<string, ConfigValue>,
    kept: readonly Connection[],
  ): Connection[] {
    const found: Connection[] = [];
    for (const address of this.#addresses()) {
      if (
        this.#parts.connections.all.some(
          (one) => one.client === client.id && one.address === address && one.path !== path,
        )
      )
        continue;
      for (const door of client.doors) {
        const way = this.#way(client, address, door);
        const server = way && [...servers].find((named) => isFormer(named, client, way));
        if (!way || !server) continue;
        const isTaken = [...kept, ...found].some((one) => one.entry === server[0] || one.address === address);
        if (!isTaken) found.push(this.#connection(client, path, address, way, server));
      }
    }
    return found;
  }

  #connection(
    client: FileClient,
    path: string,
    address: string,
    way: Way,
    [entry, value]: readonly [string, ConfigValue],
  ): Connection {
    // As it was written, not as it stands there: somebody may have put a secret into it.
    const [sha256] = digestsIn(canonical(value));
    const bearer = sha256 === undefined ? '' : `sha256:${sha256}`;
    const written = canonical(entryOf({ client, way, entry }, bearer));
    return {
      client: client.id,
      path,
      address,
      door: way.door,
      entry,
      leads: leadsTo(way),
      token: sha256 === undefined ? null : { id: this.#parts.tokens.idOf(sha256) ?? null, sha256 },
      written,
      writtenAt: this.#parts.now().toISOString(),
      seen: null,
    };
  }

  #addresses(): string[] {
    const slugs = this.#parts.accounts().map(({ slug }): string => slug);
    return [...new Set(['current', ...ConnectorId.options, ...slugs])];
  }

  #way(client: FileClient, address: string, door: Way['door']): Way | undefined {
    try {
      return wayTo(client, address, door, this.#parts);
    } catch {
      return undefined;
    }
  }
}

/** None for a copy that no format can read. */
function serversOf(client: FileClient, file: ConfigFile): ReadonlyMap<string, ConfigValue> {
  try {
    return readServers(client, file);
  } catch {
    return new Map();
  }
}

function isIn(servers: ReadonlyMap<string, ConfigValue>, connection: Connection): boolean {
  const value = servers.get(connection.entry);
  return (
    value !== undefined && likenessOf(connection.written, connection.leads, canonical(value)) !== 'foreign'
  );
}

/** The record of a file after a backup came back: what was there before Gangway is not what it holds now. */
function recorded(
  files: readonly OwnFile[],
  {
    client,
    after,
    back,
    kept,
  }: {
    readonly client: ClientId;
    readonly after: ConfigFile;
    readonly back: readonly Connection[];
    readonly kept: readonly Connection[];
  },
): OwnFile[] {
  const { path, sha256 } = after;
  const known = files.find((own) => own.client === client && own.path === path);
  const others = files.filter((own) => own !== known);
  if (sha256 === null || back.length + kept.length === 0) return others;
  const own = known ?? { client, path, original: null, made: false, mode: null };
  return [...others, { ...own, sha256, mixed: true }];
}
