import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { BridgeError } from '../contract/errors.ts';
import type { Message, NotificationMessage, RequestMessage, ResponseMessage } from '../jsonrpc/message.ts';
import { INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND } from '../jsonrpc/read.ts';
import { errorOf, notificationOf, resultOf, withId } from '../jsonrpc/write.ts';
import { answerBatch } from './batch.ts';
import type { Outlet, Reply } from './channel.ts';
import { readEventId } from './event-id.ts';
import { announce, GROUPS, type Greeting, localWelcome, readGreeting, type Welcome } from './greeting.ts';
import { Incoming } from './incoming.ts';
import { Memory } from './memory.ts';
import { isModern } from './modern.ts';
import { Outgoing } from './outgoing.ts';
import type { RelayParts, Route } from './parts.ts';
import { Pushes } from './pushes.ts';
import { Questions } from './questions.ts';
import { troubleAnswer } from './trouble.ts';
import { GreetingRefused, type UpSession } from './up-session.ts';
import { UpSessions } from './up-sessions.ts';

const INITIALIZED = 'notifications/initialized';
const RECOVERY_MS = 2000;
const LONGEST_RECOVERY_MS = 60_000;

/**
 * One conversation of a client, legacy on both sides (MCP 2025-11-25 and older). It outlives the workspace sessions
 * behind it: a switch of account opens another one with the client's own `initialize`, and the client keeps its own.
 */
