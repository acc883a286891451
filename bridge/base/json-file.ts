import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type * as z from 'zod';
import { BridgeError } from '../contract/errors.ts';
import { KeyedQueue } from './tasks.ts';

const writes = new KeyedQueue<string>();

/**
 * Replaces a file of ours as a whole: after a crash, a full disk or a failed call it holds the old or the new bytes,
 * never a mixture. Writes a sibling, syncs it, verifies its size, renames it over the target and syncs the folder.
 * @param content the bytes, or pieces that come one after the other.
 * @returns its size in bytes.
 * @throws BridgeError `storage` when it could not be saved; what the pieces throw, a BridgeError or the caller's own abort.
 * The old file is then untouched.
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<number> {
  return writes.run(path, () => replace(path, content));
}

async function replace(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<number> {
  const temporary = nameBeside(path);
  try {
    await refuseForeign(path);
    const handle = await open(temporary, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
    let size = 0;
    try {
      for await (const bytes of content instanceof Uint8Array ? [content] : content) {
        await handle.writeFile(bytes);
        size += bytes.length;
      }
      await handle.sync();
      // A nearly full disk may take fewer bytes than it was given without saying so.
      if ((await handle.stat()).size !== size) throw new Error('short write');
    } finally {
      await handle.close();
    }
    await putInPlace(temporary, path);
    return size;
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    if (error instanceof BridgeError || isAbort(error)) throw error;
    throw cannotSave(path, error);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/**
 * Renames and syncs. When the folder cannot be synced, the former file comes back: whoever hears that nothing was saved
 * goes on with the old content, and the next start must not find another one.
 */
async function putInPlace(fresh: string, path: string): Promise<void> {
  const former = await secondName(path);
  try {
    await whileBusy(() => rename(fresh, path));
    try {
      await syncFolder(dirname(path));
    } catch (error) {
      if (await comesBack(path, former)) throw error;
    }
  } finally {
    if (typeof former === 'string') await unlink(former).catch(() => undefined);
  }
}

/** Another name of the file, `absent` when there is none, `only` where a file can have one name only. */
async function secondName(path: string): Promise<string | { none: 'absent' | 'only' }> {
  const name = nameBeside(path);
  try {
    await link(path, name);
    return name;
  } catch (error) {
    return { none: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'only' };
  }
}

/** False when the new content stays; then it counts as saved, because it is what everybody reads from now on. */
async function comesBack(path: string, former: Awaited<ReturnType<typeof secondName>>): Promise<boolean> {
  if (typeof former !== 'string' && former.none === 'only') return false;
  try {
    await (typeof former === 'string' ? rename(former, path) : unlink(path));
    return true;
  } catch {
    return false;
  }
}

function nameBeside(path: string): string {
  const random = randomBytes(6).toString('hex');
  return join(dirname(path), `.${basename(path)}.${process.pid}.${random}.tmp`);
}

/** Runs it again while Windows says that somebody holds the file: virus scanners do so with fresh files for a moment. */
export async function whileBusy<T>(task: () => Promise<T>): Promise<T> {
  const tries = process.platform === 'win32' ? 30 : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await task();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (attempt >= tries || !['EPERM', 'EACCES', 'EBUSY'].includes(code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(10 * attempt ** 2, 2000)));
    }
  }
}

/** Makes what was created, renamed or removed in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Of a file that is about to be lifted to a newer version. */
async function keepCopy(path: string, copy: string): Promise<void> {
  try {
    await copyFile(path, copy);
  } catch (error) {
    throw cannotSave(copy, error);
  }
}

async function refuseForeign(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isFile())
    throw new BridgeError('storage', `${path.slice(-200)} is not a plain file, so it was left alone.`);
  if (process.getuid && found.uid !== process.getuid()) {
    throw new BridgeError('storage', `${path.slice(-200)} belongs to another user, so it was left alone.`);
  }
}

function cannotSave(path: string, error: unknown): BridgeError {
  const code = (error as NodeJS.ErrnoException).code;
  const why = code === 'ENOSPC' ? 'The disk is full' : `Writing failed${code ? ` (${code})` : ''}`;
  return new BridgeError(
    'storage',
    `${why}: ${basename(path).slice(-200)} could not be saved. Nothing was lost.`,
    {},
    error,
  );
}

/**
 * Makes a private folder, or takes an existing one of ours and closes it to others.
 * @throws BridgeError `storage` when it belongs to someone else or is no folder.
 */
export async function privateFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (error) {
    const text = isDiskFull(error)
      ? `The disk is full: the folder ${path.slice(-180)} could not be made.`
      : `The folder ${path} cannot be made. Check its permissions.`;
    throw new BridgeError('storage', text, {}, error);
  }
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw new BridgeError('storage', `${path} is not a folder.`);
  if (process.platform === 'win32') return;
  if (process.getuid && found.uid !== process.getuid()) {
    throw new BridgeError('storage', `${path} belongs to another user. Choose another folder with --home.`);
  }
  if ((found.mode & 0o077) === 0) return;
  try {
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.chmod(0o700);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const why = isDiskFull(error) ? 'The disk is full: the' : 'The';
    const text = `${why} folder ${path.slice(-180)} is open to others and could not be closed to them.`;
    throw new BridgeError('storage', text, {}, error);
  }
}

