import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { LineSplitter } from '#bridge/base/line-splitter.ts';
import { pathOf } from '#bridge/downstream/address.ts';
import { Link } from '#bridge/shim/link.ts';
import type { FrameStream } from '#bridge/socket/frames.ts';
import { type Client, MODERN, type Way } from './client.ts';
import { at, textAt } from './echo.ts';
import type { Asked, Judge } from './judge.ts';
import { memoryConnection } from './memory-socket.ts';

/** Over stdio: the real link of a shim to whoever is the owner. */
export class StdioWay implements Way {
  readonly #link: Link;
  readonly #over = new AbortController();
  #frames: FrameStream | undefined;

  constructor(client: Client, connect: () => Promise<FrameStream>) {
    this.#link = new Link({
      connect: async (signal) => {
        const frames = await connect();
        this.#frames = frames;
        if (signal.aborted) frames.destroy();
        signal.throwIfAborted();
        return { kind: 'connected', frames };
      },
      startOwner: async () => undefined,
      onRefused: () => undefined,
      write: (line) => client.hear(Buffer.from(line).toString()),
      signal: this.#over.signal,
    });
    this.#link.start();
  }

  say(text: string): void {
    void this.#link.say(Buffer.from(text));
  }

  close(): void {
    this.#over.abort();
    this.#link.destroy();
    // It may just have been found.
    this.#frames?.destroy();
  }
}

interface HttpWayParts {
  readonly client: Client;
  readonly address: string;
  readonly token: string;
  readonly judge: Judge;
  readonly connect: () => Socket | undefined;
}

/** Over HTTP: every message a POST, and one GET for what belongs to none. */
export class HttpWay implements Way {
  readonly #parts: HttpWayParts;
  readonly #running = new Map<Asked, ClientRequest>();
  #session: string | undefined;
  #stream: ClientRequest | undefined;
  #isClosed = false;

  constructor(parts: HttpWayParts) {
    this.#parts = parts;
  }

  say(text: string, asked?: Asked): void {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const session = this.#session;
    const sent = this.#send('POST', { ...headers, ...this.#headersOf(text) }, text);
    if (asked) this.#running.set(asked, sent);
    sent.on('response', (response) => this.#read(response, asked, session));
    // The owner is gone; whatever ran there is lost.
    sent.on('error', () => this.#lost(asked));
  }

  #lost(asked: Asked | undefined): void {
    if (!asked || asked.answers > 0) return;
    if (asked.excuse === undefined && this.#parts.judge.isCalm) {
      this.#parts.judge.accuse(
        `${asked.client} lost its connection while ${asked.method} ${asked.nonce} ran`,
      );
    }
    asked.excuse ??= 'the connection broke';
  }

  #headersOf(text: string): Record<string, string> {
    if (this.#parts.client.era === 'legacy')
      return this.#session === undefined ? {} : { 'mcp-session-id': this.#session };
    const message: unknown = JSON.parse(text);
    const name = textAt(message, 'params', 'name') || textAt(message, 'params', 'uri');
    return {
      'mcp-protocol-version': MODERN,
      'mcp-method': textAt(message, 'method'),
      ...(name === '' ? {} : { 'mcp-name': name }),
    };
  }

  #send(method: string, headers: Readonly<Record<string, string>>, text?: string): ClientRequest {
    const { address, token, connect } = this.#parts;
    const sent = request({
      host: '127.0.0.1',
      port: 4100,
      method,
      path: pathOf(address),
      headers: {
        authorization: `Bearer ${token}`,
        ...headers,
        ...(text ? { 'content-length': Buffer.byteLength(text) } : {}),
      },
      createConnection: () => connect() ?? brokenConnection(),
    });
    sent.end(text);
    return sent;
  }

  /** @param session the one that the request named. */
  #read(response: IncomingMessage, asked: Asked | undefined, session: string | undefined): void {
    const { client, judge } = this.#parts;
    const id = response.headers['mcp-session-id'];
    if (typeof id === 'string') this.#session = id;
    const isStream = (response.headers['content-type'] ?? '').startsWith('text/event-stream');
    const splitter = new LineSplitter();
    let whole = '';
    response.on('error', () => this.#lost(asked));
    response.on('data', (chunk: Buffer) => {
      if (!isStream) {
        whole += chunk.toString();
        return;
      }
      for (const piece of splitter.take(chunk)) {
        const line = piece.kind === 'line' ? piece.bytes.toString() : '';
        // A priming event has no message.
        if (/^data: ./.test(line)) client.hear(line.slice('data: '.length), asked);
      }
    });
    response.on('end', () => {
      // What is no request gets no answer, but may be refused.
      if (whole !== '' && (asked || response.statusCode === 200)) client.hear(whole, asked);
      if (asked) this.#running.delete(asked);
      if (asked && asked.answers === 0 && asked.excuse === undefined) {
        judge.accuse(
          `${client.name} ${asked.id} ${asked.method} ended with ${response.statusCode} and no answer`,
        );
      }
      if (session !== undefined && session === this.#session) this.#isLost(response, whole);
    });
  }

  /** A session that the owner does not know is begun anew (MCP 2025-11-25, transports). */
  #isLost(response: IncomingMessage, whole: string): void {
    if (response.statusCode !== 404 || this.#isClosed) return;
    if (this.#parts.client.era !== 'legacy' || at(JSON.parse(whole || '{}'), 'error') === undefined) return;
    this.#session = undefined;
    this.#parts.client.greet();
  }

  ready(): void {
    if (this.#parts.client.era !== 'legacy' || this.#session === undefined) return;
    this.#stream?.destroy();
    const session = this.#session;
    const stream = this.#send('GET', { accept: 'text/event-stream', 'mcp-session-id': this.#session });
    this.#stream = stream;
    stream.on('error', () => undefined);
    stream.on('response', (response) => this.#read(response, undefined, session));
  }

  /** From MCP 2026-07-28 on a closed response is how a client withdraws. */
  withdraw(asked: Asked): boolean {
    if (this.#parts.client.era === 'legacy') return false;
    this.#running.get(asked)?.destroy();
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#stream?.destroy();
    for (const sent of this.#running.values()) sent.destroy();
    if (this.#session === undefined) return;
    const last = this.#send('DELETE', { 'mcp-session-id': this.#session });
    last.on('error', () => undefined);
    last.on('response', (response) => response.resume());
  }
}

/** To nobody. */
function brokenConnection(): Socket {
  const [near] = memoryConnection();
  return near.destroy();
}
