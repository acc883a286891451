import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { BridgeError } from '../contract/errors.ts';
import type { Caller } from '../relay/channel.ts';
import type { Sessions } from '../sessions/door.ts';
import { pathOf } from './address.ts';
import { checkHead, type Verdict } from './guard.ts';
import { announcesTooMuch } from './http-body.ts';
import { HttpConnections } from './http-connections.ts';
import { refusalBody, refusals, refuse } from './http-refusal.ts';
import { sendJson } from './http-reply.ts';
import { HttpRequests } from './http-requests.ts';
import { TokenLock } from './token-lock.ts';

/** A local client, as its token names it. `address` is the only one the token is good for. */
export interface KnownClient {
  readonly id: string;
  readonly label: string;
  readonly address: string;
}

export interface HttpDoorOptions {
  /** Stable over restarts, because it stands in the configuration of clients. 0 lets the system choose. */
  readonly port: number;
  readonly sessions: Sessions;
  /** The client a token belongs to that came by this connection. Must compare in constant time. */
  readonly recognise: (token: string, connection: object) => KnownClient | undefined;
  readonly log: Log;
  /** Web origins that may call a door at this port, byte for byte; none by default. */
  readonly origins?: (port: number) => readonly string[];
  /** From its abort on, new requests are turned away with 503; what runs goes on until the door is disposed. */
  readonly stopping?: AbortSignal;
  /** Called when running requests had their time to finish: whatever still runs must be answered now. */
  readonly giveUp?: () => Promise<void>;
}

/** The open door. Disposing it turns new requests away, lets running ones finish for a while, then closes. */
export interface HttpDoor extends AsyncDisposable {
  readonly port: number;
  /** URL of the current account; the other addresses have theirs below it. */
  readonly url: string;
  /** Ends the streams of a client whose token was revoked. */
  dismiss(client: string): void;
}

/**
 * Opens the Streamable HTTP door (MCP 2026-07-28 and older) on 127.0.0.1 and, where the machine has IPv6, on the same
 * port of ::1, so that no other program can take the other half of the address.
 * @throws BridgeError `port-taken` when one of them cannot be had.
 */
export async function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const door = new Door(options);
  await door.listen();
  return door;
}

class Door implements HttpDoor {
  readonly #options: HttpDoorOptions;
  readonly #connections: HttpConnections;
  readonly #requests: HttpRequests;
  readonly #lock = new TokenLock();
  readonly #servers: Server[] = [];
  readonly #running = new Map<ServerResponse, string>();
  #port = 0;
  #stopping = false;

