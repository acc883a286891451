import { posix, win32 } from 'node:path';
import type { System } from './client.ts';

/** Joins by the rules of the described system, which need not be the one this runs on. */
export function join(system: System, folder: string, ...parts: readonly string[]): string {
  return rules(system).join(folder, ...parts);
}

export function inHome(system: System, ...parts: readonly string[]): string {
  return join(system, system.home, ...parts);
}

/** The folder that an environment variable names; an empty or relative value is as good as none. */
export function folderOf(system: System, variable: string): string | undefined {
  const value = system.environment[variable]?.trim() ?? '';
  const { isAbsolute, parse } = rules(system);
  // On Windows `\folder` counts as absolute, too, but is on whichever drive a program is.
  const hasRoot =
    isAbsolute(value) && (system.platform !== 'win32' || parse(value).root !== value.slice(0, 1));
  return hasRoot ? value : undefined;
}

/** In the folder of settings that the XDG base directory specification names; `~/.config` unless it was moved. */
export function inXdgConfig(system: System, ...parts: readonly string[]): string {
  return join(system, folderOf(system, 'XDG_CONFIG_HOME') ?? inHome(system, '.config'), ...parts);
}

/** In the folder in which desktop programs keep what is theirs. */
export function inAppFolder(system: System, ...parts: readonly string[]): string {
  switch (system.platform) {
    case 'darwin':
      return inHome(system, 'Library', 'Application Support', ...parts);
    case 'win32':
      return inRoaming(system, ...parts);
    case 'linux':
      return inXdgConfig(system, ...parts);
    default:
      return system.platform satisfies never;
  }
}

/** In `%APPDATA%`. */
export function inRoaming(system: System, ...parts: readonly string[]): string {
  return join(system, folderOf(system, 'APPDATA') ?? inHome(system, 'AppData', 'Roaming'), ...parts);
}

/** In `%LOCALAPPDATA%`. */
export function inLocal(system: System, ...parts: readonly string[]): string {
  return join(system, folderOf(system, 'LOCALAPPDATA') ?? inHome(system, 'AppData', 'Local'), ...parts);
}

/** Folders of installed Windows packages (MSIX) of this name, whoever published them. */
export function packageFolders(system: System, name: string): readonly string[] {
  if (system.platform !== 'win32') return [];
  const folder = inLocal(system, 'Packages');
  return system
    .names(folder)
    .filter((found) => found.toLowerCase().startsWith(`${name.toLowerCase()}_`))
    .sort()
    .map((found) => join(system, folder, found));
}

/** Where a program of this name is installed on macOS. */
export function macApp(system: System, name: string): readonly string[] {
  return system.platform === 'darwin' ? [`/Applications/${name}.app`] : [];
}

/** The same files with those that exist first; the order stays otherwise. */
export function existingFirst(system: System, files: readonly string[]): readonly string[] {
  const there = new Set(files.filter((file) => system.exists(file)));
  return [...files.filter((file) => there.has(file)), ...files.filter((file) => !there.has(file))];
}

/** The place of a client's newer versions, and that of its older ones where a file is there; an existing one first. */
export function movedFile(system: System, now: string, before: string): readonly string[] {
  return system.exists(before) ? existingFirst(system, [now, before]) : [now];
}

function rules(system: System): typeof posix {
  return system.platform === 'win32' ? win32 : posix;
}
