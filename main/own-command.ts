import { existsSync } from 'node:fs';
import { copyFile, constants as files, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { privateFolder } from '#bridge/base/json-file.ts';
import type { Log } from '#bridge/base/log.ts';
import type { BridgeOptions } from '#bridge/bridge.ts';
import { appImageOf } from './app-image.ts';

type Program = BridgeOptions['program'];

export interface CommandParts {
  readonly isPackaged: boolean;
  /** Folder of package.json. */
  readonly appFolder: string;
  /** Folder of what a package has beside its archive. */
  readonly resources: string;
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  /** The program that runs now. */
  readonly executable: string;
  /** The data folder. */
  readonly home: string;
  readonly log: Log;
}

/** What the command needs around it, in the same places: the shim that apps start, what bundles are made of, the panel's files, the keychain's code. */
const AROUND = [
  join('bin', 'gangway-shim'),
  join('bin', 'gangway-shim.cjs'),
  join('icons', 'app', '512x512.png'),
  'panel',
  join('app.asar.unpacked', 'node_modules', '@napi-rs'),
];

/**
 * The words that start the command line of this copy, for apps that are set up to start it; null where there are none that
 * stay true. A program inside an AppImage is at another place at every start, so a copy in the data folder stands in for
 * it, which every start renews. Never throws.
 */
export async function ownCommand(parts: CommandParts): Promise<Program> {
  const { isPackaged, appFolder, resources, platform, environment, executable, home, log } = parts;
  if (!isPackaged) return [nodeOf(appFolder), join(appFolder, 'bridge', 'cli', 'main.ts')];
  const command = join('bin', platform === 'win32' ? 'gangway.exe' : 'gangway');
  if (!existsSync(join(resources, command)) || isPassing(resources, platform)) return null;
  if (appImageOf(environment, executable) === undefined) return [join(resources, command)];
  const copy = join(home, 'command');
  try {
    await privateFolder(copy);
    await renew(resources, copy, [command, ...AROUND]);
    return [join(copy, command)];
  } catch (error) {
    log.error('command.copy', error);
    return null;
  }
}

/** The Node that the development packages bring along, or else whichever there is. */
function nodeOf(appFolder: string): string {
  const brought = join(appFolder, 'node_modules', '.bin', 'node');
  return existsSync(brought) ? brought : 'node';
}

/** macOS runs an app that was not moved since its download from another place each time, or from its disk image. */
export function isPassing(resources: string, platform: NodeJS.Platform): boolean {
  return platform === 'darwin' && /^\/Volumes\/|\/AppTranslocation\//.test(resources);
}

/** Makes the copy the same as its original; each file is replaced as a whole, because the copy may be running. */
async function renew(original: string, copy: string, places: readonly string[]): Promise<void> {
  const wanted = (await Promise.all(places.map((place) => filesIn(original, place)))).flat();
  for (const file of wanted) {
    if (await isSame(join(original, file), join(copy, file))) continue;
    const place = join(copy, file);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    const fresh = `${place}.${process.pid}.new`;
    await copyFile(join(original, file), fresh, files.COPYFILE_FICLONE);
    const { atime, mtime } = await stat(join(original, file));
    await utimes(fresh, atime, mtime);
    await rename(fresh, place);
  }
  for (const file of await filesIn(copy, '')) {
    if (!wanted.includes(file)) await rm(join(copy, file), { force: true });
  }
}

/** Files at a place of a folder, or the place itself when it is one; by their path in the folder. */
async function filesIn(folder: string, place: string): Promise<string[]> {
  const start = join(folder, place);
  if ((await stat(start)).isFile()) return [place];
  const found = await readdir(start, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

async function isSame(original: string, copy: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(original), stat(copy).catch(() => undefined)]);
  return one.size === other?.size && Math.floor(one.mtimeMs) === Math.floor(other.mtimeMs);
}
