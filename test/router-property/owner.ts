import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { openAccounts } from '#bridge/account-parts.ts';
import type { Accounts } from '#bridge/accounts/accounts.ts';
import { AccountRegistry, type AccountsFile } from '#bridge/accounts/registry.ts';
import { Signal } from '#bridge/base/events.ts';
import type { Log } from '#bridge/base/log.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { followChanges } from '#bridge/bridge.ts';
import type { AccountId } from '#bridge/contract/account.ts';
import { checkHead } from '#bridge/downstream/guard.ts';
import { HttpRequests } from '#bridge/downstream/http-requests.ts';
import { serveStdio } from '#bridge/downstream/stdio.ts';
import type { Sessions } from '#bridge/sessions/door.ts';
import { LiveSessions } from '#bridge/sessions/sessions.ts';
import { Switching } from '#bridge/sessions/switching.ts';
import { FrameStream } from '#bridge/socket/frames.ts';
import { memoryConnection } from './memory-socket.ts';
import { settle } from './schedule.ts';
import type { ProcessVault } from './stores.ts';
import type { Wire } from './wire.ts';

export interface OwnerParts {
  readonly file: AccountsFile & { cut(): void };
  readonly vault: ProcessVault;
  readonly wire: Wire;
  /** The client that a local token belongs to, and the address that the token is good for. */
  readonly recognise: (token: string) => { readonly name: string; readonly address: string } | undefined;
  readonly witness: (sessions: LiveSessions, registry: AccountRegistry) => Sessions;
  /** An account has another key. */
  readonly stored: (account: AccountId) => void;
  /** A fault of the bridge's own. */
  readonly onFault: (event: string, error: unknown) => void;
}

/** The port that clients name; nobody listens there. */
const PORT = 4100;
/** Not a fault of the bridge: the answer to a question could not be delivered. */
const EXPECTED_FAULTS: readonly string[] = ['answer not delivered'];

/** Everything that `bridge.ts` builds between the doors and the workspaces, with connections in memory at both ends. */
export class Owner {
  readonly registry: AccountRegistry;
  readonly accounts: Accounts;
  readonly sessions: LiveSessions;
  readonly switching: Switching;
  readonly #witnessed: Sessions;
  readonly #requests: HttpRequests;
  readonly #recognise: OwnerParts['recognise'];
  readonly #log: Log;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => void this.#take(request, response));
  readonly #running: AsyncDisposableStack;
  readonly #kept: readonly { cut(): void }[];

  private constructor(
    parts: OwnerParts,
    registry: AccountRegistry,
    log: Log,
    starting: AsyncDisposableStack,
  ) {
    const opened = openAccounts({
      registry,
      vault: parts.vault,
      opening: Promise.resolve(),
      every: () => ({ paused: false, readOnly: false }),
      proxy: async () => ({ kind: 'direct' }),
      http: parts.wire,
      redactor: new Redactor(),
      version: '0.0.0',
      log,
      starting,
    });
    this.registry = registry;
    this.accounts = opened.accounts;
    opened.authorizer.stored.on(parts.stored);
    this.sessions = starting.use(
      new LiveSessions({
        ...opened,
        accounts: () => registry.snapshot,
        grants: opened.oauth.grants,
        record: () => undefined,
        keepsBodies: () => false,
        version: '0.0.0',
        log,
      }),
    );
    this.switching = new Switching({
      registry,
      accounts: opened.accounts,
      sessions: this.sessions,
      health: opened.health,
      probe: async (account) => void (await opened.check(account, new AbortController().signal)),
    });
    starting.use(
      followChanges({
        ...opened,
        registry,
        vault: parts.vault,
        settings: { changed: new Signal() },
        sessions: this.sessions,
      }),
    );
    this.#witnessed = parts.witness(this.sessions, registry);
    this.#requests = new HttpRequests(this.#witnessed, log);
    this.#recognise = parts.recognise;
    this.#log = log;
    this.#kept = [parts.wire, parts.file, parts.vault];
    this.#running = starting.move();
  }

  static async start(parts: OwnerParts): Promise<Owner> {
    const log: Log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (event, error) => {
        if (!parts.vault.isCut && !EXPECTED_FAULTS.includes(event)) parts.onFault(event, error);
      },
    };
    await using starting = new AsyncDisposableStack();
    const registry = await AccountRegistry.open('', log, parts.file);
    return new Owner(parts, registry, log, starting);
  }

  /** A shim comes in. */
  admit(client: string, address: string): FrameStream {
    const [near, far] = this.#connection();
    void serveStdio(
      { frames: new FrameStream(far), client, address },
      { sessions: this.#witnessed, log: this.#log },
    );
    return new FrameStream(near);
  }

  /** A connection to the HTTP door. */
  connect(): Socket {
    const [near, far] = this.#connection();
    this.#server.emit('connection', far);
    return near;
  }

  #connection(): readonly [Socket, Socket] {
    const both = memoryConnection();
    const [, far] = both;
    this.#sockets.add(far);
    far.once('close', () => this.#sockets.delete(far));
    return both;
  }

  /** As `downstream/http.ts` does: the guard first, then the token. */
  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    const head = {
      method: request.method ?? '',
      target: request.url ?? '',
      rawHeaders: request.rawHeaders,
      httpVersion: request.httpVersion,
    };
    const verdict = checkHead(head, { port: PORT, origins: [] });
    const client = verdict.kind === 'passed' ? this.#recognise(verdict.token ?? '') : undefined;
    if (verdict.kind !== 'passed' || client?.address !== verdict.address) {
      response.writeHead(400).end();
      return;
    }
    const caller = { id: client.name, label: client.name, door: 'http' } as const;
    const { method, address, headers } = verdict;
    await this.#requests.take(method, { request, response, caller, address: { text: address }, headers });
  }

  /** The process ends in order: what runs is answered, then all connections are closed. */
  async quit(): Promise<void> {
    this.#requests.endStreams();
    await this.#running.disposeAsync();
    await settle();
    this.#hangUp();
  }

  /** The process is gone from one moment to the next. */
  kill(): void {
    for (const kept of this.#kept) kept.cut();
    this.#hangUp();
    // What it held in memory must not live on here.
    void this.#running.disposeAsync().catch(() => undefined);
  }

  #hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
