import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';

/** One file of an archive. */
export interface ArchivedFile {
  /** With `/` between folders. */
  readonly path: string;
  readonly size: number;
  /** Where its bytes begin in the archive; null when they lie beside it, in `app.asar.unpacked`. */
  readonly place: number | null;
  /** SHA-256 of the content, which Electron compares when it reads the file. */
  readonly hash: string | null;
  readonly isLink: boolean;
}

/** An app's archive, as `@electron/asar` writes it. */
export interface Archive {
  readonly files: readonly ArchivedFile[];
  /** SHA-256 of the list of files, which Electron compares with the one in its own binary. */
  readonly hash: string;
  /** Content of a file that is in the archive or beside it. */
  read(file: ArchivedFile): Promise<Buffer>;
}

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
  readonly size?: number;
  readonly offset?: string;
  readonly unpacked?: boolean;
  readonly link?: string;
  readonly integrity?: { readonly hash?: string };
}

/** A length (4), the size of the list, its size once more, the length of its text. */
const PREFIX = 16;

/** Reads the list of files of an archive. @throws Error when it is none. */
export async function readArchive(path: string): Promise<Archive> {
  await using file = await open(path);
  const prefix = Buffer.alloc(PREFIX);
  await file.read(prefix, 0, PREFIX, 0);
  const [four, listSize, length] = [0, 4, 12].map((at) => prefix.readUInt32LE(at));
  if (four !== 4 || listSize === undefined || length === undefined || length > listSize) {
    throw new Error('app.asar is no archive.');
  }
  const list = Buffer.alloc(length);
  await file.read(list, 0, length, PREFIX);
  const root: Entry = JSON.parse(list.toString('utf8'));
  return {
    files: [...filesOf(root, '', 8 + listSize)],
    hash: sha256(list),
    read: (wanted) => read(path, wanted),
  };
}

function* filesOf(folder: Entry, above: string, start: number): Generator<ArchivedFile> {
  for (const [name, entry] of Object.entries(folder.files ?? {})) {
    const path = `${above}${name}`;
    if (entry.files) {
      yield* filesOf(entry, `${path}/`, start);
      continue;
    }
    yield {
      path,
      size: entry.size ?? 0,
      place: entry.unpacked ? null : start + Number(entry.offset ?? 0),
      hash: entry.integrity?.hash ?? null,
      isLink: entry.link !== undefined,
    };
  }
}

async function read(archive: string, { path, size, place }: ArchivedFile): Promise<Buffer> {
  if (place === null) return readFile(`${archive}.unpacked/${path}`);
  await using file = await open(archive);
  const content = Buffer.alloc(size);
  await file.read(content, 0, size, place);
  return content;
}

/** In hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