export class RelaySession {
  readonly id: string = randomUUID();
  readonly since = new Date();
  calls = 0;
  greeting: Greeting | undefined;
  /** Protocol version agreed with the client. */
  version: string | undefined;
  readonly #parts: RelayParts;
  readonly #pushes = new Pushes();
  readonly #questions = new Questions<UpSession>();
  readonly #memory = new Memory();
  readonly #ups: UpSessions;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  /** Opened for a switch that is not decided yet. */
  readonly #warmed: UpSession[] = [];
  #ready = false;
  readonly #closing = new AbortController();

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#incoming = new Incoming({
      questions: this.#questions,
      pushes: this.#pushes,
      capabilities: () => this.greeting?.capabilities ?? {},
      isCurrent: (up) => !up.retired,
    });
    this.#ups = new UpSessions(
      (up, route, greeting) => ({
        workspace: route.workspace,
        greeting,
        connect: (workspace) => parts.connect(workspace),
        onPush: (heard) => this.#incoming.push(heard, up()),
        onRenewed: () => this.#questions.forget(up()),
        remembered: () => this.#memory.entries(),
        log: parts.log,
      }),
      (up) => this.#questions.forget(up),
    );
    this.#outgoing = new Outgoing({
      relay: parts,
      incoming: this.#incoming,
      memory: this.#memory,
      open: (route, greeting) => this.#open(route, greeting),
      release: (up) => this.#ups.release(up),
    });
  }

  /** The account new requests go to, for user interfaces. */
  get route(): Route {
    return this.#parts.route();
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** Takes one message of the client; its reply has ended when this resolves. Never rejects. */
  async receive(message: Message, reply: Reply): Promise<void> {
    try {
      await this.#dispatch(message, reply);
    } catch (error) {
      this.#parts.log.error('message failed', error);
      if (message.kind === 'request') await reply.answer(troubleAnswer(message.id, error));
      else await reply.end();
    }
  }

  async #dispatch(message: Message, reply: Reply): Promise<void> {
    switch (message.kind) {
      case 'refused':
        await reply.answer(errorOf(message.id, message.code, message.because), { status: 400 });
        return;
      case 'batch':
        if (this.version !== '2025-03-26') {
          await reply.answer(
            errorOf(null, INVALID_REQUEST, 'Batches are not part of this protocol version.'),
            { status: 400 },
          );
          return;
        }
        await answerBatch(message, reply, (part, partReply) => this.receive(part, partReply));
        return;
      case 'response':
        await this.#takeAnswer(message);
        await reply.end();
        return;
      case 'notification':
        await this.#takeNotification(message);
        await reply.end();
        return;
      case 'request':
        await this.#takeRequest(message, reply);
        return;
      default:
        message satisfies never;
    }
  }

  async #takeRequest(message: RequestMessage, reply: Reply): Promise<void> {
    if (message.method === 'initialize') return this.#initialize(message, reply);
    if (isModern(message)) {
      // A client of both eras takes this for "handshake, please" (MCP 2026-07-28, versioning).
      const refusal = errorOf(
        message.id,
        METHOD_NOT_FOUND,
        'This server speaks MCP 2025-11-25; start with initialize.',
      );
      return void (await reply.answer(refusal, { status: 400 }));
    }
    if (!this.greeting) {
      return void (await reply.answer(
        errorOf(message.id, INVALID_REQUEST, 'The session is not initialised.'),
        { status: 400 },
      ));
    }
    if (message.method === 'ping') return void (await reply.answer(resultOf(message.id, '{}')));
    this.calls += 1;
    await this.#outgoing.forward(message, reply, this.greeting);
  }

  async #initialize(message: RequestMessage, reply: Reply): Promise<void> {
    const greeting = readGreeting(message);
    if (!greeting) {
      const refusal = errorOf(message.id, INVALID_PARAMS, 'initialize needs a protocolVersion.', {
        supported: ['2025-11-25'],
      });
      return void (await reply.answer(refusal, { status: 400 }));
    }
    if (this.greeting) await this.#startOver();
    this.greeting = greeting;
    let welcome: Welcome;
    const route = this.#parts.route();
    try {
      if (route.kind === 'unbound') throw route.error;
      const up = await this.#ups.get(route, greeting);
      welcome = up.welcome ?? localWelcome(greeting, this.#parts.bridgeVersion);
      this.#ups.release(up);
    } catch (error) {
      if (error instanceof GreetingRefused) {
        this.greeting = undefined;
        return void (await reply.answer(withId(error.answer, message.id)));
      }
      // The client stays; the workspace may come back, or the person may choose another account.
      if (!(error instanceof BridgeError)) this.#parts.log.error('initialize failed', error);
      welcome = localWelcome(greeting, this.#parts.bridgeVersion);
      if (!refusesToStart(route, error)) void this.#recover(greeting);
    }
    this.version = welcome.version;
    await reply.answer(resultOf(message.id, announce(welcome, this.#parts.follows)));
  }

  /** Tries from time to time until the workspace can be used, then has the client read its lists again. */
  async #recover(greeting: Greeting): Promise<void> {
    const { signal } = this.#closing;
    for (let waitMs = RECOVERY_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_RECOVERY_MS)) {
      await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
      const route = this.#parts.route();
      if (signal.aborted || this.greeting !== greeting) return;
      if (route.kind === 'unbound') continue;
      try {
        if (!this.#ups.peek(route.identity)) this.#ups.release(await this.#open(route, greeting));
        return await this.listsChanged();
      } catch (error) {
        if (refusesToStart(route, error)) return;
      }
    }
  }

  async #startOver(): Promise<void> {
    this.#outgoing.giveUp('The client started the session again.');
    this.#ready = false;
    this.#memory.clear();
    await this.#ups.close();
  }

  /** The workspace session of an identity, ready for requests and held until `release`. */
  async #open(route: Extract<Route, { kind: 'bound' }>, greeting: Greeting): Promise<UpSession> {
    let up: UpSession;
    try {
      up = await this.#ups.get(route, greeting);
    } catch (error) {
      if (!(error instanceof GreetingRefused)) throw error;
      throw new BridgeError('bad-answer', 'The workspace refuses to start a session with this app.');
    }
    try {
      if (this.#ready) await up.confirm();
      return up;
    } catch (error) {
      this.#ups.release(up);
      throw error;
    }
  }

  async #takeAnswer(message: ResponseMessage): Promise<void> {
    const found = this.#questions.answer(message);
    if (!found) return;
    await found.up.send(found.bytes, new AbortController().signal).catch((error: unknown) => {
      this.#parts.log.error('answer not delivered', error, { account: found.up.workspace.account.id });
    });
  }

  async #takeNotification(message: NotificationMessage): Promise<void> {
    const { signal } = new AbortController();
    switch (message.method) {
      case INITIALIZED:
        this.#ready = true;
        for (const up of this.#ups.open()) await up.confirm().catch(() => undefined);
        return;
      case 'notifications/cancelled':
        await this.#outgoing.cancel(message);
        return;
      case 'notifications/progress': {
        const found = this.#questions.progress(message);
        await found?.up.send(found.bytes, signal).catch(() => undefined);
        return;
      }
      case 'notifications/roots/list_changed':
        for (const up of this.#ups.open()) await up.send(message.bytes, signal).catch(() => undefined);
        return;
      default: {
        const route = this.#parts.route();
        if (route.kind === 'bound')
          await this.#ups
            .peek(route.identity)
            ?.send(message.bytes, signal)
            .catch(() => undefined);
      }
    }
  }

  /** Gives the session its standing stream, or continues a broken one; false when the id is none of ours. */
  attach(outlet: Outlet, lastEventId?: string): boolean {
    const place = lastEventId === undefined ? undefined : readEventId(lastEventId);
    if (lastEventId !== undefined && !place) return false;
    if (place?.stream === 'request') {
      const up = this.#ups.byKey(place.upKey);
      if (!up) return false;
      this.#outgoing.resume(up, place.id, outlet);
      return true;
    }
    this.#pushes.attach(outlet);
    return true;
  }

  detach(outlet: Outlet): void {
    this.#pushes.detach(outlet);
  }

  /**
   * Opens what the next account needs, before a switch is decided.
   * @throws BridgeError when the account cannot be used; the session then stays as it was.
   */
  async warm(route: Extract<Route, { kind: 'bound' }>): Promise<void> {
    if (this.greeting) this.#warmed.push(await this.#open(route, this.greeting));
  }

  /** The account or its user changed: old sessions drain, and the client is told that its lists changed. */
  async switched(): Promise<void> {
    this.settle();
    await this.listsChanged();
  }

  /** Ends workspace sessions that new requests no longer use, once they are idle. */
  settle(): void {
    const route = this.#parts.route();
    this.#ups.retireExcept(route.kind === 'bound' ? route.identity : undefined);
    for (const up of this.#warmed.splice(0)) this.#ups.release(up);
  }

  /** Tells the client to read its lists, and the resources it subscribed to, again. */
  async listsChanged(): Promise<void> {
    if (!this.greeting) return;
    for (const group of GROUPS) {
      await this.#pushes.push({ data: notificationOf(`notifications/${group}/list_changed`) });
    }
    for (const uri of this.#memory.subscribed()) {
      await this.#pushes.push({ data: notificationOf('notifications/resources/updated', { uri }) });
    }
  }

  /** The client left: running requests are given up and every workspace session is ended. */
  async close(reason = 'The session was closed.'): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#outgoing.giveUp(reason);
    this.#pushes.close();
    await this.#ups.close();
  }
}

/** A local command that refuses to start would refuse again; it is started anew by the client's requests only. */
function refusesToStart(route: Route, error: unknown): boolean {
  if (route.kind !== 'bound' || route.workspace.account.upstream.kind !== 'command') return false;
  return error instanceof BridgeError && error.code === 'refused';
}
