import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs the tests need beyond Node, and the Debian packages that bring them. */
export const programs = {
  'dbus-daemon': 'dbus-daemon',
  'gnome-keyring-daemon': 'gnome-keyring',
  'secret-tool': 'libsecret-tools',
  gdbus: 'libglib2.0-bin',
} as const;

/** Debian packages of the programs that are missing here. Only Linux has a Secret Service to test. */
export function missingPackages(path = process.env.PATH ?? ''): string[] {
  if (process.platform !== 'linux') return [];
  const folders = path.split(delimiter).filter(Boolean);
  return Object.entries(programs)
    .filter(([program]) => !folders.some((folder) => runs(join(folder, program))))
    .map(([, debianPackage]) => debianPackage);
}

/** The one line a person reads when something is missing. */
export function missingLine(packages: readonly string[]): string {
  return `The keychain tests need a real Secret Service. Install it first: apt-get install ${packages.join(' ')}`;
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
