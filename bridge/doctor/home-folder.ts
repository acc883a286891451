import { access, constants, realpath, stat } from 'node:fs/promises';
import type { Paths } from '../base/paths.ts';
import { checksOf, type Finding } from './findings.ts';
import type { Machine } from './machine.ts';

const MB = 1024 * 1024;
/** Below this, saving will fail soon: one save writes a whole file before it replaces the old one. */
const LITTLE = 50 * MB;
const NEXT_TO_NOTHING = 5 * MB;

/** Folders that a program copies to other computers, by their usual names. */
const SYNCED: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['iCloud', /[\\/](Mobile Documents|com~apple~CloudDocs)([\\/]|$)/i],
  ['OneDrive', /[\\/](OneDrive)( - [^\\/]+)?([\\/]|$)/i],
  ['Dropbox', /[\\/]Dropbox( \([^\\/]+\))?([\\/]|$)/i],
  ['Google Drive', /[\\/](Google ?Drive|My Drive)([\\/]|$)/i],
  ['a cloud drive', /[\\/]Library[\\/]CloudStorage[\\/]/],
];

/** File systems of other computers (Linux, `statfs(2)`): NFS, SMB, CIFS, SMB2, AFS, Coda. */
const REMOTE = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x73757245]);

const { ok, notice, bad } = checksOf('files');

/** The data folder itself: there, ours, closed to others, on a disk of this computer with room on it. Changes nothing. */
export async function lookAtDataFolder({ home }: Pick<Paths, 'home'>, machine: Machine): Promise<Finding[]> {
  const found = await stat(home).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    if (found.code === 'ENOENT') return [ok('data-folder', `${home} is made at the first start.`)];
    const fix = 'Give yourself access to the folder above it, or choose another one with --home.';
    return [bad('folder-unusable', `The data folder cannot be looked at (${found.code}).`, fix, home)];
  }
  if (!found.isDirectory()) {
    const fix = 'Move it away, or choose another folder with --home.';
    return [bad('folder-unusable', 'Where the data folder should be lies something else.', fix, home)];
  }
  if (machine.user !== undefined && found.uid !== machine.user) {
    const fix = 'Run Gangway as that user, or choose another folder with --home.';
    return [bad('folder-foreign', 'The data folder belongs to another user of this computer.', fix, home)];
  }
  const findings = [
    ...modeFindings(home, found.mode, machine),
    ...((await isWritable(home)) ? [] : [readOnlyDisk(home)]),
    ...(await placeFindings(home, machine)),
  ];
  const once = findings.filter(({ id }, index) => findings.findIndex((other) => other.id === id) === index);
  return once.length > 0
    ? once
    : [ok('data-folder', `${home} is yours alone, and there is room on its disk.`)];
}

function modeFindings(home: string, mode: number, { platform }: Machine): Finding[] {
  if (platform === 'win32') return [];
  const shown = `mode ${(mode & 0o777).toString(8).padStart(4, '0')}`;
  if ((mode & 0o300) !== 0o300) {
    const text = `The data folder does not let you write into it (${shown}), so nothing can be saved.`;
    return [bad('folder-read-only', text, `Run: chmod 700 ${quoted(home)}`, home)];
  }
  if ((mode & 0o077) === 0) return [];
  const text = `Other users of this computer can look into the data folder (${shown}).`;
  return [
    {
      ...notice('folder-open', text, `Close it to them: chmod 700 ${quoted(home)}`, home),
      lasts: {
        text: `Other users of this computer could look into the data folder (${shown}). Gangway has just closed it to them.`,
        fix: 'If this comes back, find out what opens the folder; programs for backups and copies do.',
      },
    },
  ];
}

async function isWritable(home: string): Promise<boolean> {
  return access(home, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function readOnlyDisk(home: string): Finding {
  const text = 'The data folder cannot be written to, so nothing can be saved.';
  return bad(
    'folder-read-only',
    text,
    'Make its disk writable again, or choose another folder with --home.',
    home,
  );
}

async function placeFindings(home: string, machine: Machine): Promise<Finding[]> {
  const place = await realpath(home).catch(() => home);
  const space = await machine.space(home);
  return [
    ...cloudFindings(place),
    ...shareFindings(place, space?.kind, machine),
    ...spaceFindings(place, space?.free),
  ];
}

/** A folder that is copied to elsewhere. Pure. */
export function cloudFindings(place: string): Finding[] {
  const cloud = SYNCED.find(([, pattern]) => pattern.test(place))?.[0];
  if (cloud === undefined) return [];
  const text = `The data folder lies in ${cloud}, which copies it to other computers and may put back old files.`;
  const fix =
    'Quit Gangway, move the folder to a place that is not copied, and name that place with --home or GANGWAY_HOME.';
  return [notice('folder-synced', text, fix, place)];
}

/** A folder on another computer. Pure. */
export function shareFindings(
  place: string,
  kind: number | undefined,
  { platform }: Pick<Machine, 'platform'>,
): Finding[] {
  const isShare =
    platform === 'win32'
      ? /^(\\\\|\/\/)/.test(place)
      : platform === 'linux' && kind !== undefined && REMOTE.has(kind >>> 0);
  if (!isShare) return [];
  const text =
    'The data folder lies on a network drive, where files cannot be locked for sure and sign-ins may be lost.';
  return [
    notice(
      'folder-shared',
      text,
      'Choose a folder on a disk of this computer with --home or GANGWAY_HOME.',
      place,
    ),
  ];
}

/** Room on its disk. Pure. */
export function spaceFindings(place: string, free: number | undefined): Finding[] {
  if (free === undefined || free >= LITTLE) return [];
  const left = `${Math.floor(free / MB)} MB are free`;
  const fix = 'Make room on the disk of the data folder.';
  if (free < NEXT_TO_NOTHING) {
    return [
      bad('disk-full', `The disk of the data folder is full (${left}), so nothing can be saved.`, fix, place),
    ];
  }
  return [notice('disk-low', `The disk of the data folder is almost full (${left}).`, fix, place)];
}

/** A path as it can be pasted into a shell. */
export function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
