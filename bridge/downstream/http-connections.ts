import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';

const LOG_EVERY_MS = 60_000;

interface Connection {
  /** Requests that have begun and whose response is not out. */
  busy: number;
  badTokens: number;
  /** What to say once the responses before it are out: the head could not be read. */
  lastWords: string | undefined;
  finished: boolean;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function rawResponse(status: number): string {
  return `HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

/** The connections of the HTTP door: how many there may be, which one goes first, and what unreadable ones are told. */
export class HttpConnections {
  readonly #open = new Map<Socket, Connection>();
  readonly #log: Log;
  #loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(log: Log) {
    this.#log = log;
  }

  watch(server: Server): void {
    server.on('connection', (socket) => this.#admit(socket));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#refuse(error, socket));
    server.on('connect', (_request, socket: Socket) => socket.end(rawResponse(405)));
  }

  #admit(socket: Socket): void {
    socket.setNoDelay(true);
    if (this.#open.size >= limits.httpConnections && !this.#closeOldestIdle()) {
      socket.destroy();
      return;
    }
    this.#open.set(socket, { busy: 0, badTokens: 0, lastWords: undefined, finished: false });
    socket.on('close', () => this.#open.delete(socket));
  }

  /** A Map keeps its order, and a connection moves to its end whenever it becomes idle. */
  #closeOldestIdle(): boolean {
    for (const [socket, connection] of this.#open) {
      if (connection.busy > 0) continue;
      this.#open.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  /** Counts a request as running until its response is out. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const connection = this.#open.get(socket);
    if (!connection) return;
    connection.busy += 1;
    response.on('close', () => {
      connection.busy -= 1;
      if (connection.busy > 0 || !this.#open.delete(socket)) return;
      this.#open.set(socket, connection);
      if (connection.lastWords) this.#finish(socket, connection.lastWords);
    });
  }

  /** Counts a bad token; true when the connection has shown too many. */
  countBadToken(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    if (!connection) return false;
    connection.badTokens += 1;
    return connection.badTokens > limits.badTokensPerConnection;
  }

  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection?.finished && error.code !== 'ECONNRESET') return;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    this.#logRarely(error);
    const text = rawResponse(statusOf(error.code));
    // An earlier request of the same connection is answered first.
    if (connection && connection.busy > 0) connection.lastWords = text;
    else this.#finish(socket, text);
  }

  /** Closing at once would reset the connection, and with it the words, while the client is still sending. */
  #finish(socket: Socket, text: string): void {
    const connection = this.#open.get(socket);
    if (connection) connection.finished = true;
    socket.end(text);
    const timer = setTimeout(() => socket.destroy(), limits.lingerMs);
    socket.once('close', () => clearTimeout(timer));
  }

  #logRarely(error: NodeJS.ErrnoException): void {
    const now = performance.now();
    if (now - this.#loggedAtMs < LOG_EVERY_MS) return;
    this.#loggedAtMs = now;
    this.#log.warn('http.unreadable', { code: error.code });
  }
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}
