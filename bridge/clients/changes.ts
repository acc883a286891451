import type { Log } from '../base/log.ts';
import type { ClientBackup, ClientDoor } from '../contract/clients.ts';
import { asBridgeError, BridgeError } from '../contract/errors.ts';
import type { Connection, ConnectionsDocument, OwnFile } from './connections.ts';
import type { Backups } from './files/backups.ts';
import {
  type ConfigFile,
  isOpenToOthers,
  readConfigFile,
  removeConfigFile,
  writeConfigBytes,
  writeConfigFile,
} from './files/config-file.ts';
import { canonical, digestOf, digestsOfTokens } from './foreign/server-entries.ts';
import { spliced } from './formats/format.ts';
import type { FileClient } from './known/client.ts';
import { type ConnectPlan, entryOf, leadsTo, type PlanningParts, putEntry, wayTo } from './planning.ts';
import { isThere, type RemovalPlan } from './removal.ts';
import type { ClientTokens } from './tokens.ts';

export interface ChangesParts extends PlanningParts {
  readonly tokens: Pick<ClientTokens, 'mint' | 'revoke' | 'idOf' | 'list'>;
  readonly backups: Backups;
  readonly now: () => Date;
  readonly log: Log;
}

/** The permissions of a file that a token comes into: none for others, whatever they were. Windows has none. */
function closedMode({ exists, mode }: ConfigFile): number | undefined {
  return exists && isOpenToOthers(mode) ? mode & 0o700 : undefined;
}

/** Makes the changes that were shown: the copy first, then the file, then the record, and the old token last. */
export class Changes {
  readonly #parts: ChangesParts;

  constructor(parts: ChangesParts) {
    this.#parts = parts;
  }

