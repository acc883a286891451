import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AnyRouter, ORPCError } from '@orpc/server';
import { limits } from '../base/limits.ts';
import { type Log, silentLog } from '../base/log.ts';
import { BridgeError } from '../contract/errors.ts';
import { toWire } from '../control/errors.ts';
import { Calls } from './calls.ts';
import { Connections } from './connections.ts';
import { contentPolicy, type WindowFile } from './files.ts';
import { checkHead, cookieName, OPEN_PATH, originAt, type Refused, type Verdict } from './guard.ts';
import { panelHeaders } from './headers.ts';
import { lockedPage, refusalPage, tooManyTicketsPage, welcomePage, wrongTicketPage } from './pages.ts';
import { cutOff, sendFailure, sendFile, sendPage } from './replies.ts';
import { type Now, Sessions, Tickets } from './sessions.ts';

export interface PanelOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** The window, as `readWindowFiles` gave it. */
  readonly files: ReadonlyMap<string, WindowFile>;
  /** What the window may call: `{ control }`. */
  readonly router: AnyRouter;
  readonly log?: Log;
  readonly now?: Now;
}

/** The open panel. Disposing ends its streams, lets running calls finish for a while, and closes the port. */
export interface Panel extends AsyncDisposable {
  readonly port: number;
  /** A link that lets one browser in: once, within five minutes. */
  link(): string;
}

/**
 * Serves the window to browsers on this computer, on 127.0.0.1.
 * @throws BridgeError `port-taken`.
 */
export async function openPanel(options: PanelOptions): Promise<Panel> {
  const server = new PanelServer(options);
  await server.listen(options.port);
  return server;
}

type Passed = Exclude<Verdict, Refused>;

class PanelServer implements Panel {
  readonly #files: ReadonlyMap<string, WindowFile>;
  readonly #log: Log;
  readonly #tickets: Tickets;
  readonly #sessions: Sessions;
  readonly #connections: Connections;
  readonly #calls: Calls;
  readonly #server: Server;
  readonly #running = new Set<ServerResponse>();
  readonly #tending: NodeJS.Timeout;
  #stopping = false;

  constructor({ files, router, log = silentLog, now }: PanelOptions) {
    this.#files = files;
    this.#log = log;
    this.#tickets = new Tickets(now);
    this.#sessions = new Sessions(now);
    this.#connections = new Connections(log);
    this.#calls = new Calls(router, log);
    this.#server = this.#create();
    this.#tending = setInterval(() => this.#sessions.tend(), limits.panelTendMs).unref();
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  link(): string {
    return `${originAt(this.port)}${OPEN_PATH}?ticket=${this.#tickets.issue()}`;
  }

  async listen(port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
    try {
      await promise;
    } catch (error) {
      clearInterval(this.#tending);
      const message = `Port ${port} is used by another program. Quit that program or choose another one with --port.`;
      throw new BridgeError('port-taken', message, {}, error);
    }
    this.#server.off('error', reject);
    // Failures to accept one connection, such as EMFILE; the port stays open for the next.
    this.#server.on('error', () => undefined);
  }

  #create(): Server {
    const server = createServer({
      maxHeaderSize: limits.httpHeaderBytes,
      headersTimeout: limits.httpHeadMs,
      requestTimeout: limits.httpHeadMs + 2 * limits.httpBodyMs,
      keepAliveTimeout: limits.httpKeepAliveMs,
      connectionsCheckingInterval: 1_000,
      insecureHTTPParser: false,
    });
    // Node drops headers beyond this count silently; the guard refuses them instead.
    server.maxHeadersCount = 0;
    server.on('request', (request, response) => void this.#take(request, response, false));
    server.on('checkContinue', (request, response) => void this.#take(request, response, true));
    this.#connections.watch(server);
    return server;
  }

  async #take(request: IncomingMessage, response: ServerResponse, asksToGoOn: boolean): Promise<void> {
    if (!this.#connections.begin(request, response)) return;
    this.#running.add(response);
    response.on('close', () => this.#running.delete(response));
    // A connection that breaks is seen by 'close'; nothing else is of interest.
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    try {
      const verdict = this.#judge(request);
      if (verdict.kind === 'refused') this.#refuse(request, response, verdict);
      else await this.#answer(request, response, verdict, asksToGoOn);
    } catch (error) {
      this.#log.error('panel.fault', error);
      if (response.headersSent) response.destroy();
      else sendFailure(response, toWire(error), 500);
    }
  }

  #judge(request: IncomingMessage): Verdict {
    if (this.#stopping) {
      const headers = { 'Retry-After': '2', Connection: 'close' };
      return { kind: 'refused', status: 503, because: 'Gangway is stopping. Start it again.', headers };
    }
    const { method = '', url: target = '', rawHeaders, httpVersion } = request;
    return checkHead({ method, target, rawHeaders, httpVersion }, { port: this.port, files: this.#files });
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    verdict: Passed,
    asksToGoOn: boolean,
  ): Promise<void> {
    switch (verdict.kind) {
      case 'ahead':
        response.writeHead(204, panelHeaders).end();
        return;
      case 'open':
        this.#open(response, verdict.ticket);
        return;
      case 'file': {
        const file = this.#files.get(verdict.path);
        const isKnown = this.#sessions.find(verdict.sessions) !== undefined;
        if (file && isKnown) sendFile(response, file, contentPolicy("'self'"));
        else sendPage(response, lockedPage);
        return;
      }
      case 'call': {
        const session = this.#sessions.find(verdict.sessions);
        if (!session) {
          sendFailure(response, locked(), 401);
          cutOff(request);
          return;
        }
        if (asksToGoOn) response.writeContinue();
        for (const [name, value] of Object.entries(panelHeaders)) response.setHeader(name, value);
        await this.#calls.take(request, response, session);
        return;
      }
      default:
        verdict satisfies never;
    }
  }

  #open(response: ServerResponse, ticket: string): void {
    const taken = this.#tickets.take(ticket);
    if (taken === 'good') {
      const cookie = `${cookieName(this.port)}=${this.#sessions.begin()}`;
      sendPage(response, welcomePage, { 'Set-Cookie': `${cookie}; HttpOnly; SameSite=Strict; Path=/` });
    } else if (taken === 'wrong') {
      sendPage(response, wrongTicketPage);
    } else {
      sendPage(response, tooManyTicketsPage, { 'Retry-After': '60' });
    }
  }

  /** Pages are for people; whoever sends something else is a program. */
  #refuse(request: IncomingMessage, response: ServerResponse, refused: Refused): void {
    const { status, because, headers } = refused;
    if (request.method === 'POST') {
      sendFailure(response, toWire(new BridgeError(codeOf(status), because)), status, headers);
    } else {
      sendPage(response, refusalPage(status, because), headers);
    }
    cutOff(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#tending);
    this.#sessions[Symbol.dispose]();
    await this.#finished(limits.shutdownMs);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Waits until the responses are out, but not longer than `ms`. */
  async #finished(ms: number): Promise<void> {
    const late = AbortSignal.timeout(ms);
    for (const response of this.#running) {
      if (late.aborted) break;
      await new Promise<void>((resolve) => {
        response.once('close', resolve);
        late.addEventListener('abort', () => resolve(), { once: true });
        if (response.closed) resolve();
      });
    }
  }
}

/** The window shows its own words for this code. */
function locked(): ORPCError<string, unknown> {
  return new ORPCError('UNAUTHORIZED', {
    message: 'This panel is locked. Run "gangway panel" again and open the link that it shows.',
  });
}

function codeOf(status: number): 'stopping' | 'refused' {
  return status === 503 ? 'stopping' : 'refused';
}
