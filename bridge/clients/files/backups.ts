import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { privateFolder, sweepTemporary, writeWhole } from '../../base/json-file.ts';
import { limits } from '../../base/limits.ts';
import { KeyedQueue } from '../../base/tasks.ts';
import type { ClientBackup, ClientId } from '../../contract/clients.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { ConfigFile } from './config-file.ts';

const ID = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}$/;

/** What stands beside a copy, so that nobody has to open the copy to know what it is of. */
const Note = z.strictObject({
  path: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
type Note = z.infer<typeof Note>;

type Kept = ClientBackup & Pick<Note, 'sha256'>;

/**
 * Copies of clients' files from before our changes: `<client>/<time>-<sha8>.bak` with `<time>-<sha8>.json` beside it,
 * which comes last and goes first, so that a copy with its note is whole. Files are 0600: other programs' secrets may
 * stand in them, as they do in the originals.
 */
export class Backups {
  readonly #folder: string;
  readonly #now: () => Date;
  readonly #queue = new KeyedQueue<ClientId>();

  constructor(folder: string, now: () => Date) {
    this.#folder = folder;
    this.#now = now;
  }

  /**
   * Keeps a copy of a file as it was read; undefined when there was no file. A copy like the latest one is not
   * made twice. Of each file five stay: this one, the `pinned` ones, and the latest of the others.
   * @throws BridgeError `storage`; then no older copy was dropped.
   */
  async keep(
    client: ClientId,
    file: ConfigFile,
    pinned: readonly string[] = [],
  ): Promise<ClientBackup | undefined> {
    const { path, bytes, sha256 } = file;
    if (sha256 === null) return undefined;
    return this.#queue.run(client, async () => {
      const folder = join(this.#folder, client);
      await privateFolder(this.#folder);
      await privateFolder(folder);
      await sweep(folder);
      const earlier = await this.#kept(client);
      const latest = earlier.find((backup) => backup.path === path);
      if (latest?.sha256 === sha256 && (await isWhole(folder, latest))) return shown(latest);
      const at = freeTime(this.#now(), earlier);
      const id = idOf(at, sha256);
      await writeWhole(join(folder, `${id}.bak`), bytes);
      await writeWhole(
        join(folder, `${id}.json`),
        Buffer.from(JSON.stringify({ path, sha256 } satisfies Note)),
      );
      const made: Kept = { id, path, at: at.toISOString(), bytes: bytes.length, sha256 };
      for (const old of toDrop(made, earlier, pinned)) await drop(folder, old.id);
      return shown(made);
    });
  }

  /** Newest first; opens no copy. */
  async list(client: ClientId): Promise<ClientBackup[]> {
    return (await this.#kept(client)).map(shown);
  }

  /** @throws BridgeError `invalid-input` when there is no such copy; `storage` when it is damaged. */
  async read(client: ClientId, id: string): Promise<{ path: string; bytes: Buffer }> {
    const kept = ID.test(id) ? await this.#one(client, id) : undefined;
    if (!kept) {
      throw new BridgeError('invalid-input', 'This backup is not there any more. Choose another one.');
    }
    const file = join(this.#folder, client, `${id}.bak`);
    const bytes = await readFile(file).catch((error: unknown) => {
      throw new BridgeError('storage', `The backup ${id} cannot be read.`, {}, error);
    });
    if (sha256Of(bytes) !== kept.sha256) {
      throw new BridgeError('storage', `The backup ${id} is damaged. Choose another one.`);
    }
    return { path: kept.path, bytes };
  }

  async #kept(client: ClientId): Promise<Kept[]> {
    const names = await readdir(join(this.#folder, client)).catch(() => []);
    const ids = names.filter((name) => name.endsWith('.bak')).map((name) => name.slice(0, -'.bak'.length));
    const found = await Promise.all(ids.filter((id) => ID.test(id)).map((id) => this.#one(client, id)));
    return found.filter((kept) => kept !== undefined).sort((one, other) => (one.id < other.id ? 1 : -1));
  }

  /** Undefined for what is not whole: a copy without its note, a note that is none, something that is no file. */
  async #one(client: ClientId, id: string): Promise<Kept | undefined> {
    const stem = join(this.#folder, client, id);
    try {
      const [copy, beside] = await Promise.all([lstat(`${stem}.bak`), lstat(`${stem}.json`)]);
      if (!copy.isFile() || !beside.isFile()) return undefined;
      const note = Note.parse(JSON.parse(await readFile(`${stem}.json`, 'utf8')));
      return { id, at: timeOf(id), bytes: copy.size, ...note };
    } catch {
      return undefined;
    }
  }
}

/** What is too many of one file, the oldest first; never the one just made, never a pinned one. */
export function toDrop<B extends { readonly id: string; readonly path: string }>(
  made: B,
  newestFirst: readonly B[],
  pinned: readonly string[],
): B[] {
  const others = newestFirst.filter(({ path }) => path === made.path);
  const tooMany = Math.max(others.length + 1 - limits.configBackups, 0);
  return others
    .filter(({ id }) => !pinned.includes(id))
    .reverse()
    .slice(0, tooMany);
}

/** Names have milliseconds, and two copies must not have the same time: which one is newer would be left to chance. */
function freeTime(now: Date, taken: readonly ClientBackup[]): Date {
  const times = new Set(taken.map(({ at }) => Date.parse(at)));
  let time = now.getTime();
  while (times.has(time)) time += 1;
  return new Date(time);
}

function idOf(at: Date, sha256: string): string {
  return `${at.toISOString().replaceAll(/[-:.]/g, '')}-${sha256.slice(0, 8)}`;
}

function timeOf(id: string): string {
  return id.replace(ID, '$1-$2-$3T$4:$5:$6.$7Z');
}

function shown({ id, path, at, bytes }: Kept): ClientBackup {
  return { id, path, at, bytes };
}

async function isWhole(folder: string, { id, sha256 }: Kept): Promise<boolean> {
  const bytes = await readFile(join(folder, `${id}.bak`)).catch(() => undefined);
  return bytes !== undefined && sha256Of(bytes) === sha256;
}

async function drop(folder: string, id: string): Promise<void> {
  await unlink(join(folder, `${id}.json`)).catch(() => undefined);
  await unlink(join(folder, `${id}.bak`)).catch(() => undefined);
}

/** Copies that never got their note, or have lost it: a writer was killed. */
async function sweep(folder: string): Promise<void> {
  await sweepTemporary(folder);
  const names = new Set(await readdir(folder).catch(() => [] as string[]));
  for (const name of names) {
    const id = name.slice(0, -'.bak'.length);
    if (name === `${id}.bak` && ID.test(id) && !names.has(`${id}.json`)) await drop(folder, id);
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
