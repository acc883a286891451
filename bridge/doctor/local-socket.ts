import { lstat } from 'node:fs/promises';
import type { Paths } from '../base/paths.ts';
import { connectSocket, type Refusal, refusalTexts } from '../socket/connect.ts';
import { ControlPort } from '../socket/control-port.ts';
import { type KeyFile, readHandshakeKey } from '../socket/handshake-key.ts';
import { checksOf, type Finding } from './findings.ts';
import { holderOfSocket } from './processes.ts';

type SocketPaths = Pick<Paths, 'socket' | 'handshakeKey'>;

export interface SocketLook {
  readonly findings: readonly Finding[];
  /** Whether an owner answered, nobody is there, or whoever is there is of no use. */
  readonly owner: 'answers' | 'absent' | 'refused';
}

const { ok, notice, bad } = checksOf('doors');

const RESTART = 'Quit Gangway and start it again.';

/** How a refused connection is called, and the one thing to do. Of a key, `lookAtKey` says more. */
const REFUSALS: Readonly<Record<Exclude<Refusal, 'key'>, readonly [id: string, fix: string]>> = {
  socket: ['socket-foreign', 'Look at what lies there, move it away and start Gangway again.'],
  proof: ['socket-unproven', 'End the program that took this place, then start Gangway again.'],
  silent: ['owner-silent', 'Quit Gangway, or end its process, and start it again.'],
  version: ['owner-outdated', RESTART],
  full: ['owner-full', 'Close some of the apps that are connected.'],
  stopping: ['owner-stopping', 'Wait a moment, then run: gangway doctor'],
};

/**
 * Shakes hands with whoever owns the data folder, as every app does, and hangs up again. A key file that others may read
 * is closed to them, as every program of ours does before it uses the key.
 */
export async function lookAtSocket(
  paths: SocketPaths,
  isOwner: boolean,
  signal: AbortSignal,
): Promise<SocketLook> {
  const { socket, handshakeKey: keyFile } = paths;
  const wasOpen = await isOpenToOthers(keyFile);
  // A pipe of Windows goes with its process.
  const isLeft = process.platform !== 'win32' && (await lstat(socket).catch(() => undefined)) !== undefined;
  const given = { role: 'control', client: 'gangway doctor', address: '' } as const;
  const connected = await connectSocket({ socket, keyFile, ...given, signal });
  const opened = wasOpen ? [keyWasOpen(keyFile)] : [];
  switch (connected.kind) {
    case 'connected':
      new ControlPort(connected.frames).close();
      return { owner: 'answers', findings: [...opened, ok('socket', 'Gangway runs and answers.')] };
    case 'absent': {
      if (isOwner) return { owner: 'absent', findings: [...opened, socketGone(socket)] };
      const key = keyFindings(readHandshakeKey(keyFile), keyFile, false);
      const left = isLeft ? [staleSocket(socket)] : [];
      const findings = [...opened, ...left, ...key];
      const idle = ok('socket', 'Gangway does not run now.');
      return { owner: 'absent', findings: findings.length > 0 ? findings : [idle] };
    }
    case 'refused': {
      const { because } = connected;
      if (because === 'key') {
        return {
          owner: 'refused',
          findings: [...opened, ...keyFindings(readHandshakeKey(keyFile), keyFile, true)],
        };
      }
      const [id, fix] = REFUSALS[because];
      const isSomebody = because === 'proof' || because === 'silent';
      const holder = isSomebody ? await holderOfSocket(socket) : undefined;
      const text = `${refusalTexts[because]}${holder ? ` It is ${holder}.` : ''}`;
      return { owner: 'refused', findings: [...opened, bad(id, text, fix, socket)] };
    }
    default:
      return connected satisfies never;
  }
}

async function isOpenToOthers(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  return process.platform !== 'win32' && found?.isFile() === true && (found.mode & 0o077) !== 0;
}

function keyWasOpen(file: string): Finding {
  const text =
    'Other users of this computer could read the key of the local socket. Gangway has just closed it to them.';
  const fix = 'If somebody may have read it, quit Gangway, delete this file and start it again.';
  return { ...notice('key-open', text, fix, file), lasts: 'as-it-is' };
}

function staleSocket(socket: string): Finding {
  const text = 'A Gangway that was ended by force left its socket behind.';
  return {
    ...notice('socket-stale', text, 'Start Gangway; it removes the socket: gangway serve', socket),
    lasts: {
      text: `${text} It has just been removed.`,
      fix: 'If this comes back, look into the log for why Gangway ends: logs/gangway.log in the data folder.',
    },
  };
}

function socketGone(socket: string): Finding {
  const text = 'The socket of this Gangway was removed, so no app that starts a command reaches it any more.';
  return bad('socket-gone', text, RESTART, socket);
}

function keyFindings(key: KeyFile, file: string, isRunning: boolean): Finding[] {
  if (key.kind === 'key' || (key.kind === 'missing' && !isRunning)) return [];
  if (key.kind === 'missing') {
    const text =
      'The key of the local socket was removed while Gangway runs, so no app can prove itself any more.';
    return [bad('key-missing', text, RESTART, file)];
  }
  if (key.because === 'foreign') {
    const text =
      'The key of the local socket is no plain file of yours, so it is not used and Gangway does not start.';
    return [bad('key-foreign', text, 'Look at what lies there, move it away and start Gangway again.', file)];
  }
  const text = 'The file with the key of the local socket is damaged.';
  if (isRunning) return [bad('key-damaged', `${text} No app can prove itself any more.`, RESTART, file)];
  return [
    {
      ...notice('key-damaged', text, 'Start Gangway; it makes a new one: gangway serve', file),
      lasts: {
        text: `${text} Gangway has just made a new one.`,
        fix: 'If an app does not reach Gangway now, restart that app.',
      },
    },
  ];
}
