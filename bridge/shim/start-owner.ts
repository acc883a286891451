import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Paths } from '../base/paths.ts';

/** Variables with which an AI app's environment could change how the owner runs or whom it trusts. */
const NOT_PASSED_ON = /^(NODE_|DEBUG$|ELECTRON_(?!RUN_AS_NODE$)|LD_|DYLD_|npm_)/i;

/** Files to start one after the other in one command: an executable, and perhaps the program it runs. */
export type Program = readonly [executable: string, ...file: string[]];

/** An owner that was asked to start. */
export interface StartingOwner {
  /** It ended again; perhaps because another one was faster. */
  readonly ended: boolean;
}

/**
 * Starts the owner of a data folder, hidden and independent of this process, if the person's settings allow it.
 * @param program the words that start the command line; by default this Node and its source.
 * @returns undefined when it is not allowed or not possible from here.
 */
export function startOwner(
  paths: Paths,
  environment: NodeJS.ProcessEnv,
  program = programFromSource(),
): StartingOwner | undefined {
  const [executable, ...words] = program;
  if (!mayStart(paths.settings) || !program.every((part) => existsSync(part))) return undefined;
  const kept = Object.entries(environment).filter(([name]) => !NOT_PASSED_ON.test(name));
  const output = openOutput(paths.logs);
  const state = { ended: false };
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
  return [process.execPath, fileURLToPath(new URL('../cli/main.ts', import.meta.url))];
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
    mkdirSync(logs, { recursive: true, mode: 0o700 });
    return openSync(join(logs, 'start.log'), 'w', 0o600);
  } catch {
    return undefined;
  }
}
