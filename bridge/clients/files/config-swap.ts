import { randomBytes } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { link, lstat, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder, whileBusy } from '../../base/json-file.ts';
import { limits } from '../../base/limits.ts';
import { pause } from '../../base/tasks.ts';
import { changedByAnother, refusal, stillBeingSaved } from './config-trouble.ts';

const OURS = /^\..+\.gangway-\d+-[0-9a-f]{12}\.tmp$/;
const LEFT_OVER_MS = 60 * 60 * 1000;

/** What `before` held when it was read; all of these throw `conflict` when the target does not hold it any more. */
interface Swap {
  /** As the person knows it. */
  readonly path: string;
  readonly target: string;
  readonly before: Buffer;
}

/**
 * Puts new content in the place of a file, unless another program changed it. The file that is replaced gets a second
 * name first, so whatever fails later, it can be put back as it was, and a program that was just writing into it goes on
 * doing so.
 *
 * What remains: no call of Node compares and renames in one go. A program that saves by renaming a file of its own loses
 * that change when its rename falls between our last look at the target and our rename, which follow each other without
 * a pause. Such programs leave a trace before they rename, a lock (`settings.json.lock`) or a new file beside the target
 * that is named after it; the look at these comes in the same stretch, and they are waited for. So the program must make,
 * fill and rename its file within that stretch: microseconds, longer only when the system lets us wait in the middle of
 * it. One that takes no lock, does not sync and saves without a pause manages that now and then.
 */
export async function replaceFile(
  swap: Swap,
  after: Buffer,
  like: Pick<Stats, 'mode' | 'gid'>,
): Promise<void> {
  const { path, target } = swap;
  const fresh = await writeFresh(target, after, like);
  let held: string | undefined;
  try {
    const mine = lstatSync(fresh, { bigint: true });
    held = await whenQuiet(swap, () => exchange(swap, fresh));
    try {
      keepForeign(swap, held);
      await syncFolder(dirname(target)).catch((error: unknown) => {
        // Without the second name there is no way back, and no need: the new content is whole.
        if (held !== undefined) throw error;
      });
      keepForeign(swap, held);
      if (!contentOf(target)?.equals(after)) throw changedByAnother(path);
    } catch (error) {
      if (held !== undefined && holds(target, mine, after)) renameSync(held, target);
      throw error;
    }
  } finally {
    await unlink(fresh).catch(() => undefined);
    if (held !== undefined) await unlink(held).catch(() => undefined);
  }
}

/** Makes a file that is not there; one that appears meanwhile is never written over. @throws BridgeError `conflict`. */
export async function createFile(path: string, target: string, content: Buffer): Promise<void> {
  const fresh = await writeFresh(target, content, undefined);
  try {
    const mine = lstatSync(fresh, { bigint: true });
    await whileBusy(() => link(fresh, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw changedByAnother(path, error);
      if (error.code !== 'ENOTSUP' && error.code !== 'EPERM') throw error;
      const advice = 'cannot be made safely on this disk. Make an empty file there, then try again.';
      throw refusal(path, advice, error);
    });
    await syncFolder(dirname(target)).catch((error: unknown) => {
      if (holds(target, mine, content)) rmSync(target, { force: true });
      throw error;
    });
    const made = contentOf(target);
    if (made === undefined && isSameFile(target, mine)) {
      rmSync(target, { force: true });
      throw refusal(path, 'could not be read back, so it was not made. Check the disk, then try again.');
    }
    if (!made?.equals(content)) throw changedByAnother(path);
  } finally {
    await unlink(fresh).catch(() => undefined);
  }
}

/** Removes a file. It is taken aside first and looked at there, so nothing but `before` can get lost. */
export async function removeFile(swap: Swap): Promise<void> {
  const { path, target, before } = swap;
  const aside = nameBeside(target);
  await whenQuiet(swap, () => {
    if (!contentOf(target)?.equals(before)) throw changedByAnother(path);
    if (isBeingSaved(target)) return 'wait';
    renameSync(target, aside);
    return undefined;
  });
  try {
    if (!contentOf(aside)?.equals(before)) throw changedByAnother(path);
    await syncFolder(dirname(target));
    if (!contentOf(aside)?.equals(before)) throw changedByAnother(path);
  } catch (error) {
    await link(aside, target).catch(async ({ code }: NodeJS.ErrnoException) => {
      // A newer one is there, or a file can have one name only here.
      if (code !== 'EEXIST') await rename(aside, target).catch(() => undefined);
    });
    throw error;
  } finally {
    await unlink(aside).catch(() => undefined);
  }
}