/** The system says that there is no space left. */
export function isDiskFull(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOSPC';
}

/**
 * Makes a folder and those above it. Not by Node's own `recursive`, which tries for ever where a folder that exists says
 * that nothing in it does, as /proc does.
 */
async function makeFolder(path: string): Promise<void> {
  const above = dirname(path);
  if (above === path || (await stat(path).catch(() => undefined))) return;
  await makeFolder(above);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Removes what a killed writer left behind in a folder of ours; files younger than `ageMs` may still be in use. */
export async function sweepTemporary(folder: string, ageMs = 60 * 60 * 1000): Promise<void> {
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    if (!/^\..+\.\d+\.[0-9a-f]{12}\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found?.isFile() && Date.now() - found.mtimeMs >= ageMs) await unlink(path).catch(() => undefined);
  }
}

export type Migration = (document: Record<string, unknown>) => Record<string, unknown>;

export interface JsonFileOptions<T> {
  path: string;
  /** What a person calls the content: "the list of accounts". */
  what: string;
  schema: z.ZodType<T>;
  /** `migrations[n]` lifts version n to n+1; the newest version is `migrations.length`. */
  migrations: readonly Migration[];
  empty: () => T;
  /** What of a damaged file's text must go on to hold; undefined for nothing. */
  rescue?: ((text: string) => T | undefined) | undefined;
}

/**
 * A versioned JSON document of ours. Reading lifts older versions; a newer version is refused and left untouched;
 * a damaged file is set aside, never overwritten.
 */
export class JsonFile<T> {
  readonly #options: JsonFileOptions<T>;

  constructor(options: JsonFileOptions<T>) {
    this.#options = options;
  }

  /**
   * The document, or `empty()` when there is no file yet. `setAside` names the copy of a damaged file.
   * @throws BridgeError `newer-file` when a newer Gangway wrote it; `storage` when it cannot be read, no copy of an older
   * version be kept, or a damaged one not be set aside.
   */
  async read(): Promise<{ document: T; setAside?: string }> {
    const { path, what, schema, migrations, empty } = this.#options;
    let bytes: Buffer;
    try {
      const found = await lstat(path);
      if (!found.isFile())
        throw new BridgeError('storage', `${path} is not a plain file. Move it away and start again.`);
      bytes = await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { document: empty() };
      if (error instanceof BridgeError) throw error;
      throw new BridgeError('storage', `${what} in ${path} cannot be read.`, {}, error);
    }
    let raw: unknown;
    try {
      raw = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      return this.#setAside(bytes);
    }
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return this.#setAside(bytes);
    let document = raw as Record<string, unknown>;
    const version = document.version;
    if (typeof version !== 'number' || !Number.isInteger(version) || version < 0)
      return this.#setAside(bytes);
    if (version > migrations.length) {
      throw new BridgeError(
        'newer-file',
        `${path} was made by a newer Gangway (version ${version}). Update Gangway; the file was left untouched.`,
      );
    }
    if (version < migrations.length) await keepCopy(path, `${path}.v${version}`);
    for (const lift of migrations.slice(version)) document = lift(document);
    const { version: _, ...content } = document;
    const parsed = schema.safeParse(content);
    if (!parsed.success) return this.#setAside(bytes);
    return { document: parsed.data };
  }

  async #setAside(bytes: Buffer): Promise<{ document: T; setAside: string }> {
    const { path, empty, rescue } = this.#options;
    const aside = `${path}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`;
    const rescued = rescue?.(bytes.toString('latin1'));
    try {
      // What is rescued takes its place in one go: a start that is cut short in between begins again with the damaged one.
      if (rescued) await link(path, aside).catch(() => copyFile(path, aside));
      else await rename(path, aside);
    } catch (error) {
      throw new BridgeError(
        'storage',
        `${isDiskFull(error) ? 'The disk is full: ' : ''}${path.slice(-180)} is damaged and could not be set aside. Check the disk, then start again.`,
        {},
        error,
      );
    }
    if (rescued) await this.write(rescued);
    return { document: rescued ?? empty(), setAside: aside };
  }

  /** Saves the document as a whole. @throws BridgeError `storage`, with the old file untouched. */
  async write(document: T): Promise<void> {
    const { path, schema, migrations } = this.#options;
    const checked = schema.parse(document) as object;
    const text = `${JSON.stringify({ version: migrations.length, ...checked }, null, 2)}\n`;
    await writeWhole(path, Buffer.from(text));
  }
}
