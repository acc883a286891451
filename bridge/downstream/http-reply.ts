import type { ServerResponse } from 'node:http';
import { limits } from '../base/limits.ts';
import { withoutLineEnds } from '../jsonrpc/line-ends.ts';
import type { DownEvent, Outlet, Reply } from '../relay/channel.ts';

const COMMENT = ': \n\n';
const COPY_BYTES = 16 * 1024;

/**
 * A response as a stream of server-sent events (WHATWG HTML, section 9.2), written through at once. A comment now and
 * then shows clients and anything between that it lives.
 */
class EventStream {
  readonly #response: ServerResponse;
  readonly #mostStallMs: number | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #stalled: NodeJS.Timeout | undefined;

  /** @param mostStallMs after which a client that takes nothing is cut off; without it, it may take any time. */
  constructor(response: ServerResponse, headers: Record<string, string>, mostStallMs?: number) {
    this.#response = response;
    this.#mostStallMs = mostStallMs;
    // The client hung up: 'close' has been and will not come again to clear the timer.
    if (response.destroyed) return;
    response.writeHead(200, {
      ...headers,
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    const timer = setInterval(() => {
      if (!response.writableNeedDrain) response.write(COMMENT);
    }, limits.eventKeepAliveMs);
    response.on('close', () => {
      clearInterval(timer);
      this.#free();
    });
    response.on('drain', () => this.#free());
  }

  write(event: DownEvent): void | Promise<void> {
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return undefined;
    const head = headOf(event);
    if (head === '') return undefined;
    let flowing: boolean;
    if (event.data && event.data.length > COPY_BYTES) {
      // Not corked: uncorking may report 'drain' before anybody waits for it.
      response.write(head);
      response.write(withoutLineEnds(event.data));
      flowing = response.write('\n\n');
    } else {
      const data = event.data ? withoutLineEnds(event.data) : new Uint8Array();
      flowing = response.write(Buffer.concat([Buffer.from(head), data, Buffer.from('\n\n')]));
    }
    if (flowing) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    if (this.#mostStallMs !== undefined) {
      this.#stalled ??= setTimeout(() => response.destroy(), this.#mostStallMs);
    }
    return this.#room.promise;
  }

  #free(): void {
    clearTimeout(this.#stalled);
    this.#stalled = undefined;
    this.#room?.resolve();
    this.#room = undefined;
  }

  end(): void {
    this.#response.end();
  }
}

/** Everything of an event up to its data. An event with an id but no message primes the client to resume from it. */
function headOf(event: DownEvent): string {
  let head = '';
  if (event.data) head += 'event: message\n';
  // A line end in an id would start a field of its own.
  if (event.id !== undefined && !/[\r\n\0]/.test(event.id)) head += `id: ${event.id}\n`;
  if (event.retryMs !== undefined) head += `retry: ${Math.max(0, Math.trunc(event.retryMs))}\n`;
  if (event.data || event.id !== undefined) head += 'data: ';
  return head;
}

/** What a POST may get back. */
export interface ReplyTraits {
  /** The POST holds a request, so something is expected. */
  readonly asks: boolean;
  /** The client may come back for the rest; without a session it cannot, so it gets no event ids (MCP 2026-07-28). */
  readonly resumable: boolean;
  /** Headers of the response, asked for when it begins. */
  readonly headers?: () => Record<string, string>;
}

/** The answer to one POST: a JSON body, an event stream or neither, whichever its session makes of it. */
export class HttpReply implements Reply {
  readonly #response: ServerResponse;
  readonly #traits: ReplyTraits;
  readonly #gone = new AbortController();
  #stream: EventStream | undefined;
  #done = false;

  constructor(response: ServerResponse, traits: ReplyTraits) {
    this.#response = response;
    this.#traits = traits;
    response.on('close', () => {
      if (!response.writableFinished) this.#gone.abort();
    });
  }

  get resumable(): boolean {
    return this.#traits.resumable;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  event(event: DownEvent): void | Promise<void> {
    if (this.#done) return undefined;
    if (this.resumable) return this.#open().write(event);
    return event.data ? this.#open().write({ data: event.data }) : undefined;
  }

  answer(
    body: Uint8Array,
    how: { streamed?: boolean; id?: string; status?: number } = {},
  ): void | Promise<void> {
    if (this.#done) return undefined;
    this.#done = true;
    const { streamed = false, id, status = 200 } = how;
    if (this.#stream || (streamed && status === 200)) {
      const stream = this.#open();
      const written = stream.write({ data: body, ...(id !== undefined && this.resumable ? { id } : {}) });
      stream.end();
      return written;
    }
    sendJson(this.#response, status, body, this.#headers());
    return undefined;
  }

  end(): void | Promise<void> {
    if (this.#done) return undefined;
    this.#done = true;
    if (this.#traits.asks || this.#stream) this.#open().end();
    else if (!this.#response.destroyed) {
      this.#response.writeHead(202, { 'Content-Length': '0' });
      this.#response.end();
    }
    return undefined;
  }

  #open(): EventStream {
    const mostStallMs = this.resumable ? undefined : limits.httpStalledMs;
    this.#stream ??= new EventStream(this.#response, this.#headers(), mostStallMs);
    return this.#stream;
  }

  #headers(): Record<string, string> {
    return this.#traits.headers?.() ?? {};
  }
}

/** The standing stream of a session, opened by GET. */
export class HttpOutlet implements Outlet {
  readonly #response: ServerResponse;
  #stream: EventStream | undefined;
  #ended = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Begins the response; the first event does so too. */
  open(): void {
    this.#stream ??= new EventStream(this.#response, {});
  }

  event(event: DownEvent): void | Promise<void> {
    if (this.#ended) return undefined;
    this.open();
    return this.#stream?.write(event);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.open();
    this.#stream?.end();
  }
}

/** Sends a whole JSON body. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: Uint8Array,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
