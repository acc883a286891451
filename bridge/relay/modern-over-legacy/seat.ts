import type { Log } from '../../base/log.ts';
import { within } from '../../base/tasks.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { METHOD_NOT_FOUND } from '../../jsonrpc/read.ts';
import { locate } from '../../jsonrpc/text.ts';
import { errorOf, requestOf, resultOf } from '../../jsonrpc/write.ts';
import type { UpChannel, UpMessage } from '../../upstream/channel.ts';
import type { Workspace } from '../../upstream/workspace.ts';
import type { Greeting, Welcome } from '../greeting.ts';
import { UpSession } from '../up-session.ts';
import type { Call } from './call.ts';
import { levelName } from './envelope.ts';
import { Floor } from './floor.ts';
import type { HeaderCheck } from './header-check.ts';
import { Listens } from './listens.ts';
import { serverInfoOf } from './results.ts';

/** Replies of our own that may be on their way before the workspace is slowed down. */
const MOST_REPLIES = 16;

/** How long a workspace has to take a log level. */
const LEVEL_MS = 5000;

/** Notices with a meaning in the older era only. */
const DROPPED = new Set([
  'notifications/elicitation/complete',
  'notifications/tasks/status',
  'notifications/initialized',
]);
const ABOUT_LISTS = /^notifications\/((tools|prompts|resources)\/list_changed|resources\/updated)$/;

export interface SeatParts {
  readonly workspace: Workspace;
  readonly greeting: Greeting;
  connect(workspace: Workspace): UpChannel;
  readonly headerCheck: HeaderCheck;
  readonly log: Log;
}

/** One workspace session for a client with certain capabilities, and all that happens in it. */
export class Seat implements AsyncDisposable {
  readonly up: UpSession;
  readonly floor = new Floor<Call>();
  readonly listens: Listens;
  readonly headerCheck: HeaderCheck;
  /** Requests of the client that use it now; an idle one may be closed. */
  holds = 0;
  readonly #calls = new Map<number, Call>();
  readonly #replies = new Set<Promise<void>>();
  #opening: Promise<Welcome> | undefined;
  #nextNumber = 1;
  /** The log level that the workspace was told last. */
  #logLevel: number | undefined;
  #levelling: Promise<void> = Promise.resolve();

  constructor(key: string, parts: SeatParts) {
    this.headerCheck = parts.headerCheck;
    this.listens = new Listens({
      ask: (method, params, signal) => this.ask(method, params, signal),
      welcome: () => this.up.welcome,
    });
    this.up = new UpSession(key, {
      ...parts,
      connect: (workspace) => parts.connect(workspace),
      onPush: (heard) => this.#hear(heard),
      onLost: () => {
        for (const call of this.#calls.values()) call.lost();
      },
      remembered: () => this.#remembered(),
    });
  }

  /** Shakes hands once, however many wait for it. @throws what `UpSession.open` throws. */
  async open(): Promise<Welcome> {
    this.#opening ??= this.#shakeHands();
    return this.#opening;
  }

  async #shakeHands(): Promise<Welcome> {
    const welcome = await this.up.open(new AbortController().signal);
    await this.up.confirm();
    return welcome;
  }

  get serverInfo(): string | undefined {
    return serverInfoOf(this.up.welcome);
  }

  nextNumber(): number {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    return number;
  }

  began(call: Call): void {
    this.holds += 1;
    this.#calls.set(call.number, call);
  }

  ended(call: Call): void {
    this.holds -= 1;
    this.#calls.delete(call.number);
  }

  /** One request of our own; undefined when the workspace broke off. */
  async ask(method: string, params: object, signal: AbortSignal): Promise<ResponseMessage | undefined> {
    const id = String(this.nextNumber());
    let answer: ResponseMessage | undefined;
    const onMessage = (heard: UpMessage): void | Promise<void> => {
      if (heard.message?.kind === 'response') answer = heard.message;
      else return this.#hear(heard);
    };
    const bytes = requestOf(id, method, JSON.stringify(params));
    await this.up.request({ bytes, id, method, repeatable: true, signal, onMessage });
    return answer;
  }

