import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { limits } from '../../base/limits.ts';
import { pause } from '../../base/tasks.ts';
import { BridgeError } from '../../contract/errors.ts';
import { type ConfigPlace, placeOf, requireWritable } from './config-place.ts';
import { createFile, removeFile, replaceFile, sweepFolder } from './config-swap.ts';
import { changedByAnother, notSaved, refusal, stillBeingSaved } from './config-trouble.ts';

/** Another program's settings file as it was when it was read. Its content may hold secrets of other programs. */
export interface ConfigFile {
  /** As named. */
  readonly path: string;
  /** After links; what is written. */
  readonly target: string;
  /** Without its byte order mark; empty when there is no file. */
  readonly text: string;
  /** It begins with a byte order mark. */
  readonly bom: boolean;
  readonly exists: boolean;
  /** Of all its bytes; null when there is no file. */
  readonly sha256: string | null;
  readonly bytes: Buffer;
  /** Permissions; of a file that is not there, those it would get. */
  readonly mode: number;
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
/** A new file is closed to others, because a local token may stand in it. */
const NEW_MODE = 0o600;

/**
 * Reads a settings file. A file that is not there is empty; its folder has to be there, because clients take a missing
 * folder as a sign that they never ran. With `look` a read-only file is read as well; to change it is refused.
 * @throws BridgeError `conflict` when the folder is missing or the file is just being saved; `storage` when it is no plain
 * UTF-8 file of this user, is read-only or too large, or when links lead out of the home.
 */
export async function readConfigFile(
  path: string,
  home: string,
  purpose: 'change' | 'look' = 'change',
): Promise<ConfigFile> {
  try {
    const place = await placeOf(path, home);
    if (purpose === 'change') await requireWritable(path, place);
    if (!place.found) return fileOf(path, place.target, undefined, NEW_MODE);
    const bytes = await wholeContent(path, place.target);
    return fileOf(path, place.target, bytes, place.found.mode & 0o777);
  } catch (error) {
    if (error instanceof BridgeError) throw error;
    throw refusal(path, 'cannot be read. Check its folder and the disk.', error);
  }
}

/** Its permissions let other users of this computer read or change it. Windows keeps that elsewhere. */
export function isOpenToOthers(mode: number): boolean {
  return process.platform !== 'win32' && (mode & 0o077) !== 0;
}

/** `writeConfigBytes` with text, behind the byte order mark that the file had. */
export async function writeConfigFile(before: ConfigFile, text: string, mode?: number): Promise<ConfigFile> {
  if (!text.isWellFormed()) {
    throw refusal(before.path, 'cannot take this text: it holds half a character. Nothing was written.');
  }
  const bytes = Buffer.from(text);
  return writeConfigBytes(before, before.bom ? Buffer.concat([BOM, bytes]) : bytes, mode);
}

/**
 * Makes these bytes the content of the file, with its permissions as they are unless others are given; access lists and
 * other attributes of the system are not carried over. After a failure the file is as it was before, byte for byte.
 * @returns the file as it is then, read back.
 * @throws BridgeError `conflict` when it is not as it was when it was read; `storage` when it could not be saved.
 */
export async function writeConfigBytes(
  before: ConfigFile,
  bytes: Buffer,
  wanted?: number,
): Promise<ConfigFile> {
  const { path, target } = before;
  if (bytes.length > limits.configBytes)
    throw refusal(path, 'would become larger than 5 MB, so it was left alone.');
  const mode = await saving(path, async () => {
    const { found } = await placeAgain(before);
    await sweepFolder(dirname(target));
    if (!found) {
      await createFile(path, target, bytes);
      return NEW_MODE;
    }
    const { gid, mode = found.mode } = { gid: found.gid, ...(wanted === undefined ? {} : { mode: wanted }) };
    await replaceFile({ path, target, before: before.bytes }, bytes, { gid, mode });
    return mode & 0o777;
  });
  return fileOf(path, target, bytes, mode);
}

/**
 * Removes a file; a link to one is left alone.
 * @throws BridgeError `conflict` when it is not as it was when it was read; `storage` when it could not be removed.
 */
export async function removeConfigFile(before: ConfigFile): Promise<void> {
  const { path, target } = before;
  if (!before.exists) return;
  await saving(path, async () => {
    const { linked } = await placeAgain(before);
    if (linked)
      throw refusal(path, 'is a link, so it was not removed. Remove it yourself if you want it gone.');
    await sweepFolder(dirname(target));
    await removeFile({ path, target, before: before.bytes });
  });
}

/** Where the path leads now, which is still where it led. */
async function placeAgain(before: ConfigFile): Promise<ConfigPlace> {
  const place = await placeOf(before.path);
  if (place.target !== before.target || (place.found !== undefined) !== before.exists) {
    throw changedByAnother(before.path);
  }
  await requireWritable(before.path, place);
  return place;
}

async function saving<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw error instanceof BridgeError ? error : notSaved(path, error);
  }
}

/** Waits for a program that writes into the file at this moment, so that no half of its content is taken for the whole. */
async function wholeContent(path: string, target: string): Promise<Buffer> {
  // The target may have become something else since it was looked at; a pipe must not hold us up.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const patience = AbortSignal.timeout(limits.configWaitMs);
  for (;;) {
    const file = await open(target, flags).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES' || error.code === 'EPERM') {
        throw refusal(path, 'may not be read. Check its permissions.', error);
      }
      throw changedByAnother(path, error);
    });
    try {
      const bytes = await contentAtRest(path, file);
      if (bytes) return bytes;
    } finally {
      await file.close();
    }
    await pause(10, patience).catch(() => {
      throw stillBeingSaved(path);
    });
  }
}

/** Undefined when somebody is at it. */
async function contentAtRest(path: string, file: FileHandle): Promise<Buffer | undefined> {
  const before = await file.stat({ bigint: true });
  if (!before.isFile()) throw changedByAnother(path);
  if (before.size > limits.configBytes) throw refusal(path, 'is larger than 5 MB, so it was left alone.');
  // A program that writes over its file empties it first.
  const age = Math.abs(Date.now() - Number(before.mtimeMs));
  if (before.size === 0n && age < limits.configSavingMs) return undefined;
  const bytes = Buffer.alloc(Number(before.size));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled);
    if (bytesRead === 0) return undefined;
    filled += bytesRead;
  }
  const after = await file.stat({ bigint: true });
  return after.size === before.size && after.mtimeNs === before.mtimeNs ? bytes : undefined;
}

function fileOf(path: string, target: string, bytes: Buffer | undefined, mode: number): ConfigFile {
  if (!bytes) {
    return { path, target, text: '', bom: false, exists: false, sha256: null, bytes: Buffer.alloc(0), mode };
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, target, ...decoded(path, bytes), exists: true, sha256, bytes, mode };
}

function decoded(path: string, bytes: Buffer): { text: string; bom: boolean } {
  const bom = bytes.subarray(0, BOM.length).equals(BOM);
  const marked = ['fffe', 'feff'].includes(bytes.toString('hex', 0, 2));
  if (marked || bytes.includes(0)) {
    throw refusal(
      path,
      'is not UTF-8 text, but probably UTF-16, so it was left alone. Save it as UTF-8, then try again.',
    );
  }
  try {
    const content = bom ? bytes.subarray(BOM.length) : bytes;
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content), bom };
  } catch (error) {
    throw refusal(path, 'is not UTF-8 text, so it was left alone. Save it as UTF-8, then try again.', error);
  }
}
