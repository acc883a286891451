import { limits } from '../../base/limits.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { Message, NotificationMessage, RequestMessage } from '../../jsonrpc/message.ts';
import { INVALID_PARAMS, INVALID_REQUEST, idKey } from '../../jsonrpc/read.ts';
import { locate } from '../../jsonrpc/text.ts';
import { errorOf } from '../../jsonrpc/write.ts';
import { HEADER_MISMATCH } from '../../upstream/modern/envelope.ts';
import type { Reply, RequestHeaders } from '../channel.ts';
import type { RelayParts, Route } from '../parts.ts';
import { troubleAnswer } from '../trouble.ts';
import { ModernCalls } from './calls.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { readHeads } from './heads.ts';
import { Listens, MOST_LISTENS } from './listens.ts';
import { prove } from './proof.ts';
import { type ModernUp, ModernUps } from './ups.ts';

/** Clients may write anything there; people see it. */
const MOST_VERSION = 20;

/**
 * What one client asks without a handshake (MCP 2026-07-28). Every request stands for itself; what lasts is the ways to
 * the workspaces and the listens that are open.
 */
export class ModernSession {
  calls = 0;
  readonly #parts: RelayParts;
  readonly #ups: ModernUps;
  readonly #calls: ModernCalls;
  readonly #listens: Listens;
  readonly #closing = new AbortController();
  /** Opened for a switch that is not decided yet. */
  readonly #warmed: ModernUp[] = [];
  /** What the latest request said of the client. */
  #envelope: Envelope | undefined;
  /** It asked more than a probe, after which a client of both eras may go on in the other one. */
  #isInUse = false;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#ups = new ModernUps(parts, (up) => this.#ended(up));
    const ways = {
      relay: parts,
      open: (route: Extract<Route, { kind: 'bound' }>) => this.#open(route),
      release: (up: ModernUp) => this.#ups.release(up),
      discard: (up: ModernUp) => this.#ups.discard(up),
      spare: (up: ModernUp) => this.#ups.spare(up),
    };
    this.#calls = new ModernCalls(ways);
    this.#listens = new Listens(ways);
  }

  /** Name and version of the program that asked last, for people. */
  get program(): string | null {
    return this.#envelope?.program ?? null;
  }

  /** Protocol version of the latest request. */
  get version(): string | undefined {
    return this.#envelope?.version.slice(0, MOST_VERSION);
  }

  /** A request runs, a call waits for answers of the person, or a listen is open. */
  get isBusy(): boolean {
    return this.#calls.isBusy || this.#ups.isWaiting || this.hears;
  }

  /** The client has a listen open by which it learns of changes. */
  get hears(): boolean {
    return this.#listens.count > 0;
  }

  /** Takes one message; its reply has ended when this resolves. `headers` are those of its HTTP request. Never rejects. */
  async receive(message: Message, reply: Reply, headers?: RequestHeaders): Promise<void> {
    try {
      await this.#dispatch(message, reply, headers);
    } catch (error) {
      if (!(error instanceof BridgeError)) this.#parts.log.error('message failed', error);
      if (message.kind === 'request') await reply.answer(troubleAnswer(message.id, error));
      else await reply.end();
    }
  }

  #dispatch(message: Message, reply: Reply, headers: RequestHeaders | undefined): void | Promise<void> {
    switch (message.kind) {
      case 'refused':
        return refuse(reply, message.id, message.code, message.because);
      case 'batch':
        return refuse(reply, null, INVALID_REQUEST, 'This protocol version has no batches.');
      case 'response':
        return refuse(reply, null, INVALID_REQUEST, 'This protocol version asks clients nothing.');
      case 'notification':
        // The only one there is withdraws a request over stdio, and came to `cancel`.
        return reply.end();
      case 'request':
        return this.#take(message, reply, headers);
      default:
        message satisfies never;
    }
  }

  #take(message: RequestMessage, reply: Reply, headers: RequestHeaders | undefined): void | Promise<void> {
    const envelope = readEnvelope(message, this.#envelope);
    if (!envelope) {
      const because = '_meta needs a protocolVersion and the clientCapabilities of MCP 2026-07-28.';
      return refuse(reply, message.id, INVALID_PARAMS, because);
    }
    const heads = headers && readHeads(message, envelope.version, headers);
    if (heads?.kind === 'disagree') return refuse(reply, message.id, HEADER_MISMATCH, heads.because);
    // Over HTTP several processes of one app count their ids by themselves; each answer has its own response.
    const key = idKey(message.id);
    if (!headers && (this.#calls.has(key) || this.#listens.has(key))) {
      return refuse(reply, message.id, INVALID_REQUEST, 'This id is already in use.');
    }
    this.#envelope = envelope;
    const isProbe = message.method === 'server/discover';
    if (!isProbe) this.#isInUse = true;
    if (message.method === 'subscriptions/listen') return this.#listen(message, reply);
    if (!isProbe) this.calls += 1;
    return this.#calls.forward(message, reply, { program: envelope.program, paramHeaders: heads?.params });
  }

  async #listen(message: RequestMessage, reply: Reply): Promise<void> {
    if (this.#listens.count >= MOST_LISTENS) {
      const trouble = new BridgeError('wait', 'This app listens too many times already. Restart it.');
      return void (await reply.answer(troubleAnswer(message.id, trouble)));
    }
    this.#closing.signal.throwIfAborted();
    await this.#listens.run(message, reply);
  }

  #open(route: Extract<Route, { kind: 'bound' }>): ModernUp | Promise<ModernUp> {
    // What is opened after the end would never be closed.
    this.#closing.signal.throwIfAborted();
    return this.#ups.get(route);
  }

  /** `notifications/cancelled` over stdio; false when no request here has that id. */
  async cancel(notification: NotificationMessage): Promise<boolean> {
    const span = locate(notification.text, ['params', 'requestId']);
    if (!span) return false;
    const key = idKey(notification.text.slice(span.start, span.end));
    return this.#calls.cancel(key) || this.#listens.cancel(key);
  }

  /**
   * Opens what the next account needs, before a switch is decided.
   * @returns whether anything was opened: a client that asks nothing, or left meanwhile, proves nothing.
   * @throws BridgeError when the account cannot be used.
   */
  async warm(route: Extract<Route, { kind: 'bound' }>): Promise<boolean> {
    const envelope = this.#envelope;
    if (!envelope || !this.#isInUse) return false;
    try {
      const up = await this.#open(route);
      this.#warmed.push(up);
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(limits.greetingMs)]);
      await prove(up, envelope, signal);
      return true;
    } catch (error) {
      if (this.#closing.signal.aborted) return false;
      throw error;
    }
  }

  /** The account or its user changed: listens move there, their clients read the lists again. */
  switched(): void {
    this.settle();
    this.#listens.moved();
  }

  /** Lets go of the ways that new requests no longer use, once they are idle. */
  settle(): void {
    this.#ups.retireExcept(this.#parts.route().identity);
  }

  /** A switch is decided: what was opened for it is held no longer. */
  decided(): void {
    for (const up of this.#warmed.splice(0)) this.#ups.release(up);
  }

  /** Tells every listen that its lists, and the resources it follows, may be others now. */
  listsChanged(): void {
    this.#listens.listsChanged();
  }

  /** Lets the ways to workspaces go; the next request opens what it needs again. */
  async sleep(): Promise<void> {
    await this.#ups.close();
  }

  /** A way to a workspace is closed, be it that calls took too long after a switch. */
  #ended(up: ModernUp): void {
    this.#calls.giveUp(
      'The account was switched and this call did not end in time. It may have been carried out.',
      up,
    );
  }

  /** The client left, or Gangway stops: listens end, running requests are answered with the reason. */
  async close(reason = 'The session was closed.'): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new BridgeError('stopping', reason));
    this.#listens.end();
    this.#calls.giveUp(reason);
    await this.#ups.close();
  }
}

function refuse(reply: Reply, id: string | null, code: number, because: string): void | Promise<void> {
  return reply.answer(errorOf(id, code, because), { status: 400 });
}