  /**
   * Tells the workspace the lowest level that a running call wants, when that changed; it is one for the session. Calls
   * wait for it a short time only.
   */
  async raiseLogLevel(signal: AbortSignal): Promise<void> {
    this.#levelling = this.#levelling.then(async () => {
      const levels = [...this.#calls.values()].flatMap(({ logLevel }) => logLevel ?? []);
      const lowest = Math.min(...levels);
      if (levels.length === 0 || lowest === this.#logLevel || !this.up.welcome?.capabilities.logging) return;
      this.#logLevel = lowest;
      const tell = (either: AbortSignal): Promise<unknown> =>
        this.ask('logging/setLevel', { level: levelName(lowest) }, either);
      // Without log messages the call is still worth making.
      await within(LEVEL_MS, signal, tell, () => new Error('late')).catch(() => undefined);
      // It may not have been heard.
      if (signal.aborted) this.#logLevel = undefined;
    });
    await this.#levelling;
  }

  *#remembered(): Generator<readonly [string, string], void> {
    if (this.#logLevel !== undefined) {
      yield ['logging/setLevel', JSON.stringify({ level: levelName(this.#logLevel) })];
    }
    for (const uri of this.listens.subscribed()) yield ['resources/subscribe', JSON.stringify({ uri })];
  }

  /** What came on the standing stream, or on the stream of a request that it does not belong to. */
  async #hear({ message }: UpMessage): Promise<void> {
    if (message?.kind === 'request') return this.take(message, undefined);
    // Who cannot be told has gone; the stream goes on for the others.
    if (message?.kind === 'notification') await this.notice(message, undefined).catch(() => undefined);
  }

  /** A request of the workspace, on the stream of `on`. */
  async take(message: RequestMessage, on: Call | undefined): Promise<void> {
    if (message.method === 'ping') this.reply(resultOf(message.id, '{}'));
    else {
      const call = on ?? this.#callToAsk();
      if (call) call.ask(message);
      else {
        const because =
          'Several calls run, or none, so nobody can tell which of them asks. Ask on the stream of the call, or try again.';
        this.reply(errorOf(message.id, METHOD_NOT_FOUND, because));
      }
    }
    if (this.#replies.size > MOST_REPLIES) await Promise.race(this.#replies);
  }

  /** The only call that a question without a place can belong to. */
  #callToAsk(): Call | undefined {
    const { speaking } = this.floor;
    this.floor.heardQuestion();
    const [only, another] =
      speaking.length > 0 ? speaking : [...this.#calls.values()].filter((call) => call.isParked);
    return another === undefined ? only : undefined;
  }

  /** A notice of the workspace, on the stream of `on`. */
  async notice(message: NotificationMessage, on: Call | undefined): Promise<void> {
    const { method, params } = message;
    if (DROPPED.has(method)) return;
    if (ABOUT_LISTS.test(method)) return this.listens.tell(message);
    if (method === 'notifications/progress') {
      return this.#calls.get(Number(params.progressToken))?.progress(message);
    }
    if (method === 'notifications/cancelled') return this.#withdraw(message);
    // A log message without a place belongs to a call only if no other could have caused it.
    const sent = [...this.#calls.values()].filter(({ isSent }) => isSent);
    const call = on ?? (sent.length === 1 ? sent[0] : undefined);
    if (method === 'notifications/message') return call?.log(message);
    await on?.pass(message);
  }

  #withdraw({ text }: NotificationMessage): void {
    const span = locate(text, ['params', 'requestId']);
    if (!span) return;
    for (const call of this.#calls.values()) if (call.withdraw(text.slice(span.start, span.end))) return;
  }

  /** Not waited for: what waits meanwhile may be the stream that the delivery depends on. */
  reply(bytes: Uint8Array): void {
    const sent: Promise<void> = this.up.reply(bytes).then(() => void this.#replies.delete(sent));
    this.#replies.add(sent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const reason = new BridgeError('stopping', 'The session was closed.', { mayHaveRun: true });
    this.listens.close(reason);
    for (const call of [...this.#calls.values()]) call.cancel(reason);
    await this.up[Symbol.asyncDispose]();
  }
}
