import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { BridgeError } from '../contract/errors.ts';

export interface PrivateReading {
  /** Larger files are not read at all. */
  readonly mostBytes: number;
  /** What to do when others may read the file: close it to them, or read nothing. */
  readonly whenLoose: 'repair' | 'refuse';
}

export type PrivateContent =
  | { kind: 'content'; bytes: Buffer; repaired: boolean }
  | { kind: 'absent' }
  | { kind: 'too-large' };

/**
 * Reads a file that holds secrets: a plain file of ours that nobody else may read, not a link, pipe, device or folder.
 * On Windows access follows the profile folder, so there is no mode to check.
 * @throws BridgeError `storage` naming the path when the file is not such a file or cannot be read.
 */
export async function readPrivate(path: string, reading: PrivateReading): Promise<PrivateContent> {
  let handle: FileHandle | undefined;
  try {
    // Looked at before it is opened: opening alone can hang on a pipe or move a device.
    if (!(await lstat(path)).isFile()) throw notPlain(path);
    // Windows knows neither flag; there `lstat` alone decides.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    handle = await open(path, flags);
    return await readOpened(handle, path, reading);
  } catch (error) {
    if (error instanceof BridgeError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return { kind: 'absent' };
    if (code === 'ELOOP') throw notPlain(path);
    throw new BridgeError('storage', `${path} cannot be read${code ? ` (${code})` : ''}.`, {}, error);
  } finally {
    // What was read is there, however the disk closes it.
    await handle?.close().catch(() => undefined);
  }
}

async function readOpened(
  handle: FileHandle,
  path: string,
  { mostBytes, whenLoose }: PrivateReading,
): Promise<PrivateContent> {
  const found = await handle.stat();
  if (!found.isFile()) throw notPlain(path);
  let repaired = false;
  if (process.getuid) {
    if (found.uid !== process.getuid()) {
      throw new BridgeError('storage', `${path} belongs to another user, so it was not read.`);
    }
    if ((found.mode & 0o077) !== 0) {
      if (whenLoose === 'refuse') {
        throw new BridgeError('storage', `${path} can be read by others. Run chmod 600 on it and try again.`);
      }
      await handle.chmod(0o600);
      repaired = true;
    }
  }
  if (found.size > mostBytes) return { kind: 'too-large' };
  return { kind: 'content', bytes: await handle.readFile(), repaired };
}

function notPlain(path: string): BridgeError {
  return new BridgeError(
    'storage',
    `${path} is not a plain file, so it was left alone. Move it away and try again.`,
  );
}
