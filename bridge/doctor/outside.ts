import type { Paths } from '../base/paths.ts';
import { lookAtConfigFiles } from './config-files.ts';
import type { Finding } from './findings.ts';
import { lookAtLastStart, settingsFindings, settingsIn } from './gangway-itself.ts';
import { lookAtDataFolder } from './home-folder.ts';
import { lookAtPort } from './http-port.ts';
import { lookAtSocket } from './local-socket.ts';
import { type Machine, thisMachine } from './machine.ts';

/** What can be seen of Gangway from outside, whether it runs or not. */
export interface OutsideLook {
  readonly findings: readonly Finding[];
  /** Asking the owner, or becoming it, has a chance. */
  readonly isReachable: boolean;
  readonly isRunning: boolean;
  /** Another program has the port of the HTTP door. */
  readonly isPortTaken: boolean;
}

/**
 * Looks at the data folder, its files and the ways in, before the owner is asked: a start of Gangway puts some of it right,
 * and some of it keeps Gangway from starting at all.
 * @throws only the signal's reason.
 */
export async function examineFromOutside(
  paths: Paths,
  signal: AbortSignal,
  machine: Machine = thisMachine(),
): Promise<OutsideLook> {
  const folder = await lookAtDataFolder(paths, machine);
  if (folder.some(({ id }) => id === 'folder-unusable' || id === 'folder-foreign')) {
    return { findings: folder, isReachable: false, isRunning: false, isPortTaken: false };
  }
  const files = [...folder, ...(await lookAtConfigFiles(paths, machine))];
  const { findings: socket, owner } = await lookAtSocket(paths, false, signal);
  const isIdle = owner === 'absent';
  const settings = await settingsIn(paths.settings);
  const { http, port } = settings;
  const door = isIdle && http && port !== undefined ? await lookAtPort(port) : [];
  const starts = isIdle ? await lookAtLastStart(paths, new Date()) : [];
  return {
    findings: [...settingsFindings(settings), ...starts, ...files, ...socket, ...door],
    isReachable: !socket.some(({ state }) => state === 'bad'),
    isRunning: owner === 'answers',
    isPortTaken: door.length > 0,
  };
}

/** The data folder and the files in it. */
export async function lookAtFiles(paths: Paths, machine: Machine): Promise<Finding[]> {
  const folder = await lookAtDataFolder(paths, machine);
  return [...folder, ...(await lookAtConfigFiles(paths, machine))];
}