  /**
   * Writes an entry of ours. A token that was made for an entry that did not come about is taken back.
   * @returns in words what the person should know besides.
   * @throws BridgeError `conflict` when anything is not as it was shown; `storage`.
   */
  async connect(plan: ConnectPlan): Promise<string[]> {
    const { connections, tokens, log } = this.#parts;
    this.#requireSameWay(plan);
    const file = await this.readAgain(plan.file);
    const former = connections.find(plan.client.id, plan.address);
    // Since it was shown, the address may have got its entry in another file of the client.
    if (former && former.path !== file.path && (await isThere(former.path))) throw changed(former.path);
    const isHttp = plan.way.door === 'http';
    const minted = isHttp ? await tokens.mint(plan.client.name, plan.address) : undefined;
    const token = minted ? { id: minted.id, sha256: digestOf(minted.token) } : null;
    let after: ConfigFile;
    try {
      const bearer = minted?.token ?? '';
      const text = spliced(file.text, putEntry({ ...plan, file }, bearer, plan.kept));
      const kept = await this.keep(plan.client, file);
      const written = await writeConfigFile(file, text, isHttp ? closedMode(file) : undefined);
      after = written;
      const connection: Connection = {
        client: plan.client.id,
        path: file.path,
        address: plan.address,
        door: plan.way.door,
        entry: plan.entry,
        leads: leadsTo(plan.way),
        token,
        written: canonical(entryOf(plan, bearer)),
        writtenAt: this.#parts.now().toISOString(),
        seen: null,
      };
      await this.#recordOrUndo(file, written, (before) => ({
        files: withFile(before.files, this.#ownFile(plan, file, written, kept)),
        connections: [...without(before.connections, [connection]), connection],
      }));
    } catch (error) {
      if (minted) await this.#revoke(minted.id);
      throw error;
    }
    log.info('clients.connected', { client: plan.client.id, address: plan.address, door: plan.way.door });
    const revoked = former?.token?.id ? await this.#revoke(former.token.id) : true;
    const dropped = await this.dropUnrecorded(plan.client, file, after);
    return revoked && dropped ? [] : [NOT_REVOKED];
  }

  /**
   * Takes an entry of ours out of the file, or puts the file back. @returns what the person should know besides.
   * @throws BridgeError `conflict`, `storage`.
   */
  async disconnect({ client, connection, change }: RemovalPlan): Promise<string[]> {
    const { log } = this.#parts;
    const before = change.file ? await this.readAgain(change.file) : undefined;
    if (before?.path !== connection.path && (await isThere(connection.path))) throw changed(connection.path);
    if (before && change.how !== 'nothing') await this.keep(client, before);
    const now = before && (await this.#takeOut(change, before, this.#openMode(client, connection)));
    const said = await this.forget([connection], (files) =>
      before && now ? files.map((own) => followed(own, before, now)) : files,
    );
    const isChanged = before !== undefined && change.how !== 'nothing';
    const dropped = isChanged ? await this.dropUnrecorded(client, before, now) : true;
    log.info('clients.disconnected', { client: client.id, address: connection.address, how: change.how });
    return dropped ? said : [NOT_REVOKED];
  }

  /** The permissions a file had before us, once the last token of ours leaves it. */
  #openMode({ id }: FileClient, gone: Connection): number | undefined {
    const { connections } = this.#parts;
    const others = connections
      .of(id)
      .filter(({ path, address }) => path === gone.path && address !== gone.address);
    if (others.some(({ door }) => door === 'http')) return undefined;
    return connections.fileAt(id, gone.path)?.mode ?? undefined;
  }

  /** @returns the file afterwards, when it changed and is still there. */
  async #takeOut(
    change: RemovalPlan['change'],
    file: ConfigFile,
    mode: number | undefined,
  ): Promise<ConfigFile | undefined> {
    switch (change.how) {
      case 'entry':
        return writeConfigFile(file, spliced(file.text, change.splice), mode);
      case 'original':
        return writeConfigBytes(file, change.bytes, mode);
      case 'file':
        await removeConfigFile(file);
        return undefined;
      case 'nothing':
        return undefined;
      default:
        return change satisfies never;
    }
  }

  /**
   * Forgets connections, and makes their tokens invalid then. @returns what the person should know: that one stays valid.
   * @throws BridgeError `storage`.
   */
  async forget(
    gone: readonly Connection[],
    files: (before: OwnFile[]) => OwnFile[] = (before) => before,
    come: readonly Connection[] = [],
  ): Promise<string[]> {
    await this.#parts.connections.change((before) => ({
      files: files(before.files),
      connections: [...without(before.connections, gone), ...come],
    }));
    let revoked = true;
    for (const { token } of gone) if (token?.id) revoked = (await this.#revoke(token.id)) && revoked;
    return revoked ? [] : [NOT_REVOKED];
  }

  /** Forgets a connection whose entry goes on being used. @throws BridgeError `storage`. */
  async letGo(connection: Connection): Promise<void> {
    await this.#parts.connections.change(({ files, connections }) => ({
      files,
      connections: without(connections, [connection]),
    }));
  }

  /** A copy of the file as it is. @throws BridgeError `storage`. */
  async keep(client: FileClient, file: ConfigFile): Promise<ClientBackup | undefined> {
    return this.#parts.backups.keep(client.id, file, this.#parts.connections.pinned(client.id));
  }

  /** The file, as it was shown. @throws BridgeError `conflict` (M20). */
  async readAgain(shown: ConfigFile): Promise<ConfigFile> {
    const file = await readConfigFile(shown.path, this.#parts.system.home);
    if (file.sha256 === shown.sha256 && file.target === shown.target) return file;
    throw changed(shown.path);
  }

  #requireSameWay({ client, address, way }: ConnectPlan): void {
    const door: ClientDoor = way.door;
    const now = wayTo(client, address, door, this.#parts);
    if (JSON.stringify(now) === JSON.stringify(way)) return;
    throw new BridgeError('conflict', 'The entry would be another one by now. Look at the change again.');
  }

  #ownFile(
    { client, clean }: ConnectPlan,
    before: ConfigFile,
    after: ConfigFile,
    kept: ClientBackup | undefined,
  ): OwnFile {
    const { id } = client;
    const own = this.#parts.connections.fileAt(id, before.path);
    const mode = own?.mode ?? (after.mode === before.mode || !before.exists ? null : before.mode);
    if (own && !clean) return { ...followed(own, before, after), mode };
    return {
      client: id,
      path: before.path,
      sha256: digest(after),
      original: kept?.id ?? null,
      made: !before.exists,
      mixed: !clean,
      mode,
    };
  }

  /** An entry without a record would be nobody's, so the file goes back to what it was. */
  async #recordOrUndo(
    before: ConfigFile,
    after: ConfigFile,
    edit: (document: ConnectionsDocument) => ConnectionsDocument,
  ): Promise<void> {
    try {
      await this.#parts.connections.change(edit);
    } catch (error) {
      try {
        if (before.exists) await writeConfigBytes(after, before.bytes, before.mode);
        else await removeConfigFile(after);
      } catch (fault) {
        this.#parts.log.error('clients.not-put-back', fault);
        throw new BridgeError(
          'storage',
          `${asBridgeError(error).message.slice(0, 120)} The entry stands in ${after.path.slice(-100)} and could not be taken out.`,
          {},
          error,
        );
      }
      throw error;
    }
  }

  /**
   * Makes tokens of a client invalid that went out of its file and are in no record: an owner was killed between the two.
   * Those that were made for something else are none of them. @returns false when one stays valid.
   */
  async dropUnrecorded(
    client: FileClient,
    before: ConfigFile,
    after: ConfigFile | undefined,
  ): Promise<boolean> {
    const { tokens, connections } = this.#parts;
    const stay = digestsOfTokens(after?.text ?? '');
    const gone = digestsOfTokens(before.text).filter((sha256) => !stay.includes(sha256));
    const ids = new Set(gone.map((sha256) => tokens.idOf(sha256)));
    const left = tokens
      .list()
      .filter(({ id, label }) => ids.has(id) && label === client.name)
      .filter(({ id }) => !connections.all.some(({ token }) => token?.id === id));
    const dropped = await Promise.all(left.map(({ id }) => this.#revoke(id)));
    return dropped.every(Boolean);
  }

  async #revoke(id: string): Promise<boolean> {
    try {
      await this.#parts.tokens.revoke(id);
      return true;
    } catch (error) {
      this.#parts.log.error('clients.token-not-revoked', error);
      return false;
    }
  }
}

