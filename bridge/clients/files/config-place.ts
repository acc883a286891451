import { constants, type Stats } from 'node:fs';
import { access, lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { BridgeError } from '../../contract/errors.ts';
import { refusal, shown } from './config-trouble.ts';

/** Where a settings file really is. */
export interface ConfigPlace {
  /** After all links. */
  readonly target: string;
  /** The path itself is a link to it. */
  readonly linked: boolean;
  /** Of the target; undefined when there is no file yet. */
  readonly found: Stats | undefined;
}

/**
 * Follows links to a settings file, as far as they may be followed: a link to a file only to one inside the person's
 * home, a link to a folder above it only inside the home, too. What is there is a plain file of this user. Without a home
 * any link is followed.
 * @throws BridgeError `conflict` when its folder is not there, which is never made here: `storage` when the file, or the way to it, is not of that kind.
 */
export async function placeOf(path: string, home?: string): Promise<ConfigPlace> {
  const realHome = home === undefined ? undefined : await realpath(home).catch(() => resolve(home));
  const folder = await realFolder(dirname(path));
  const named = resolve(dirname(path));
  if (folder !== named && !inside(realHome, folder)) {
    throw refusal(named, `leads to ${shown(folder)}, outside your home folder, so it was left alone.`);
  }
  const target = join(folder, basename(path));
  const found = await look(target);
  if (!found?.isSymbolicLink()) return { target, linked: false, found: found && plain(path, found) };
  const end = await linkEnd(path, target);
  if (!inside(realHome, end)) {
    throw refusal(path, `is a link to ${shown(end)}, outside your home folder, so it was left alone.`);
  }
  return { target: end, linked: true, found: plain(path, await stat(end)) };
}

/**
 * Makes sure that a file and its folder may be written. Root may write everything, so the modes are asked as well.
 * @throws BridgeError `storage` that names what is read-only.
 */
export async function requireWritable(path: string, { target, found }: ConfigPlace): Promise<void> {
  if (found && !(await writable(target, found, constants.W_OK))) {
    throw refusal(path, 'is read-only, so it was left alone. Make it writable, then try again.');
  }
  const folder = dirname(target);
  if (!(await writable(folder, await stat(folder), constants.W_OK | constants.X_OK))) {
    throw refusal(
      folder,
      `is read-only, so ${shown(basename(path))} in it was left alone. Make the folder writable, then try again.`,
    );
  }
}

async function realFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if (!(await stat(real)).isDirectory()) throw refusal(folder, 'is not a folder, so nothing was written.');
    return real;
  } catch (error) {
    if (error instanceof BridgeError) throw error;
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
        throw new BridgeError(
          'conflict',
          `There is no folder ${shown(folder)}. Start the app it belongs to once, so that it makes the folder, then try again.`,
          {},
          error,
        );
      case 'ENOTDIR':
        throw refusal(folder, 'is not a folder, so nothing was written.', error);
      case 'ELOOP':
        throw refusal(folder, 'is a link that leads in a circle, so nothing was written.', error);
      default:
        throw refusal(folder, 'cannot be opened. Check its permissions.', error);
    }
  }
}

async function look(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw refusal(path, 'cannot be looked at. Check the permissions of its folder.', error);
  }
}

async function linkEnd(path: string, link: string): Promise<string> {
  try {
    return await realpath(link);
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
      case 'ENOTDIR':
        throw refusal(
          path,
          'is a link to a file that is not there, so it was left alone. Make that file, or remove the link.',
          error,
        );
      case 'ELOOP':
        throw refusal(path, 'is a link that leads in a circle, so it was left alone.', error);
      default:
        throw refusal(path, 'is a link that cannot be followed. Check permissions.', error);
    }
  }
}

function plain(path: string, found: Stats): Stats {
  if (!found.isFile()) throw refusal(path, `is ${kindOf(found)}, not a file, so it was left alone.`);
  if (process.getuid && found.uid !== process.getuid()) {
    throw refusal(path, 'belongs to another user, so it was left alone.');
  }
  return found;
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}

function inside(folder: string | undefined, path: string): boolean {
  if (folder === undefined) return true;
  const way = relative(folder, path);
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}

async function writable(path: string, found: Stats, wanted: number): Promise<boolean> {
  const user = process.getuid?.();
  if (user === undefined) {
    // On Windows a folder with this mark still takes files; for a file it means what it says.
    if (found.isFile() && (found.mode & 0o200) === 0) return false;
  } else if (user === 0 || user === found.uid) {
    const groups = process.getgroups?.() ?? [];
    const bit = user === found.uid ? 0o200 : groups.includes(found.gid) ? 0o020 : 0o002;
    if ((found.mode & bit) === 0) return false;
  }
  return access(path, wanted).then(
    () => true,
    () => false,
  );
}
