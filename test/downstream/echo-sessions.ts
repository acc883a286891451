import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Message, RequestMessage } from '#bridge/jsonrpc/message.ts';
import { errorOf, notificationOf, resultOf } from '#bridge/jsonrpc/write.ts';
import { answerBatch } from '#bridge/relay/batch.ts';
import type { Caller, Outlet, Reply, RequestHeaders } from '#bridge/relay/channel.ts';
import type { Address, DoorSession, Sessions } from '#bridge/sessions/door.ts';
import { BridgeError } from '#contract/errors.ts';

const WELCOME = JSON.stringify({
  protocolVersion: '2025-11-25',
  capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} },
  serverInfo: { name: 'echo', version: '1' },
});

/**
 * Sessions without workspaces, to drive the doors with: `echo` answers its params, `big` an answer of `bytes` bytes,
 * `flood` sends `count` notifications of `bytes` bytes first, `stream` answers as a workspace that streams, `hold`
 * waits for `release()`, `pretty` answers over several lines, `give-up` ends without an answer, `subscriptions/listen`
 * stays open until the client or the session goes.
 */
export class EchoSessions implements Sessions {
  readonly opened: EchoSession[] = [];
  /** Conversations without a handshake, found by caller and address. */
  readonly standings: EchoSession[] = [];
  readonly #live = new Map<string, EchoSession>();
  /** Addresses that name nothing. */
  readonly unknown = new Set<string>();
  /** `initialize` is refused. */
  refusing = false;
  /** `initialize` is never answered. */
  silent = false;

  open(caller: Caller, address: Address): DoorSession {
    if (this.unknown.has(address.text)) throw new BridgeError('account-unknown', 'Nothing is called so.');
    const session = new EchoSession(this, caller, address);
    this.opened.push(session);
    this.#live.set(session.id, session);
    return session;
  }

  standing(caller: Caller, address: Address): DoorSession {
    if (this.unknown.has(address.text)) throw new BridgeError('account-unknown', 'Nothing is called so.');
    const before = this.standings.find(
      (session) => session.caller.id === caller.id && session.address.text === address.text,
    );
    if (before) return before;
    const session = new EchoSession(this, caller, address);
    this.standings.push(session);
    return session;
  }

  find(id: string, caller: Caller, address: Address): DoorSession | undefined {
    const session = this.#live.get(id);
    return session?.caller.id === caller.id && session.address.text === address.text ? session : undefined;
  }

  forget(id: string): void {
    this.#live.delete(id);
  }

