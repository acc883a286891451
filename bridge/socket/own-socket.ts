import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { writeWhole } from '../base/json-file.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Paths } from '../base/paths.ts';
import { pause } from '../base/tasks.ts';
import { BridgeError } from '../contract/errors.ts';
import { KEY_BYTES, type KeyFile, readHandshakeKey } from './handshake-key.ts';
import { type OwnerLock, tryOwnerLock } from './owner-lock.ts';

const RETRY_MS = 50;

/**
 * Waits until this process alone may bind the socket. A former owner that is just stopping is waited for; one that
 * answers is not.
 * @throws BridgeError `owner-running` when another process is the owner.
 */
export async function becomeOwner(
  paths: Pick<Paths, 'run' | 'socket'>,
  log: Log,
  signal: AbortSignal,
): Promise<OwnerLock> {
  const path = join(paths.run, 'owner.lock');
  for (let waited = 0; ; waited += RETRY_MS) {
    const lock = lockOrNothing(path, log);
    if (lock && !(await answers(paths.socket))) return lock;
    lock?.[Symbol.dispose]();
    if (lock || waited >= limits.shutdownMs || (await answers(paths.socket))) {
      throw new BridgeError(
        'owner-running',
        'Gangway is already running for this data folder. Use that one, or quit it first.',
      );
    }
    await pause(RETRY_MS, signal);
  }
}

/** On a file system without locks the socket itself remains as proof, which leaves a gap of milliseconds at start. */
function lockOrNothing(path: string, log: Log): OwnerLock | undefined {
  try {
    return tryOwnerLock(path);
  } catch (error) {
    log.error('socket.no-lock', error);
    return { [Symbol.dispose]: () => undefined };
  }
}

/** One of our programs accepts connections there. What somebody else put there is refused when it is to be removed. */
async function answers(socket: string): Promise<boolean> {
  const found = process.platform === 'win32' ? undefined : await lstat(socket).catch(() => undefined);
  if (found && !isOwnSocket(found)) return false;
  return new Promise((resolve) => {
    const probe = connect({ path: socket });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function isOwnSocket(found: Stats): boolean {
  return found.isSocket() && found.uid === process.getuid?.();
}

/**
 * Removes the socket that a killed owner left behind; call it as the owner only.
 * @throws BridgeError `storage` when something else lies there.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  if (!isOwnSocket(found)) {
    throw new BridgeError('storage', `${path} is not a socket of yours. Move it away and start again.`);
  }
  await unlink(path);
}

/**
 * Refuses a folder for the socket that is a link: the short one below the system's temporary folder could have been
 * put there by somebody else, to lead us elsewhere.
 * @throws BridgeError `storage`
 */
export async function refuseLinkedFolder(socket: string): Promise<void> {
  const folder = dirname(socket);
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isSymbolicLink()) {
    throw new BridgeError('storage', `${folder} is a link. Remove it and start again.`);
  }
}

/**
 * The key of the local handshake, made at first start and again when the file holds none.
 * @throws BridgeError `storage` when the file belongs to somebody else or is no plain file.
 */
export async function ownHandshakeKey(path: string, log: Log): Promise<Extract<KeyFile, { kind: 'key' }>> {
  let file = readHandshakeKey(path);
  if (file.kind === 'missing' || (file.kind === 'unusable' && file.because === 'damaged')) {
    if (file.kind === 'unusable') log.warn('socket.key-renewed');
    await writeWhole(path, randomBytes(KEY_BYTES));
    file = readHandshakeKey(path);
  }
  if (file.kind !== 'key') {
    throw new BridgeError('storage', `${path} is not a file of yours. Move it away and start again.`);
  }
  if (file.repaired) log.warn('socket.key-closed');
  return file;
}
