import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Paths } from '../base/paths.ts';
import { isRecord } from '../base/record.ts';
import { checksOf, type Finding } from './findings.ts';
import { quoted } from './home-folder.ts';
import type { Machine } from './machine.ts';

const { ok, notice, bad } = checksOf('files');

/** Files of ours that hold a versioned JSON document, with what a person calls the content. */
export function documentsOf(paths: Paths): readonly (readonly [what: string, path: string])[] {
  return [
    ['The list of accounts', paths.accounts],
    ['The settings', paths.settings],
    ['The list of connected apps', paths.clients],
    ['The record of what was set up in apps', paths.connections],
    ['What was chosen for the desktop app', paths.desktop],
  ];
}

/** Our own files: readable, ours, closed to others, whole. Changes nothing. */
export async function lookAtConfigFiles(paths: Paths, machine: Machine): Promise<Finding[]> {
  const looks = documentsOf(paths).map(([what, path]) => lookAtDocument(what, path, machine));
  const findings = [...(await Promise.all(looks)).flat(), ...(await setAside(paths))];
  return findings.length > 0 ? findings : [ok('config-files', 'Its files can be read and belong to you.')];
}

async function lookAtDocument(what: string, path: string, { platform, user }: Machine): Promise<Finding[]> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    return found.code === 'ENOENT' ? [] : [unreadable(what, path, found.code)];
  }
  if (!found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : found.isSymbolicLink() ? 'a link' : 'no plain file';
    const text = `${what} cannot be read: there is ${kind} in place of the file, so Gangway does not start.`;
    return [bad('file-not-plain', text, `Move it away and start Gangway again: ${path}`, path)];
  }
  if (user !== undefined && found.uid !== user) {
    const text = `${what} is in a file that belongs to another user, so it is left alone and nothing is saved there.`;
    return [bad('file-foreign', text, `Make the file yours, or move it away: ${path}`, path)];
  }
  if (platform !== 'win32' && (found.mode & 0o400) === 0) return [unreadable(what, path, 'EACCES')];
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (text instanceof Error) return [unreadable(what, path, text.code)];
  const findings: Finding[] = [];
  if (!isDocument(text)) {
    findings.push(
      bad(
        'file-damaged',
        `${what} is in a file that is damaged. At its next start Gangway sets it aside and begins a new one.`,
        `Put a good copy of the file in its place before you start Gangway again: ${path}`,
        path,
      ),
    );
  }
  if (platform !== 'win32' && (found.mode & 0o077) !== 0) {
    const open = `${what} is in a file that other users of this computer may open.`;
    findings.push(notice('file-open', open, `Close it to them: chmod 600 ${quoted(path)}`, path));
  }
  return findings;
}

function unreadable(what: string, path: string, code = 'unknown'): Finding {
  const fix = platformFix(path);
  return bad('file-unreadable', `${what} cannot be read (${code}), so Gangway does not start.`, fix, path);
}

function platformFix(path: string): string {
  return `Give yourself access to the file again, for example with: chmod 600 ${quoted(path)}`;
}

/** A JSON object with a version, as every file of ours is. */
function isDocument(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) && Number.isInteger(parsed.version);
  } catch {
    return false;
  }
}

/** Files that were damaged when Gangway read them. */
async function setAside(paths: Paths): Promise<Finding[]> {
  const folders = [paths.config, paths.vault, dirname(paths.activity)];
  const names = await Promise.all(
    folders.map(async (folder) => {
      const inside = await readdir(folder).catch(() => []);
      return inside.filter((name) => name.includes('.corrupt-')).map((name) => ({ folder, name }));
    }),
  );
  return names
    .flat()
    .map(({ folder, name }) =>
      notice(
        'file-set-aside',
        `${name.split('.corrupt-')[0]} was damaged. Gangway set it aside as ${name} and went on without it.`,
        'Look whether something in that file is missing now, then delete it.',
        join(folder, name),
      ),
    );
}
