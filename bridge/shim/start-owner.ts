import { closeSync, constants, existsSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { Paths } from '../base/paths.ts';

/** Variables with which an AI app's environment could change how the owner runs or whom it trusts. */
const NOT_PASSED_ON = /^(NODE_|DEBUG$|ELECTRON_(?!RUN_AS_NODE$)|LD_|DYLD_|npm_)/i;

/** Bytes of the file that says how the last owner is started. */
const LONGEST_WORDS = 64 * 1024;

/** Files to start one after the other in one command: an executable, and perhaps the program it runs. */
export type Program = readonly [executable: string, ...file: string[]];

/** An owner that was asked to start. */
export interface StartingOwner {
  /** It ended again; perhaps because another one was faster. */
  readonly ended: boolean;
}

/**
 * Starts the owner of a data folder, hidden and independent of this process, if the person's settings allow it.
 * @param given the words that start the command line; by default those the last owner left, else this Node and its source.
 * @returns undefined when it is not allowed or not possible from here.
 */
export async function startOwner(
  paths: Paths,
  environment: NodeJS.ProcessEnv,
  given?: Program,
): Promise<StartingOwner | undefined> {
  const program = given ?? programOfLastOwner(paths.startWords) ?? programFromSource();
  const [executable, ...words] = program;
  if (!mayStart(paths.settings) || !program.every((part) => existsSync(part))) return undefined;
  const kept = Object.entries(environment).filter(([name]) => !NOT_PASSED_ON.test(name));
  const output = openOutput(paths.logs);
  const state = { ended: false };
  // In the shim as one file a static import would be loaded at every start.
  const { spawn } = await import('node:child_process');
  const child = spawn(executable, [...words, 'serve'], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', output ?? 'ignore'],
    // The client's folder may be on a disk that somebody wants to unmount.
    cwd: homedir(),
    env: { ...Object.fromEntries(kept), GANGWAY_HOME: paths.home },
  });
  if (output !== undefined) closeSync(output);
  const end = (): void => {
    state.ended = true;
  };
  child.on('error', end);
  child.on('exit', end);
  child.unref();
  return state;
}

/** This Node and the command line beside this file. */
export function programFromSource(): Program {
  return [process.execPath, join(import.meta.dirname, '../cli/main.ts')];
}

/** What the owner that ran last wrote down, in a file that nobody else can have written; undefined when it is of no use now. */
export function programOfLastOwner(path: string): Program | undefined {
  try {
    const parsed: unknown = JSON.parse(readOwn(path));
    if (typeof parsed !== 'object' || parsed === null || !('program' in parsed)) return undefined;
    const words: unknown[] = Array.isArray(parsed.program) ? parsed.program : [];
    const parts = words.filter((word) => typeof word === 'string' && isAbsolute(word) && existsSync(word));
    const [executable, ...rest] = parts.map(String);
    return executable !== undefined && parts.length === words.length ? [executable, ...rest] : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a plain file of this user that only this user can change. @throws when it is none. */
function readOwn(path: string): string {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const { uid, mode, size } = fstatSync(file);
    const isPlain = (mode & constants.S_IFMT) === constants.S_IFREG && size <= LONGEST_WORDS;
    const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    if (!isPlain || !isOurs) throw new Error('not ours');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Absent or unreadable settings leave the default, which is yes. */
function mayStart(settings: string): boolean {
  try {
    const parsed: unknown = JSON.parse(readFileSync(settings, 'utf8'));
    return !(
      typeof parsed === 'object' &&
      parsed !== null &&
      'startOwner' in parsed &&
      parsed.startOwner === false
    );
  } catch {
    return true;
  }
}

/** Where an owner that fails before it has a log says why. */
function openOutput(logs: string): number | undefined {
  try {
    makeFolder(logs);
    return openSync(join(logs, 'start.log'), 'w', 0o600);
  } catch {
    return undefined;
  }
}

/** Not by Node's own `recursive`, which never ends below a folder that exists and can hold no new one, as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path) || dirname(path) === path) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
