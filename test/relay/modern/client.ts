import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { Reply, RequestHeaders } from '#bridge/relay/channel.ts';
import type { DoorSession } from '#bridge/sessions/door.ts';
import { Ledger } from '../../invariants/ledger.ts';
import type { Heard, Room } from '../seat.ts';

const VERSION = '2026-07-28';
const NAMED = ['name', 'uri', 'taskId'];

/** How one request was answered. */
export interface Answered extends Heard {
  /** As it came; empty when there was none. */
  readonly text: string;
  readonly status: number | undefined;
  readonly streamed: boolean;
  /** What came before it on the same stream. */
  readonly before: readonly Heard[];
}

export interface AskOptions {
  readonly id?: number | string;
  /** Headers beside, or instead of, those that belong to the body; over HTTP only. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly capabilities?: object;
  readonly meta?: object;
  /** The client hangs up. */
  readonly gone?: AbortSignal;
  readonly onEvent?: (heard: Heard) => void;
}

/** A client of MCP 2026-07-28 in memory: speaks raw JSON-RPC without a handshake and keeps everything it hears. */
export class ModernClient {
  readonly session: DoorSession;
  readonly #door: 'stdio' | 'http';
  readonly #leaving = new AbortController();
  #nextId = 1;

  constructor(room: Room, { door = 'http', address = 'current', as = 'test' }: ClientOptions = {}) {
    const caller = { id: as, label: as, door };
    const at = { text: address };
    this.session = door === 'http' ? room.sessions.standing(caller, at) : room.sessions.open(caller, at);
    this.#door = door;
  }

  /** Sends one message exactly as written. */
  async send(text: string, headers?: RequestHeaders, options: AskOptions = {}): Promise<Answered> {
    const before: Heard[] = [];
    let answer = '';
    let how: { streamed?: boolean; status?: number } = {};
    let ends = 0;
    const ledger = new Ledger('a modern client');
    ledger.asks(text);
    const reply: Reply = {
      resumable: this.#door === 'http',
      gone: AbortSignal.any([this.#leaving.signal, ...(options.gone ? [options.gone] : [])]),
      event: ({ data }) => {
        if (!data) return;
        ledger.hears(Buffer.from(data).toString());
        const heard = JSON.parse(Buffer.from(data).toString()) as Heard;
        before.push(heard);
        options.onEvent?.(heard);
      },
      answer: (body, given = {}) => {
        ends += 1;
        answer = Buffer.from(body).toString();
        ledger.hears(answer);
        how = given;
      },
      end: () => {
        ends += 1;
      },
    };
    await this.session.receive(readMessage(Buffer.from(text)), reply, headers);
    if (ends !== 1) throw new Error(`ended ${ends} times`);
    const parsed = answer === '' ? {} : (JSON.parse(answer) as Heard);
    return { ...parsed, text: answer, status: how.status, streamed: how.streamed ?? false, before };
  }

  /** The text of a request, with its envelope. */
  write(method: string, params: object = {}, options: AskOptions = {}): string {
    const { id = this.#nextId, capabilities = { elicitation: {} }, meta = {} } = options;
    this.#nextId += 1;
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': VERSION,
      'io.modelcontextprotocol/clientCapabilities': capabilities,
      'io.modelcontextprotocol/clientInfo': { name: 'seat', version: '2' },
      ...meta,
    };
    return JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } });
  }

  async ask(method: string, params: object = {}, options: AskOptions = {}): Promise<Answered> {
    const headers = this.#door === 'http' ? headersFor(method, params, options) : undefined;
    return this.send(this.write(method, params, options), headers, options);
  }

  async call(name: string, given: object = {}, more: object = {}): Promise<Answered> {
    return this.ask('tools/call', { name, arguments: given, ...more });
  }

  /** Begins a listen; resolves when it was acknowledged. */
  async listen(notifications: object): Promise<Listening> {
    const listening = new Listening();
    const id = `listen-${this.#nextId}`;
    listening.ended = this.ask(
      'subscriptions/listen',
      { notifications },
      { id, gone: listening.closing.signal, onEvent: (heard) => listening.hear(heard) },
    );
    await Promise.race([listening.heard('notifications/subscriptions/acknowledged'), listening.ended]);
    return listening;
  }

  leave(): void {
    this.#leaving.abort();
  }
}

export interface ClientOptions {
  readonly door?: 'stdio' | 'http';
  readonly address?: string;
  readonly as?: string;
}

/** One open listen of a client. */
export class Listening {
  readonly closing = new AbortController();
  readonly all: Heard[] = [];
  ended: Promise<Answered> = Promise.reject(new Error('not begun'));
  #waiters: { method: string; resolve: (heard: Heard) => void }[] = [];

  constructor() {
    this.ended.catch(() => undefined);
  }

  hear(heard: Heard): void {
    this.all.push(heard);
    const ready = this.#waiters.filter(({ method }) => method === heard.method);
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve(heard);
  }

  /** The first notification of this method, heard already or to come. */
  async heard(method: string): Promise<Heard> {
    const past = this.all.find((heard) => heard.method === method);
    return past ?? new Promise((resolve) => this.#waiters.push({ method, resolve }));
  }

  /** Methods in the order they came, without the acknowledgement. */
  get methods(): (string | undefined)[] {
    return this.all.slice(1).map(({ method }) => method);
  }
}

export function textOf(answered: Heard): string {
  if (answered.error) return `error ${answered.error.code}: ${answered.error.message}`;
  const content = (answered.result?.content ?? []) as { text: string }[];
  return content.map(({ text }) => text).join('');
}

/** What an HTTP client sends beside the body. */
function headersFor(method: string, params: object, { headers = {} }: AskOptions): RequestHeaders {
  const name = Object.entries(params).find(([key]) => NAMED.includes(key))?.[1] as string | undefined;
  const all = {
    'mcp-protocol-version': VERSION,
    'mcp-method': method,
    ...(name === undefined ? {} : { 'mcp-name': name }),
    ...headers,
  };
  return new Map(
    Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, [value].flat()]])),
  );
}
