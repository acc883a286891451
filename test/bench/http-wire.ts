import { connect, type Socket } from 'node:net';

/** An answer over HTTP, whole. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';

/**
 * One connection to an HTTP server, one request at a time: the little of HTTP/1.1 that a bench needs. Node's own client
 * would take longer for a small call than what is to be measured.
 */
export class HttpWire {
  readonly #socket: Socket;
  #arrived: Buffer[] = [];
  #size = 0;
  /** How many bytes must be there before it is worth looking again. */
  #wanted = 0;
  #waiting: PromiseWithResolvers<HttpAnswer> | undefined;

  constructor(url: URL) {
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('The connection was closed.')));
  }

  /** Whether another request can be sent. */
  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /** Sends a request as it is, head and body. @throws Error when the connection breaks before the answer is whole. */
  async ask(request: string): Promise<HttpAnswer> {
    this.#waiting = Promise.withResolvers();
    this.#socket.write(request);
    return await this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#arrived.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return;
    const all = this.#arrived.length === 1 ? chunk : Buffer.concat(this.#arrived, this.#size);
    const read = readAnswer(all);
    if (typeof read === 'number') {
      // What was joined once is not joined again for every piece that follows.
      this.#arrived = [all];
      this.#wanted = Math.max(read, this.#size + 1);
      return;
    }
    this.#arrived = [];
    this.#size = 0;
    this.#wanted = 0;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(read);
  }
}

/** The answer, or how many bytes there must be at least to know more. */
export function readAnswer(bytes: Buffer): HttpAnswer | number {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return 0;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const status = Number(first.slice(9, 12));
  const from = end + HEAD_END.length;
  if (headers.get('transfer-encoding') === 'chunked') {
    const read = readChunks(bytes, from);
    return typeof read === 'number' ? read : { status, headers, body: read };
  }
  const to = from + Number(headers.get('content-length') ?? 0);
  return bytes.length < to ? to : { status, headers, body: bytes.subarray(from, to) };
}

/** A chunked body (RFC 9112, section 7.1), or how many bytes there must be at least to know more. */
function readChunks(bytes: Buffer, from: number): Buffer | number {
  const chunks: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return at + 3;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (bytes.length < next) return next;
    if (size === 0) return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, next - 2));
    at = next;
  }
}