  async close(): Promise<void> {
    for (const session of [...this.#live.values(), ...this.standings]) await session.close();
  }

  /** The only session there is. */
  get only(): EchoSession {
    const [session] = this.opened;
    if (!session || this.opened.length > 1) throw new Error(`${this.opened.length} sessions`);
    return session;
  }
}

export class EchoSession implements DoorSession {
  readonly id: string = randomUUID();
  readonly caller: Caller;
  readonly address: Address;
  readonly heard: Exclude<Message, { kind: 'batch' | 'refused' }>[] = [];
  readonly closed: Promise<void>;
  /** One entry per request that is held; its reply shows when the client goes. */
  readonly held: { reply: Reply; release: () => void }[] = [];
  readonly #sessions: EchoSessions;
  readonly #closing = Promise.withResolvers<void>();
  readonly #events = new Map<string, string>();
  #waiting: (() => void)[] = [];
  #outlet: Outlet | undefined;
  greeted = false;
  /** Listens that are open. */
  listens = 0;
  /** HTTP headers of each message that came with them. */
  readonly headers: RequestHeaders[] = [];
  /** How far `flood` has come. */
  flooded = 0;

  constructor(sessions: EchoSessions, caller: Caller, address: Address) {
    this.#sessions = sessions;
    this.caller = caller;
    this.address = address;
    this.closed = this.#closing.promise;
  }

  /** What was heard, as methods. */
  get methods(): string[] {
    return this.heard.map((message) => (message.kind === 'response' ? 'response' : message.method));
  }

  /** Resolves once `count` messages were heard. */
  async hears(count: number): Promise<void> {
    while (this.heard.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  get hasOutlet(): boolean {
    return this.#outlet !== undefined;
  }

  push(text: string): void | Promise<void> {
    return this.#outlet?.event({ data: Buffer.from(text) });
  }

  async receive(message: Message, reply: Reply, headers?: RequestHeaders): Promise<void> {
    if (headers) this.headers.push(headers);
    if (message.kind === 'batch') {
      await answerBatch(message, reply, (part, partReply) => this.receive(part, partReply));
      return;
    }
    if (message.kind === 'refused') {
      await reply.answer(errorOf(message.id, message.code, message.because), { status: 400 });
      return;
    }
    this.heard.push(message);
    for (const wake of this.#waiting.splice(0)) wake();
    if (message.kind !== 'request') return void (await reply.end());
    await this.#answer(message, reply);
  }

  async #answer(message: RequestMessage, reply: Reply): Promise<void> {
    const { id, params } = message;
    const bytes = Number(params.bytes ?? 0);
    switch (message.method) {
      case 'initialize':
        if (this.#sessions.refusing) return void (await reply.answer(errorOf(id, -32602, 'refused')));
        if (this.#sessions.silent) return void (await this.closed);
        this.greeted = true;
        return void (await reply.answer(resultOf(id, WELCOME)));
      case 'big':
        return void (await reply.answer(resultOf(id, JSON.stringify('x'.repeat(bytes)))));
      case 'pretty':
        return void (await reply.answer(
          Buffer.from(`{"jsonrpc":"2.0",\r\n "id":${id},\n "result":{"a": 1}\n}\n`),
        ));
      case 'flood':
        for (let number = 0; number < Number(params.count); number += 1) {
          this.flooded = number + 1;
          await reply.event({ data: notificationOf('flood', { number, text: 'y'.repeat(bytes) }) });
        }
        return void (await reply.answer(resultOf(id, '"flooded"')));
      case 'stream':
        await reply.event({ id: 'prime-1', retryMs: 250 });
        await reply.event({ data: notificationOf('progress'), id: 'e-1' });
        return void (await reply.answer(resultOf(id, '"streamed"'), { streamed: true, id: 'e-2' }));
      case 'hold': {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.held.push({ reply, release: resolve });
        await promise;
        return void (await reply.answer(resultOf(id, '"released"')));
      }
      case 'subscriptions/listen': {
        await reply.event({ data: notificationOf('notifications/subscriptions/acknowledged') });
        this.listens += 1;
        await Promise.race([this.closed, reply.gone.aborted || once(reply.gone, 'abort')]);
        this.listens -= 1;
        if (reply.gone.aborted) return void (await reply.end());
        return void (await reply.answer(resultOf(id, '"over"'), { streamed: true }));
      }
      case 'give-up':
        return void (await reply.end());
      case 'fail':
        return void (await reply.answer(errorOf(id, -32603, 'failed')));
      default:
        return void (await reply.answer(resultOf(id, JSON.stringify(params))));
    }
  }

  attach(outlet: Outlet, lastEventId?: string): boolean {
    if (lastEventId !== undefined && !this.#events.has(lastEventId) && lastEventId !== 'e-1') return false;
    const before = this.#outlet;
    this.#outlet = outlet;
    void before?.end();
    if (lastEventId === 'e-1') void outlet.event({ data: notificationOf('resumed'), id: 'e-2' });
    return true;
  }

  detach(outlet: Outlet): void {
    if (this.#outlet === outlet) this.#outlet = undefined;
  }

  async close(): Promise<void> {
    this.#sessions.forget(this.id);
    for (const { release } of this.held) release();
    void this.#outlet?.end();
    this.#closing.resolve();
  }
}
