import { BridgeError } from '../contract/errors.ts';
import type { Message, NotificationMessage, RequestMessage, ResponseMessage } from '../jsonrpc/message.ts';
import { INVALID_PARAMS, INVALID_REQUEST } from '../jsonrpc/read.ts';
import { errorOf, notificationOf, resultOf, withId } from '../jsonrpc/write.ts';
import { answerBatch } from './batch.ts';
import type { Outlet, Reply } from './channel.ts';
import { readEventId } from './event-id.ts';
import {
  announce,
  GROUPS,
  type Greeting,
  type Group,
  groupsOf,
  localWelcome,
  readGreeting,
  type Welcome,
} from './greeting.ts';
import { Incoming } from './incoming.ts';
import { Memory } from './memory.ts';
import { Outgoing } from './outgoing.ts';
import type { RelayParts, Route } from './parts.ts';
import { Pushes } from './pushes.ts';
import { Questions } from './questions.ts';
import { keepTrying, refusesToStart } from './recovery.ts';
import { troubleAnswer } from './trouble.ts';
import { GreetingRefused, type UpSession } from './up-session.ts';
import { UpSessions } from './up-sessions.ts';

const INITIALIZED = 'notifications/initialized';

/**
 * One conversation of a client with a handshake (MCP 2025-11-25 and older). It outlives the workspace sessions behind
 * it: a switch of account opens another one with the client's own `initialize`, and the client keeps its own.
 */