/** Removes what a killed writer left in a folder, once it is an hour old. */
export async function sweepFolder(folder: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!OURS.test(name)) continue;
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (!found?.isFile() || (process.getuid && found.uid !== process.getuid())) continue;
    // A second name of a file has the age of the file; giving it the name was a change of its state.
    if (now - Math.max(found.mtimeMs, found.ctimeMs) > LEFT_OVER_MS)
      await unlink(path).catch(() => undefined);
  }
}

function nameBeside(target: string): string {
  const random = randomBytes(6).toString('hex');
  return join(dirname(target), `.${basename(target)}.gangway-${process.pid}-${random}.tmp`);
}

async function writeFresh(
  target: string,
  content: Buffer,
  like: Pick<Stats, 'mode' | 'gid'> | undefined,
): Promise<string> {
  const fresh = nameBeside(target);
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    if (like) {
      const mine = await handle.stat();
      let mode = like.mode & 0o777;
      if (mine.gid !== like.gid) {
        const taken = await handle.chown(mine.uid, like.gid).then(
          () => true,
          () => false,
        );
        // What the old group might do, another one may not.
        if (!taken) mode &= 0o707;
      }
      await handle.chmod(mode);
    }
    await handle.sync();
    // A nearly full disk may take fewer bytes than it was given without saying so.
    if ((await handle.stat()).size !== content.length) throw new Error('short write');
    await handle.close();
    return fresh;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(fresh).catch(() => undefined);
    throw error;
  }
}

/** Does it in a moment in which no program is saving the file. @throws BridgeError `conflict` when there is none. */
async function whenQuiet<T>({ path, target }: Swap, act: () => T | 'wait'): Promise<T> {
  const patience = AbortSignal.timeout(limits.configWaitMs);
  return whileBusy(async () => {
    for (;;) {
      const result = isBeingSaved(target) ? 'wait' : act();
      if (result !== 'wait') return result;
      await pause(5, patience).catch(() => {
        throw stillBeingSaved(path);
      });
    }
  });
}

/** The moment itself. Gives the second name of the file that was replaced, if it could have one. */
function exchange({ path, target, before }: Swap, fresh: string): string | undefined | 'wait' {
  const held = secondName(target);
  let done = false;
  try {
    const old = lstatSync(held ?? target, { bigint: true, throwIfNoEntry: false });
    if (!old?.isFile() || !contentOf(held ?? target)?.equals(before)) throw changedByAnother(path);
    if (isBeingSaved(target)) return 'wait';
    const now = lstatSync(target, { bigint: true, throwIfNoEntry: false });
    if (!now || !sameFile(now, old)) throw changedByAnother(path);
    renameSync(fresh, target);
    done = true;
    return held;
  } finally {
    if (held !== undefined && !done) rmSync(held, { force: true });
  }
}

/** Undefined where a file can have one name only. */
function secondName(target: string): string | undefined {
  const held = nameBeside(target);
  try {
    linkSync(target, held);
    return held;
  } catch {
    return undefined;
  }
}

/** A program had the replaced file open and wrote into it: it is not as it was when we looked. */
function keepForeign({ path, before }: Swap, held: string | undefined): void {
  if (held !== undefined && !contentOf(held)?.equals(before)) throw changedByAnother(path);
}

/**
 * Something beside the target shows that a program is about to replace it: a lock, as Claude Code makes it, or the new
 * content under another name.
 */
function isBeingSaved(target: string): boolean {
  const name = basename(target);
  const now = Date.now();
  return readdirSync(dirname(target)).some((other) => {
    if (other === name || OURS.test(other)) return false;
    if (!other.startsWith(name) && !other.startsWith(`.${name}`)) return false;
    const found = lstatSync(join(dirname(target), other), { throwIfNoEntry: false });
    if (!found) return false;
    const lasts = other === `${name}.lock` ? limits.configLockMs : limits.configSavingMs;
    return Math.abs(now - found.ctimeMs) < lasts;
  });
}

/** Nobody touched what we put there. */
function holds(target: string, mine: BigIntStats, content: Buffer): boolean {
  return isSameFile(target, mine) && contentOf(target)?.equals(content) === true;
}

function isSameFile(path: string, mine: BigIntStats): boolean {
  const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return now !== undefined && sameFile(now, mine);
}

function sameFile(one: BigIntStats, other: BigIntStats): boolean {
  return (
    one.dev === other.dev && one.ino === other.ino && one.size === other.size && one.mtimeNs === other.mtimeNs
  );
}

/** Undefined when it is gone, no file, or larger than what may be there. */
function contentOf(path: string): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const found = fstatSync(file);
    return found.isFile() && found.size <= limits.configBytes ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
