import { randomUUID } from 'node:crypto';
import type { Message } from '../jsonrpc/message.ts';
import type { Outlet, Reply, RequestHeaders } from './channel.ts';
import { isModern } from './modern/message.ts';
import { ModernSession } from './modern/session.ts';
import type { RelayParts, Route } from './parts.ts';
import { RelaySession } from './session.ts';

/**
 * One client at one address, in whichever era it speaks. A client may do both: probe for the modern era on a pipe, then
 * shake hands on it (MCP 2026-07-28, versioning). Each message says by itself to which it belongs.
 */
export class Conversation {
  readonly id: string = randomUUID();
  readonly since = new Date();
  readonly #parts: RelayParts;
  readonly #legacy: RelaySession;
  readonly #modern: ModernSession;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#legacy = new RelaySession(parts);
    this.#modern = new ModernSession(parts);
  }

  /** The client has shaken hands. */
  get greeted(): boolean {
    return this.#legacy.greeting !== undefined;
  }

  get calls(): number {
    return this.#legacy.calls + this.#modern.calls;
  }

  /** Name and version of the program, for people. */
  get program(): string | null {
    return this.#legacy.greeting?.program ?? this.#modern.program;
  }

  /** The revision that this client speaks with the bridge. */
  get version(): string | undefined {
    return this.#legacy.version ?? this.#modern.version;
  }

  get isBusy(): boolean {
    return this.#legacy.isBusy || this.#modern.isBusy;
  }

  /** The client has a way open by which it learns of changes that it did not ask for. */
  get hears(): boolean {
    return this.greeted ? this.#legacy.hears : this.#modern.hears;
  }

  /**
   * Takes one message of the client; its reply has ended when this resolves. Never rejects.
   * @param headers of the HTTP request it came with.
   */
  receive(message: Message, reply: Reply, headers?: RequestHeaders): Promise<void> {
    if (isModern(message, headers)) return this.#modern.receive(message, reply, headers);
    return this.#receiveLegacy(message, reply);
  }

  async #receiveLegacy(message: Message, reply: Reply): Promise<void> {
    if (message.kind === 'notification' && message.method === 'notifications/cancelled') {
      if (await this.#modern.cancel(message)) return void (await reply.end());
    }
    if (message.kind === 'request' && message.method === 'initialize') {
      this.#parts.steering.greeted(this.#parts.steeringKey);
    }
    return this.#legacy.receive(message, reply);
  }

  /** Gives the session its standing stream, or continues a broken one; false when the id is none of ours. */
  attach(outlet: Outlet, lastEventId?: string): boolean {
    return this.#legacy.attach(outlet, lastEventId);
  }

  detach(outlet: Outlet): void {
    this.#legacy.detach(outlet);
  }

  /**
   * Opens what the next account needs, before a switch is decided.
   * @returns whether anything was opened.
   * @throws BridgeError when the account cannot be used.
   */
  async warm(route: Extract<Route, { kind: 'bound' }>): Promise<boolean> {
    // Both, also when one has failed: what opens later than that could not be let go.
    const opened = await Promise.allSettled([this.#legacy.warm(route), this.#modern.warm(route)]);
    const failed = opened.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    return opened.some((one) => one.status === 'fulfilled' && one.value);
  }

  switched(): void {
    this.#legacy.switched();
    this.#modern.switched();
  }

  settle(): void {
    this.#legacy.settle();
    this.#modern.settle();
  }

  decided(): void {
    this.#legacy.decided();
    this.#modern.decided();
  }

  listsChanged(): void {
    this.#legacy.listsChanged();
    this.#modern.listsChanged();
  }

  async sleep(): Promise<void> {
    await Promise.all([this.#legacy.sleep(), this.#modern.sleep()]);
  }

  async close(reason?: string): Promise<void> {
    await Promise.all([this.#legacy.close(reason), this.#modern.close(reason)]);
  }
}