/** Said of a token that could not be made invalid. */
export const NOT_REVOKED =
  'The key of the former entry could not be made invalid. Revoke it under Apps > Access tokens, or by "gangway endpoint --revoke".';

function changed(path: string): BridgeError {
  const text = `${path.slice(-180)} was changed by another program. Look at the change again.`;
  return new BridgeError('conflict', text);
}

function isSame(one: Connection, other: Connection): boolean {
  return one.client === other.client && one.address === other.address;
}

function without(all: readonly Connection[], gone: readonly Connection[]): Connection[] {
  return all.filter((one) => !gone.some((other) => isSame(one, other)));
}

function withFile(files: readonly OwnFile[], own: OwnFile): OwnFile[] {
  return [...files.filter(({ client, path }) => client !== own.client || path !== own.path), own];
}

/** Our record of a file after another change of ours to it. */
function followed(own: OwnFile, before: ConfigFile, after: ConfigFile): OwnFile {
  if (own.path !== before.path) return own;
  return { ...own, sha256: digest(after), mixed: own.mixed || own.sha256 !== before.sha256 };
}

function digest({ sha256, path }: ConfigFile): string {
  if (sha256 !== null) return sha256;
  throw new BridgeError(
    'storage',
    `${path.slice(-200)} vanished while it was written. Look at the change again.`,
  );
}
