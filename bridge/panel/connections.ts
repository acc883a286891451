import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { isOtherUsers } from './other-users.ts';

const LOG_EVERY_MS = 60_000;

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

interface Connection {
  /** Requests that have begun and whose response is not out. */
  busy: number;
  /** It is no program of another user, looked up when it asks for something first. */
  isOurs: boolean;
  /** What to say once the responses before it are out: the head could not be read. */
  lastWords: string | undefined;
  finished: boolean;
}

function rawResponse(status: number): string {
  return `HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

/** The connections of the panel: whose they may be, how many, which one goes first, and what unreadable ones are told. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  readonly #log: Log;
  readonly #loggedAtMs = new Map<string, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  watch(server: Server): void {
    server.on('connection', (socket) => this.#admit(socket));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#refuse(error, socket));
    server.on('connect', (_request, socket: Socket) => this.#finish(socket, rawResponse(405)));
  }

  /** Counts a request as running until its response is out. False: it is not to be answered, the connection is closed. */
  begin(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const connection = this.#open.get(socket);
    if (!connection) return false;
    connection.isOurs ||= !isOtherUsers(socket);
    if (!connection.isOurs) {
      this.#logRarely('panel.other-user');
      socket.destroy();
      return false;
    }
    connection.busy += 1;
    response.on('close', () => {
      connection.busy -= 1;
      // A Map keeps its order, so the connection that became idle last is its last.
      if (connection.busy > 0 || !this.#open.delete(socket)) return;
      this.#open.set(socket, connection);
      if (connection.lastWords) this.#finish(socket, connection.lastWords);
    });
    return true;
  }

  #admit(socket: Socket): void {
    socket.setNoDelay(true);
    if (this.#open.size >= limits.panelConnections && !this.#closeOldestIdle()) {
      socket.destroy();
      return;
    }
    this.#open.set(socket, { busy: 0, isOurs: false, lastWords: undefined, finished: false });
    socket.on('close', () => this.#open.delete(socket));
  }

  #closeOldestIdle(): boolean {
    for (const [socket, connection] of this.#open) {
      if (connection.busy > 0) continue;
      this.#open.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection?.finished && error.code !== 'ECONNRESET') return;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    this.#logRarely('panel.unreadable', error.code);
    const text = rawResponse(statusOf(error.code));
    // An earlier request of the same connection is answered first.
    if (connection && connection.busy > 0) connection.lastWords = text;
    else this.#finish(socket, text);
  }

  /** Closing at once would reset the connection, and with it the words, while the other end is still sending. */
  #finish(socket: Socket, text: string): void {
    const connection = this.#open.get(socket);
    if (connection) connection.finished = true;
    socket.on('error', () => undefined);
    socket.end(text);
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), limits.lingerMs);
    socket.once('close', () => clearTimeout(timer));
  }

  #logRarely(event: string, code?: string): void {
    const now = performance.now();
    if (now - (this.#loggedAtMs.get(event) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS) return;
    this.#loggedAtMs.set(event, now);
    this.#log.warn(event, { code });
  }
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}
