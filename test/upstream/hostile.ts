import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { allowSecrets, collect } from '../canary/collect.ts';
import { findLeaks } from '../canary/scan.ts';
import { secretArrived } from '../invariants/http-arrivals.ts';

/** One request, byte for byte what arrived. */
export interface Heard {
  readonly method: string;
  readonly path: string;
  /** By lower-case name; the last one wins. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Raw text of the JSON-RPC id. */
  readonly id: string;
  /** JSON-RPC method, empty when there is none. */
  readonly rpc: string;
  /** Which request of its path it is, from 1. */
  readonly nth: number;
}

/** Misbehaves on one connection; whatever it writes is sent as it is. */
export type Scenario = (heard: Heard, socket: Socket) => void | Promise<void>;

export interface HostileOptions {
  /** For the scan of secrets: `the workspace` may receive them, every other name may not. */
  readonly label?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Any that is free when absent. */
  readonly port?: number;
}

/**
 * A workspace on 127.0.0.1 that answers below HTTP: each path has a scenario, which writes bytes. Requests are read
 * with the least code that can tell where one ends.
 */
export class Hostile implements AsyncDisposable {
  readonly heard: Heard[] = [];
  /** Bytes that arrived on all connections, whether or not they became a request; within TLS, what was in it. */
  received = 0;
  readonly #server: Server;
  readonly #secure: boolean;
  readonly #scenarios = new Map<string, Scenario>();
  readonly #sockets = new Set<Socket>();
  readonly #port: number;
  readonly #waiting: { matches: (heard: Heard) => boolean; found: (heard: Heard) => void }[] = [];
  #connections = 0;

  constructor({ label = 'the workspace', tls, port = 0 }: HostileOptions) {
    this.#secure = tls !== undefined;
    this.#port = port;
    const onConnection = (socket: Socket): void => this.#serve(socket, label);
    this.#server = tls ? createSecureServer(tls, onConnection) : createServer(onConnection);
    this.#server.on('connection', (socket: Socket) => {
      this.#connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('tlsClientError', () => undefined);
    allowSecrets({ place: 'bytes received by the workspace', because: 'It is the origin of the account.' });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `${this.#secure ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** TCP connections that were ever opened. */
  get connections(): number {
    return this.#connections;
  }

  /** Serves a path; the URL of it. */
  on(path: string, scenario: Scenario): string {
    this.#scenarios.set(path, scenario);
    return this.origin + path;
  }

  /** Requests to a path with a JSON-RPC method, or any. */
  requests(path: string, rpc?: string): readonly Heard[] {
    return this.heard.filter((one) => one.path === path && (rpc ?? one.rpc) === one.rpc);
  }

  /** The next request that matches, or one that came already. */
  async until(matches: (heard: Heard) => boolean): Promise<Heard> {
    const known = this.heard.find(matches);
    return known ?? new Promise((found) => this.#waiting.push({ matches, found }));
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #serve(socket: Socket, label: string): void {
    let bytes = Buffer.alloc(0);
    let busy = Promise.resolve();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.length;
      collect(`bytes received by ${label}`, Uint8Array.from(chunk));
      bytes = Buffer.concat([bytes, chunk]);
      for (let end = bytes.indexOf('\r\n\r\n'); end !== -1; end = bytes.indexOf('\r\n\r\n')) {
        const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
        const fields = lines.map((line) => /^([^:]*):\s*(.*)$/.exec(line) ?? []);
        const headers = Object.fromEntries(
          fields.map(([, name = '', value = '']) => [name.toLowerCase(), value]),
        );
        const size = end + 4 + Number(headers['content-length'] ?? 0);
        if (bytes.length < size) return;
        const body = bytes.subarray(end + 4, size).toString('utf8');
        bytes = bytes.subarray(size);
        for (const [name, value] of Object.entries(headers)) {
          for (const { secret } of findLeaks('', value)) secretArrived(secret, socket.localPort ?? 0, name);
        }
        const heard = this.#note(first, headers, body);
        busy = busy.then(async () => this.#scenarios.get(heard.path)?.(heard, socket));
      }
    });
  }

  #note(first: string, headers: Record<string, string>, body: string): Heard {
    const [method = '', path = ''] = first.split(' ');
    const rpc = /"method":"([^"]*)"/.exec(body)?.[1] ?? '';
    const id = /"id":("[^"]*"|[^,}]*)/.exec(body)?.[1] ?? '';
    const heard = { method, path, headers, body, id, rpc, nth: this.requests(path).length + 1 };
    this.heard.push(heard);
    for (const one of this.#waiting.splice(0)) {
      if (one.matches(heard)) one.found(heard);
      else this.#waiting.push(one);
    }
    return heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Starts one; paths are added with `on`. */
export async function startHostile(options: HostileOptions = {}): Promise<Hostile> {
  const hostile = new Hostile(options);
  await hostile.listen();
  return hostile;
}
