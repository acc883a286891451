import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../base/limits.ts';
import { type Callback, type ExpectedCallback, hasState, readCallback, redirectUriAt } from './callback.ts';
import { checkArrival } from './callback-guard.ts';
import { type Page, pageHeaders, refusalPages, resultPages } from './pages.ts';
import { OAuthTrouble } from './trouble.ts';

/** How waiting for a browser ended. `cancelled`: the signal aborted, or the listener was disposed first. */
export type CallbackResult =
  | Exclude<Callback, { kind: 'ignored' }>
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancelled' };

/** Makes a server listen and tells the port. Rejects with the system's error. */
export type Listen = (server: Server, port: number, host: string) => Promise<number>;

export interface ListenerOptions {
  /** Tried in this order; after them any free port. */
  readonly ports: readonly number[];
  readonly expected: ExpectedCallback;
  /** Its abort ends the wait and closes the port. */
  readonly signal: AbortSignal;
  readonly expiresMs?: number;
  readonly listen?: Listen;
}

/** A port on this computer that waits for one browser. Disposing it closes the port within a second. */
export interface CallbackListener extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/callback`, for the authorization and the token request. */
  readonly redirectUri: string;
  readonly port: number;
  /** Never rejects. */
  readonly answer: Promise<CallbackResult>;
}

/**
 * Opens the loopback redirect address of one sign-in (RFC 8252 section 7.3) on 127.0.0.1 and, where that works, on the
 * same port of ::1, so that nobody else waits there. It takes one answer, tells the browser so, and closes.
 * @throws OAuthTrouble `transient` when no port can be had; the signal's reason when it aborted already.
 */
export async function openListener(options: ListenerOptions): Promise<CallbackListener> {
  options.signal.throwIfAborted();
  const listener = new Listener(options);
  await listener.open();
  return listener;
}

type ResultPath = keyof typeof resultPages;

class Listener implements CallbackListener {
  readonly answer: Promise<CallbackResult>;
  readonly #options: ListenerOptions;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #settle: (result: CallbackResult) => void;
  readonly #shown = Promise.withResolvers<void>();
  readonly #over = new AbortController();
  #port = 0;
  #ended = false;
  /** Where the browser was sent with its answer. */
  #result: ResultPath | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<CallbackResult>();
    this.answer = promise;
    this.#settle = resolve;
  }

  get port(): number {
    return this.#port;
  }

  get redirectUri(): string {
    return redirectUriAt(this.#port);
  }

  async open(): Promise<void> {
    const { ports, signal, listen = listenOn } = this.#options;
    const first = this.#server('127.0.0.1');
    this.#port = await bind(listen, first, ports);
    this.#servers.push(first);
    const second = this.#server('[::1]');
    // Without IPv6, or with somebody else there, the redirect address is still ours.
    await listen(second, this.#port, '::1').then(
      () => this.#servers.push(second),
      () => undefined,
    );
    const stop = (): void => {
      this.#end({ kind: 'cancelled' });
      void this.#close();
    };
    if (signal.aborted) {
      await this.#close();
      signal.throwIfAborted();
    }
    signal.addEventListener('abort', stop, { once: true, signal: this.#over.signal });
    this.#after(this.#options.expiresMs ?? limits.signInMs, () => this.#end({ kind: 'expired' }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end({ kind: 'cancelled' });
    await this.#close();
  }

  #server(hostname: string): Server {
    const server = createServer({
      maxHeaderSize: limits.httpHeaderBytes,
      headersTimeout: limits.callbackRequestMs,
      requestTimeout: limits.callbackRequestMs,
      connectionsCheckingInterval: 1_000,
      insecureHTTPParser: false,
    });
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      this.#take(request, response, `${hostname}:${this.#port}`);
    };
    // Failures to accept one connection, such as EMFILE; the port stays open for the next.
    server.on('error', () => undefined);
    server.on('request', take);
    // Nobody is told to go on and send a body.
    server.on('checkContinue', take);
    server.on('checkExpectation', take);
    server.on('connection', (socket) => this.#watch(socket));
    server.on('upgrade', (_, socket) => sendRaw(socket, refusalPages.malformed));
    server.on('connect', (_, socket) => sendRaw(socket, refusalPages.malformed));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const isTooLong = error.code === 'HPE_HEADER_OVERFLOW';
      sendRaw(socket, isTooLong ? refusalPages.tooLong : refusalPages.malformed);
    });
    return server;
  }

  /** The oldest connection goes when there are too many, so that holding many open keeps nobody out. */
  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#sockets.size <= limits.callbackConnections) return;
    const [oldest] = this.#sockets;
    oldest?.destroy();
    if (oldest) this.#sockets.delete(oldest);
  }

  #take(request: IncomingMessage, response: ServerResponse, host: string): void {
    // A connection that breaks changes nothing.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const arrival = checkArrival(request, host);
    if (arrival.kind === 'refused') send(response, arrival.page);
    else if (arrival.kind === 'ahead') response.writeHead(204, pageHeaders).end();
    else if (arrival.kind === 'other') this.#showResult(request, response, arrival.path);
    else this.#answer(arrival.parameters, response);
  }

  #answer(parameters: URLSearchParams, response: ServerResponse): void {
    const { expected } = this.#options;
    if (this.#ended) {
      send(response, hasState(parameters, expected.state) ? refusalPages.over : refusalPages.unknown);
      return;
    }
    const callback = readCallback(parameters, expected);
    if (callback.kind === 'ignored') {
      send(response, refusalPages.unknown);
      return;
    }
    this.#result = resultPath(callback);
    response.writeHead(303, { ...pageHeaders, Location: this.#result, 'Content-Length': '0' }).end();
    this.#end(callback);
  }

  /** The result page exists only for the browser that was sent to it. */
  #showResult(request: IncomingMessage, response: ServerResponse, path: string): void {
    if (path !== this.#result || request.method !== 'GET') {
      send(response, refusalPages.absent);
      return;
    }
    response.on('close', () => this.#shown.resolve());
    send(response, resultPages[this.#result]);
  }

  /** The first end counts. The port then stays a while, to tell late browsers that it is over. */
  #end(result: CallbackResult): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#settle(result);
    this.#after(limits.callbackLingerMs, () => void this.#close());
  }

  #close(): Promise<void> {
    this.#closing ??= this.#closeNow();
    return this.#closing;
  }

  async #closeNow(): Promise<void> {
    // The browser that brought the answer is on its way to the page that says so.
    if (this.#result) {
      const patience = delay(limits.lingerMs, undefined, { signal: this.#over.signal });
      await Promise.race([this.#shown.promise, patience]);
    }
    this.#over.abort();
    const closed = this.#servers.map(closeServer);
    // Closing waits for every connection; upgraded ones are not among those HTTP knows.
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  /** Does something later, unless the port is closed by then. Keeps no process alive. */
  #after(ms: number, task: () => void): void {
    const timer = setTimeout(task, ms).unref();
    this.#over.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }
}

/** One of the ports, or any. @throws OAuthTrouble when the system gives none. */
async function bind(listen: Listen, server: Server, ports: readonly number[]): Promise<number> {
  const tries = [...ports, ...Array.from({ length: limits.callbackPortTries }, () => 0)];
  let last: unknown;
  for (const port of tries) {
    try {
      return await listen(server, port, '127.0.0.1');
    } catch (error) {
      last = error;
    }
  }
  const host = '127.0.0.1';
  const message = `${portTrouble(last)} Close programs you do not need, or wait a moment, and sign in again.`;
  throw new OAuthTrouble('transient', message, { host }, last);
}

function portTrouble(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return 'Every port Gangway tried on this computer is used by another program.';
    case 'EACCES':
      return 'This computer does not let Gangway open a port for the browser to come back to.';
    case 'EMFILE':
    case 'ENFILE':
      return 'This computer has too many files and connections open, so no port could be opened for the browser.';
    default:
      return 'No port could be opened for the browser to come back to.';
  }
}

async function listenOn(server: Server, port: number, host: string): Promise<number> {
  server.listen({ port, host, exclusive: true, ipv6Only: host === '::1' });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function resultPath(callback: Callback): ResultPath {
  if (callback.kind === 'code') return '/done';
  return callback.kind === 'denied' && callback.error === 'access_denied' ? '/denied' : '/failed';
}

function send(response: ServerResponse, page: Page): void {
  const allow = page.status === 405 ? { Allow: 'GET, HEAD' } : {};
  response.writeHead(page.status, { ...headersOf(page), ...allow }).end(page.html);
}

/** Answers on a connection that HTTP has given up, and reads on for a moment: closing at once could take the answer back. */
function sendRaw(socket: Duplex, page: Page): void {
  if (socket.writableEnded) return;
  socket.on('error', () => undefined);
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = Object.entries(headersOf(page)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${page.status} Refused\r\n${lines.join('')}\r\n${page.html}`);
  socket.resume();
  const patience = setTimeout(() => socket.destroy(), limits.lingerMs).unref();
  socket.on('close', () => clearTimeout(patience));
}

function headersOf(page: Page): Record<string, string> {
  return {
    ...pageHeaders,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(page.html)),
  };
}