export class RelaySession {
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
  /** Lists the client was told may change. */
  #announced: readonly Group[] = [];
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
        onLost: () => this.#questions.forget(up()),
        remembered: () => this.#memory.entries(),
        log: parts.log,
      }),
      (up) => this.#ended(up),
    );
    this.#outgoing = new Outgoing({
      relay: parts,
      incoming: this.#incoming,
      memory: this.#memory,
      open: (route, greeting) => this.#open(route, greeting),
      release: (up) => this.#ups.release(up),
    });
  }

  /** A request runs or waits for its client to come back, or the client listens. */
  get isBusy(): boolean {
    return this.#outgoing.isBusy || this.#pushes.isHeard;
  }

  /** The client listens for what it did not ask for. */
  get hears(): boolean {
    return this.#pushes.isHeard;
  }

  /** Lets the workspace sessions go; the client's next request opens what it needs again. */
  async sleep(): Promise<void> {
    await this.#ups.close();
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
        if (message.isAnswer) await reply.end();
        else await reply.answer(errorOf(message.id, message.code, message.because), { status: 400 });
        return;
      case 'batch':
        if (this.version !== '2025-03-26') {
          await reply.answer(
            errorOf(null, INVALID_REQUEST, 'Batches are not part of this protocol version.'),
            { status: 400 },
          );
          return;
        }
        return answerBatch(message, reply, (part, partReply) => this.receive(part, partReply));
      case 'response':
        await this.#takeAnswer(message);
        await reply.end();
        return;
      case 'notification':
        await this.#takeNotification(message);
        await reply.end();
        return;
      case 'request':
        return this.#takeRequest(message, reply);
      default:
        message satisfies never;
    }
  }

  async #takeRequest(message: RequestMessage, reply: Reply): Promise<void> {
    if (message.method === 'initialize') return this.#initialize(message, reply);
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
    const isAnew = this.greeting !== undefined;
    this.greeting = greeting;
    if (isAnew) await this.#startOver();
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
      const trying = (): Promise<boolean> => this.#isServed(greeting);
      if (!refusesToStart(route, error)) void keepTrying(trying, this.#closing.signal);
    }
    this.version = welcome.version;
    const offered = groupsOf(welcome);
    this.#announced = GROUPS.filter((group) => this.#parts.follows || offered.has(group));
    await reply.answer(resultOf(message.id, announce(welcome, this.#parts.follows)));
  }

  /** Whether a client that was welcomed without a workspace has one now; it is then asked to read its lists again. */
  async #isServed(greeting: Greeting): Promise<boolean> {
    const route = this.#parts.route();
    if (this.greeting !== greeting || this.#memory.hasLists) return true;
    if (route.kind === 'unbound') return false;
    try {
      if (!this.#ups.peek(route.identity)) this.#ups.release(await this.#open(route, greeting));
    } catch (error) {
      return refusesToStart(route, error);
    }
    this.listsChanged();
    return true;
  }

  async #startOver(): Promise<void> {
    this.#outgoing.giveUp('The client started the session again.');
    this.#ready = false;
    this.#memory.clear();
    await this.#ups.close();
  }

  /** The workspace session of an identity, ready for requests and held until `release`. */
  async #open(route: Extract<Route, { kind: 'bound' }>, greeting: Greeting): Promise<UpSession> {
    // What is opened after the end would never be closed.
    this.#closing.signal.throwIfAborted();
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
    await found?.up.reply(found.bytes);
  }

  async #takeNotification(message: NotificationMessage): Promise<void> {
    // A request without an id: no rule would look at it and no log tell of it, and a workspace may carry it out.
    if (!message.method.startsWith('notifications/')) return;
    switch (message.method) {
      case INITIALIZED:
        this.#ready = true;
        for (const up of this.#ups.open()) await up.confirm().catch(() => undefined);
        return;
      case 'notifications/cancelled':
        return this.#outgoing.cancel(message);
      case 'notifications/progress': {
        const found = this.#questions.progress(message);
        await found?.up.reply(found.bytes);
        return;
      }
      case 'notifications/roots/list_changed':
        for (const up of this.#ups.open()) await this.#pass(up, message);
        return;
      default: {
        const route = this.#parts.route();
        const up = route.kind === 'bound' ? this.#ups.peek(route.identity) : undefined;
        if (up) await this.#pass(up, message);
      }
    }
  }

  /** A notification has no answer, so the log is the only place where trouble with it can be told. */
  async #pass(up: UpSession, message: NotificationMessage): Promise<void> {
    const { signal } = new AbortController();
    await up.send(message.bytes, signal).catch((error: unknown) => {
      const code = error instanceof BridgeError ? error.code : undefined;
      this.#parts.log.warn('notification not taken', { account: up.workspace.account.id, code });
    });
  }

  /** Gives the session its standing stream, or continues a broken one; false when the id is none of ours. */
  attach(outlet: Outlet, lastEventId?: string): boolean {
    const place = lastEventId === undefined ? undefined : readEventId(lastEventId);
    if (lastEventId !== undefined && !place) return false;
    if (place?.stream === 'request') {
      const up = this.#ups.byKey(place.upKey);
      if (!up) return false;
      void this.#outgoing.resume(up, place.id, outlet);
      return true;
    }
    this.#pushes.attach(outlet);
    return true;
  }

  detach(outlet: Outlet): void {
    this.#outgoing.detach(outlet);
    this.#pushes.detach(outlet);
  }

  /**
   * Opens what the next account needs, before a switch is decided.
   * @returns whether anything was opened: a client that has not shaken hands, or left meanwhile, proves nothing.
   * @throws BridgeError when the account cannot be used; the session then stays as it was.
   */
  async warm(route: Extract<Route, { kind: 'bound' }>): Promise<boolean> {
    if (!this.greeting) return false;
    try {
      this.#warmed.push(await this.#open(route, this.greeting));
      return true;
    } catch (error) {
      if (this.#closing.signal.aborted) return false;
      throw error;
    }
  }

  /** The account or its user changed: old sessions drain, and the client is told that its lists changed. */
  switched(): void {
    this.settle();
    this.listsChanged();
  }

  /** Ends workspace sessions that new requests no longer use, once they are idle. */
  settle(): void {
    this.#ups.retireExcept(this.#parts.route().identity);
  }

  /** A switch is decided: what was opened for it is held no longer. */
  decided(): void {
    for (const up of this.#warmed.splice(0)) this.#ups.release(up);
  }

  /** Tells the client to read its lists, and the resources it subscribed to, again. Before it is ready it has none. */
  listsChanged(): void {
    if (!this.#ready) return;
    for (const group of this.#announced) this.#tell(notificationOf(`notifications/${group}/list_changed`));
    for (const uri of this.#memory.subscribed()) {
      this.#tell(notificationOf('notifications/resources/updated', { uri }));
    }
  }

  /** Not waited for: a client that reads slowly must hold up neither a switch nor other clients. */
  #tell(data: Uint8Array): void {
    this.#pushes.push({ data }).catch((error: unknown) => this.#parts.log.error('notice not sent', error));
  }

  /** A workspace session is closed, be it that calls took too long after a switch. */
  #ended(up: UpSession): void {
    this.#questions.forget(up);
    this.#outgoing.giveUp(
      'The account was switched and this call did not end in time. It may have been carried out.',
      up,
    );
  }

  /** The client left: running requests are given up and every workspace session is ended. */
  async close(reason = 'The session was closed.'): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new BridgeError('stopping', reason));
    this.#outgoing.giveUp(reason);
    this.#pushes.close();
    await this.#ups.close();
  }
}
