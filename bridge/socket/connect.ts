import { lstatSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { limits } from '../base/limits.ts';
import { FrameStream } from './frames.ts';
import { ClientHandshake, type Introduction } from './handshake.ts';
import { readHandshakeKey } from './handshake-key.ts';
import { HandshakeLines } from './lines.ts';

/**
 * Why a process that holds the socket was not taken for the owner, or did not take us:
 * `key`: our copy of the key cannot be used; `socket`: what lies at its path is not ours; `proof`: the other end does
 * not know the key, or said something else; `silent`: it did not answer in time or hung up, as an owner does that knows
 * another key or has too much to do; `version`, `full`, `stopping`: it said so.
 */
export type Refusal = 'key' | 'socket' | 'proof' | 'silent' | 'version' | 'full' | 'stopping';

export type Connected =
  | { readonly kind: 'connected'; readonly frames: FrameStream }
  /** No process owns the socket. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly because: Refusal };

/** What a person is told. Always the same words, whatever the other end said. */
export const refusalTexts: Readonly<Record<Refusal, string>> = {
  key: 'The key file of Gangway is missing, damaged or belongs to another user. Quit Gangway and start it again.',
  socket:
    'The place of the Gangway socket is taken by something else. Look at it, move it away and start Gangway again.',
  proof: 'The process at the Gangway socket could not prove that it is Gangway. Nothing was sent to it.',
  silent: 'Gangway did not answer in time. Try again; if it stays silent, quit it and start it again.',
  version: 'Gangway was updated. Restart this app to use it.',
  full: 'Too many programs are connected to Gangway. Close some and try again.',
  stopping: 'Gangway is stopping. Start it again, then try again.',
};

export interface ConnectOptions extends Introduction {
  /** Path of the Unix socket or name of the pipe. */
  readonly socket: string;
  readonly keyFile: string;
  readonly signal: AbortSignal;
}

/**
 * Connects to the owner of the data folder and proves to each other, in both directions, to know its key.
 * @throws the signal's reason when it aborts.
 */
export async function connectSocket(options: ConnectOptions): Promise<Connected> {
  options.signal.throwIfAborted();
  const place = lookAt(options.socket);
  if (place !== 'ours')
    return place === 'nothing' ? { kind: 'absent' } : { kind: 'refused', because: 'socket' };
  const opened = await open(options);
  if (opened.kind !== 'open') return opened;
  const { socket } = opened;
  const outcome = await withDeadline(socket, options.signal, () => shakeHands(socket, options));
  if (outcome.kind !== 'connected') socket.destroy();
  options.signal.throwIfAborted();
  return outcome;
}

/** What lies at the path of a Unix socket; pipes of Windows are not files and cannot be looked at. */
function lookAt(path: string): 'ours' | 'nothing' | 'foreign' {
  if (process.platform === 'win32') return 'ours';
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return 'nothing';
    return found.isSocket() && found.uid === process.getuid?.() ? 'ours' : 'foreign';
  } catch {
    return 'nothing';
  }
}

type Opened = { readonly kind: 'open'; readonly socket: Socket } | Exclude<Connected, { kind: 'connected' }>;

async function open(options: ConnectOptions): Promise<Opened> {
  return new Promise((resolve) => {
    const socket = connect({ path: options.socket });
    socket.once('connect', () => resolve({ kind: 'open', socket }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES' || error.code === 'EPERM') resolve({ kind: 'refused', because: 'socket' });
      // Somebody is there, with so many waiting that nobody more may wait.
      else if (error.code === 'EAGAIN') resolve({ kind: 'refused', because: 'silent' });
      else resolve({ kind: 'absent' });
    });
  });
}

async function withDeadline(
  socket: Socket,
  signal: AbortSignal,
  task: () => Promise<Connected>,
): Promise<Connected> {
  let late = false;
  const cut = (): void => void socket.destroy();
  const timer = setTimeout(() => {
    late = true;
    cut();
  }, limits.handshakeMs);
  signal.addEventListener('abort', cut);
  try {
    const outcome = await task();
    return late ? { kind: 'refused', because: 'silent' } : outcome;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cut);
  }
}

async function shakeHands(socket: Socket, options: ConnectOptions): Promise<Connected> {
  const file = readHandshakeKey(options.keyFile);
  if (file.kind !== 'key') return { kind: 'refused', because: 'key' };
  const handshake = new ClientHandshake(file.key, options);
  using lines = new HandshakeLines(socket);
  socket.write(`${handshake.hello()}\n`);
  for (;;) {
    const line = await lines.next();
    if (line === undefined) return { kind: 'refused', because: 'silent' };
    const step = handshake.take(line);
    if (step.kind === 'rejected') return { kind: 'refused', because: step.because };
    if (step.kind === 'accepted') return { kind: 'connected', frames: new FrameStream(socket) };
    socket.write(`${step.line}\n`);
  }
}