  constructor(options: HttpDoorOptions) {
    this.#options = options;
    this.#connections = new HttpConnections(options.log);
    this.#requests = new HttpRequests(options.sessions, options.log);
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}${pathOf('current')}`;
  }

  async listen(): Promise<void> {
    const first = this.#server();
    this.#port = await bind(first, this.#options.port, '127.0.0.1');
    this.#keep(first);
    const second = this.#server();
    try {
      await bind(second, this.#port, '::1');
      this.#keep(second);
    } catch (error) {
      if (isWithoutIpv6(error)) return;
      await closeServer(first);
      throw error;
    }
  }

  #keep(server: Server): void {
    // Failures to accept one connection, such as EMFILE; the port stays open for the next.
    server.on('error', (error) => this.#options.log.error('http.fault', error));
    this.#servers.push(server);
  }

  #server(): Server {
    const server = createServer({
      maxHeaderSize: limits.httpHeaderBytes,
      headersTimeout: limits.httpHeadMs,
      requestTimeout: limits.httpHeadMs + 2 * limits.httpBodyMs,
      keepAliveTimeout: limits.httpKeepAliveMs,
      connectionsCheckingInterval: 1_000,
      insecureHTTPParser: false,
    });
    // Node drops headers beyond this count silently; our own guard refuses them instead.
    server.maxHeadersCount = 0;
    server.on('request', (request, response) => void this.#take(request, response, false));
    server.on('checkContinue', (request, response) => void this.#take(request, response, true));
    this.#connections.watch(server);
    return server;
  }

  async #take(request: IncomingMessage, response: ServerResponse, asksToGoOn: boolean): Promise<void> {
    this.#connections.begin(request, response);
    // A connection that breaks is seen by 'close'; nothing else is of interest.
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    try {
      const passed = this.#guard(request, response);
      if (!passed) return;
      const { caller, verdict } = passed;
      this.#running.set(response, caller.id);
      response.on('close', () => this.#running.delete(response));
      if (asksToGoOn) response.writeContinue();
      const context = {
        request,
        response,
        caller,
        address: { text: verdict.address },
        headers: verdict.headers,
      };
      await this.#requests.take(verdict.method, context);
    } catch (error) {
      this.#options.log.error('http.fault', error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, refusals.fault);
    }
  }

  /** Everything that is decided before the body is read; sends the refusal, if there is one. */
  #guard(
    request: IncomingMessage,
    response: ServerResponse,
  ): { caller: Caller; verdict: Extract<Verdict, { kind: 'passed' }> } | undefined {
    if (this.#stopping || this.#options.stopping?.aborted) {
      refuse(request, response, 503, refusals.stopping, { 'Retry-After': '2', Connection: 'close' });
      return undefined;
    }
    const head = {
      method: request.method ?? '',
      target: request.url ?? '',
      rawHeaders: request.rawHeaders,
      httpVersion: request.httpVersion,
    };
    const verdict = checkHead(head, {
      port: this.#port,
      origins: this.#options.origins?.(this.#port) ?? [],
    });
    if (verdict.kind === 'refused') {
      refuse(request, response, verdict.status, refusalBody(verdict.because), verdict.headers);
      return undefined;
    }
    const client =
      verdict.token === undefined ? undefined : this.#options.recognise(verdict.token, request.socket);
    if (!client) {
      this.#refuseToken(request, response);
      return undefined;
    }
    if (client.address !== verdict.address) {
      const because = `This token belongs to the path ${pathOf(client.address)}. Use that one.`;
      refuse(request, response, 404, refusalBody(because));
      return undefined;
    }
    if (announcesTooMuch(verdict.headers.get('content-length')?.[0])) {
      refuse(request, response, 413, refusals.tooLarge);
      return undefined;
    }
    return { caller: { id: client.id, label: client.label, door: 'http' }, verdict };
  }

  /** One answer for every way in which a token can be wrong. It names no authorization server: there is none. */
  #refuseToken(request: IncomingMessage, response: ServerResponse): void {
    const now = performance.now();
    if (this.#lock.count(now)) this.#options.log.warn('http.unknown-tokens', { port: this.#port });
    if (this.#connections.countBadToken(request.socket) || this.#lock.isLocked(now)) {
      const retryAfter = String(Math.ceil(limits.badTokenLockMs / 1000));
      refuse(request, response, 429, refusals.tooManyTokens, {
        'Retry-After': retryAfter,
        Connection: 'close',
      });
    } else {
      refuse(request, response, 401, refusals.token, { 'WWW-Authenticate': 'Bearer' });
    }
  }

  dismiss(client: string): void {
    for (const [response, id] of this.#running) if (id === client) response.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#requests.endStreams();
    const running = [...this.#running.keys()].filter((response) => !this.#requests.isStanding(response));
    await finished(running, limits.shutdownMs);
    // Listens end now, each with its result.
    await this.#options.giveUp?.();
    await finished(this.#running.keys(), limits.lingerMs);
    await Promise.all(this.#servers.map(closeServer));
  }
}

/** Waits until the responses are out, but not longer than `ms`. */
async function finished(responses: Iterable<ServerResponse>, ms: number): Promise<void> {
  const late = AbortSignal.timeout(ms);
  for (const response of responses) {
    if (late.aborted) break;
    await new Promise<void>((resolve) => {
      response.once('close', resolve);
      late.addEventListener('abort', () => resolve(), { once: true });
      if (response.closed) resolve();
    });
  }
}

async function bind(server: Server, port: number, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ port, host, ipv6Only: true, exclusive: true }, resolve);
  try {
    await promise;
  } catch (error) {
    if (isWithoutIpv6(error)) throw error;
    throw new BridgeError(
      'port-taken',
      `Port ${port} is used by another program. Quit that program or choose another port in the settings.`,
      {},
      error,
    );
  }
  server.off('error', reject);
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** The machine has no IPv6, so nobody can take that half of the port either. */
function isWithoutIpv6(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(code);
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
