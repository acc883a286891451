import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import {
  type HttpDoor,
  type HttpDoorOptions,
  type KnownClient,
  openHttpDoor,
} from '#bridge/downstream/http.ts';
import { canary } from '../canary/canary.ts';
import { watchDoor } from '../invariants/http-arrivals.ts';
import { EchoSessions } from './echo-sessions.ts';

/** An HTTP door with sessions that echo, and one client that may use it. */
export interface HttpWorld {
  readonly door: HttpDoor;
  readonly port: number;
  readonly sessions: EchoSessions;
  /** Token of the client `one` at the address `current`. */
  readonly token: string;
  /** A token of another client, for any address. */
  mint(client: KnownClient): string;
  revoke(token: string): void;
  readonly log: string[];
}

export async function startDoor(options: Partial<HttpDoorOptions> = {}): Promise<HttpWorld> {
  const sessions = new EchoSessions();
  const clients = new Map<string, KnownClient>();
  const log: string[] = [];
  const mint = (client: KnownClient): string => {
    const token = canary('local');
    clients.set(token, client);
    return token;
  };
  const note = (event: string): void => void log.push(event);
  const door = await openHttpDoor({
    port: 0,
    sessions,
    recognise: (token) => clients.get(token),
    log: { ...silentLog, info: note, warn: note, error: note },
    ...options,
  });
  onTestFinished(() => Promise.resolve(door[Symbol.asyncDispose]()));
  watchDoor(door.port);
  return {
    door,
    port: door.port,
    sessions,
    token: mint({ id: 'one', label: 'One', address: 'current' }),
    mint,
    revoke: (token) => void clients.delete(token),
    log,
  };
}

export const rpc = (id: unknown, method: string, params: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

export const initialize: string = rpc(0, 'initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
});

/** A request of the era without a handshake, with everything it says of itself. */
export const modern = (id: unknown, method: string, params: object = {}): string =>
  rpc(id, method, {
    ...params,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    },
  });

/** The headers that such a request needs beside its body. */
export const modernHeads = (method: string, name?: string): Record<string, string> => ({
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': method,
  ...(name === undefined ? {} : { 'Mcp-Name': name }),
});

/** Parts of a request as they go over the wire. A header set to undefined is left out, a list is sent once each. */
export interface RawRequest {
  readonly line?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: string;
}

/** The bytes of a request that passes every guard, except for what `raw` changes. */
export function bytesOf(world: Pick<HttpWorld, 'port' | 'token'>, raw: RawRequest = {}): string {
  const { line = 'POST /mcp HTTP/1.1', body = initialize } = raw;
  const isPost = line.startsWith('POST');
  const headers: Record<string, string | readonly string[] | undefined> = {
    Host: `127.0.0.1:${world.port}`,
    Authorization: `Bearer ${world.token}`,
    Accept: 'application/json, text/event-stream',
    ...(isPost
      ? { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }
      : {}),
    Connection: 'close',
    ...raw.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => `${name}: ${each}`),
  );
  return `${[line, ...lines].join('\r\n')}\r\n\r\n${isPost ? body : ''}`;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection to the door that says what it likes. */
export class Raw {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #text = '';
  #wake: (() => void)[] = [];

  constructor(port: number, host = '127.0.0.1') {
    this.socket = connect(port, host);
    this.socket.setEncoding('latin1');
    this.socket.on('error', () => undefined);
    this.socket.on('data', (text: string) => {
      this.#text += text;
      this.#notify();
    });
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()));
    void this.closed.then(() => this.#notify());
    onTestFinished(() => void this.socket.destroy());
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  get text(): string {
    return this.#text;
  }

  write(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** Resolves once what was received contains `text`, or the connection is closed. */
  async sees(text: string): Promise<string> {
    while (!this.#text.includes(text) && !this.socket.destroyed) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    return this.#text;
  }

  /** Everything received until the door closes the connection. */
  async all(): Promise<string> {
    await this.closed;
    return this.#text;
  }
}

/** Sends bytes on a connection of its own and reads all answers until it is closed. */
export async function send(port: number, bytes: string | Buffer, host?: string): Promise<Answer[]> {
  const raw = new Raw(port, host);
  await once(raw.socket, 'connect');
  raw.write(bytes);
  return parse(await raw.all());
}

/** The answers in a text, each with a Content-Length, chunks or nothing behind its head. */
export function parse(text: string): Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) throw new Error('half a head');
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    rest = rest.slice(end + 4);
    let body = '';
    if (headers['transfer-encoding'] === 'chunked') [body, rest] = unchunk(rest);
    else {
      const length = Number(headers['content-length'] ?? 0);
      body = rest.slice(0, length);
      rest = rest.slice(length);
    }
    answers.push({
      status: Number(first.split(' ')[1]),
      headers,
      body: Buffer.from(body, 'latin1').toString(),
    });
  }
  return answers.filter(({ status }) => status !== 100);
}

/** The body of a chunked text, as far as it has come, and what follows it. */
export function unchunk(text: string): [body: string, rest: string] {
  let body = '';
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n');
    if (end === -1) return [body, ''];
    const length = Number.parseInt(rest.slice(0, end), 16);
    if (length === 0) return [body, rest.slice(end + 4)];
    body += rest.slice(end + 2, end + 2 + length);
    rest = rest.slice(end + 4 + length);
  }
}

/** Sends one request and returns its answer. */
export async function ask(world: Pick<HttpWorld, 'port' | 'token'>, raw: RawRequest = {}): Promise<Answer> {
  const [answer, ...more] = await send(world.port, bytesOf(world, raw));
  if (!answer || more.length > 0) throw new Error(`${more.length + (answer ? 1 : 0)} answers`);
  return answer;
}

/** Opens a session and returns its id. */
export async function openSession(world: Pick<HttpWorld, 'port' | 'token'>): Promise<string> {
  return (await ask(world)).headers['mcp-session-id'] ?? '';
}
