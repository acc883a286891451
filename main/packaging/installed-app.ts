import { existsSync, readdirSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Archive, readArchive } from './asar.ts';

/** An app as electron-builder leaves it in a folder, before it becomes a file to download. */
export interface InstalledApp {
  readonly system: 'mac' | 'win' | 'linux';
  readonly folder: string;
  readonly executable: string;
  /** The file that holds Electron itself. */
  readonly electron: string;
  readonly resources: string;
  /** `gangway`. */
  readonly command: string;
  /** What apps start: it carries lines to Gangway. */
  readonly shim: string;
  readonly archive: Archive;
}

/**
 * Looks what app is in a folder.
 *
 * @throws Error when there is none, or it is not complete.
 */
export async function openApp(given: string): Promise<InstalledApp> {
  const places = placesIn(given);
  const missing = [places.executable, places.electron, places.resources].find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`There is no app here: ${relative(given, missing)} is missing.`);
  return { ...places, archive: await readArchive(join(places.resources, 'app.asar')) };
}

function placesIn(given: string): Omit<InstalledApp, 'archive'> {
  const folder = existsSync(join(given, 'Gangway.app')) ? join(given, 'Gangway.app') : given;
  const contents = join(folder, 'Contents');
  if (existsSync(contents)) {
    const resources = join(contents, 'Resources');
    return {
      system: 'mac',
      folder,
      executable: join(contents, 'MacOS/Gangway'),
      electron: join(contents, 'Frameworks/Electron Framework.framework/Versions/A/Electron Framework'),
      resources,
      command: join(resources, 'bin/gangway'),
      shim: join(resources, 'bin/gangway-shim'),
    };
  }
  const isWindows = readdirSync(folder).some((name) => name.endsWith('.exe'));
  const executable = join(folder, isWindows ? 'Gangway.exe' : 'gangway-desktop');
  const resources = join(folder, 'resources');
  return {
    system: isWindows ? 'win' : 'linux',
    folder,
    executable,
    electron: executable,
    resources,
    command: join(resources, isWindows ? 'bin/gangway.exe' : 'bin/gangway'),
    shim: join(resources, isWindows ? 'bin/gangway-shim.exe' : 'bin/gangway-shim'),
  };
}

/** A file or link below a folder. */
export interface FoundFile {
  /** Relative to the folder, with `/` between folders. */
  readonly path: string;
  readonly mode: number;
  readonly isLink: boolean;
}

/** Everything below a folder, folders included; nothing when there is no such folder. Links are not followed. */
export async function* filesBelow(folder: string, above = ''): AsyncGenerator<FoundFile> {
  for (const name of await readdir(join(folder, above)).catch(() => [])) {
    const path = `${above}${name}`;
    const found = await lstat(join(folder, path));
    yield { path, mode: found.mode, isLink: found.isSymbolicLink() };
    if (found.isDirectory()) yield* filesBelow(folder, `${path}/`);
  }
}
