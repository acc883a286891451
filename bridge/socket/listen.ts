import type { KeyObject } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { privateFolder } from '../base/json-file.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Paths } from '../base/paths.ts';
import { BridgeError } from '../contract/errors.ts';
import { ControlPort } from './control-port.ts';
import { FrameStream } from './frames.ts';
import { acceptance, type Introduction, type Rejection, rejection, ServerHandshake } from './handshake.ts';
import { HandshakeLines } from './lines.ts';
import { becomeOwner, ownHandshakeKey, refuseLinkedFolder, removeStaleSocket } from './own-socket.ts';

/** How many nonces are kept so that a recorded hello gets no answer. */
const NONCES_KEPT = 4096;

/** A shim, after its handshake. */
export interface LocalClient {
  readonly frames: FrameStream;
  /** The name it gave itself; may be empty. */
  readonly client: string;
  /** The address as written, unchecked. */
  readonly address: string;
}

/** A user interface or the command line, after its handshake. */
export interface LocalControl {
  readonly port: ControlPort;
  readonly client: string;
}

export interface ListenOptions {
  readonly paths: Pick<Paths, 'run' | 'socket' | 'handshakeKey'>;
  readonly onClient: (client: LocalClient) => void;
  readonly onControl: (control: LocalControl) => void;
  readonly log: Log;
  /** Ends listening, as disposing does. */
  readonly signal: AbortSignal;
}

/** While it lives, this process is the owner. Disposing it closes every connection, then gives up ownership. */
export interface LocalListener extends AsyncDisposable {
  readonly socket: string;
}

/**
 * Makes this process the owner of the data folder by binding its socket, and lets in who knows the key.
 *
 * Whoever is connected but silent hears nothing, is closed after `limits.handshakeMs` and takes no place from others.
 * @throws BridgeError `owner-running`, or `storage` when the folder, the key or the socket is not ours.
 */
export async function listenSocket(options: ListenOptions): Promise<LocalListener> {
  const { paths, log, signal } = options;
  await privateFolder(paths.run);
  await using starting = new AsyncDisposableStack();
  starting.use(await becomeOwner(paths, log, signal));
  const { key } = await ownHandshakeKey(paths.handshakeKey, log);
  await removeStaleSocket(paths.socket);
  const guests = new Guests(key, options);
  const server = createServer(
    { allowHalfOpen: true, highWaterMark: limits.socketBufferBytes },
    (socket) => void guests.admit(socket),
  );
  await bind(server, paths.socket);
  server.on('error', (error) => log.error('socket.fault', error));
  starting.defer(() => stop(server, guests));
  const running = starting.move();
  const dispose = (): Promise<void> => running.disposeAsync();
  signal.addEventListener('abort', () => void dispose(), { once: true });
  return { socket: paths.socket, [Symbol.asyncDispose]: dispose };
}

async function bind(server: Server, path: string): Promise<void> {
  const isFile = process.platform !== 'win32';
  if (isFile) {
    await refuseLinkedFolder(path);
    await privateFolder(dirname(path));
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(path, resolve);
  try {
    await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      // Only a pipe of Windows gets here, and its first instance belongs to another process.
      throw new BridgeError('owner-running', 'Gangway is already running. Use that one, or quit it first.');
    }
    throw new BridgeError('storage', `The socket ${path} cannot be made. Check its folder.`, {}, error);
  }
  server.off('error', reject);
  if (isFile) await chmod(path, 0o600);
}

async function stop(server: Server, guests: Guests): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  guests.dismiss();
  await closed;
}

/**
 * Closes a connection that does not get through its handshake in time. When this process itself was held up, what the
 * client said is still unread as the time ends; such a client gets it once more.
 */
function handshakeDeadline(socket: Socket): Disposable {
  let isOver = false;
  let timer = setTimeout(() => {
    const heard = socket.bytesRead;
    setImmediate(() => {
      if (isOver) return;
      if (socket.bytesRead === heard) socket.destroy();
      else timer = setTimeout(() => socket.destroy(), limits.handshakeMs);
    });
  }, limits.handshakeMs);
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

/** Everybody connected: those still proving themselves, and those let in. */
class Guests {
  readonly #key: KeyObject;
  readonly #options: ListenOptions;
  readonly #pending = new Set<Socket>();
  readonly #accepted = new Set<Socket>();
  readonly #nonces = new Set<string>();
  #stopping = false;

  constructor(key: KeyObject, options: ListenOptions) {
    this.#key = key;
    this.#options = options;
  }

  async admit(socket: Socket): Promise<void> {
    socket.on('error', () => undefined);
    this.#pending.add(socket);
    // A Set keeps its order, so the first one has been waiting longest.
    const [oldest] = this.#pending;
    if (this.#pending.size > limits.pendingHandshakes) oldest?.destroy();
    const deadline = handshakeDeadline(socket);
    socket.once('close', () => {
      deadline[Symbol.dispose]();
      this.#pending.delete(socket);
      this.#accepted.delete(socket);
    });
    const who = await this.#shakeHands(socket);
    deadline[Symbol.dispose]();
    this.#pending.delete(socket);
    if (!who) socket.destroySoon();
    else if (!socket.destroyed) this.#welcome(socket, who);
  }

  async #shakeHands(socket: Socket): Promise<Introduction | undefined> {
    const handshake = new ServerHandshake(this.#key, (nonce) => this.#isFresh(nonce));
    using lines = new HandshakeLines(socket);
    for (;;) {
      const line = await lines.next();
      if (line === undefined) return undefined;
      const step = handshake.take(line);
      if (step.kind === 'refused') {
        if (step.line) socket.write(`${step.line}\n`);
        return undefined;
      }
      if (step.kind === 'say') socket.write(`${step.line}\n`);
      else {
        const because = this.#obstacle();
        socket.write(`${because ? rejection(because) : acceptance()}\n`);
        return because ? undefined : step.who;
      }
    }
  }

  #obstacle(): Rejection | undefined {
    if (this.#stopping) return 'stopping';
    return this.#accepted.size >= limits.localConnections ? 'full' : undefined;
  }

  #isFresh(nonce: string): boolean {
    if (this.#nonces.has(nonce)) return false;
    this.#nonces.add(nonce);
    const [oldest] = this.#nonces;
    if (this.#nonces.size > NONCES_KEPT && oldest) this.#nonces.delete(oldest);
    return true;
  }

  #welcome(socket: Socket, who: Introduction): void {
    this.#accepted.add(socket);
    const frames = new FrameStream(socket);
    if (who.role === 'mcp') this.#options.onClient({ frames, client: who.client, address: who.address });
    else this.#options.onControl({ port: new ControlPort(frames), client: who.client });
  }

  /** Closes every connection; what was written may still leave for a moment. */
  dismiss(): void {
    this.#stopping = true;
    for (const socket of this.#pending) socket.destroy();
    for (const socket of this.#accepted) {
      socket.destroySoon();
      const timer = setTimeout(() => socket.destroy(), limits.lingerMs);
      socket.once('close', () => clearTimeout(timer));
    }
  }
}
