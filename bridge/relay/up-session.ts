import { setImmediate as turn } from 'node:timers/promises';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { isRecord } from '../base/record.ts';
import { hostOf } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import type { ResponseMessage } from '../jsonrpc/message.ts';
import { requestOf, resultText } from '../jsonrpc/write.ts';
import {
  type ExchangeEnd,
  type OnUpMessage,
  SessionLost,
  type UpChannel,
  type UpRequest,
} from '../upstream/channel.ts';
import { troubleOf, type Workspace } from '../upstream/workspace.ts';
import { cleaned } from './cleaned.ts';
import { type Greeting, type Group, groupsOf, type Welcome } from './greeting.ts';

/** How often one request may find its session lost. */
const MOST_RENEWALS = 3;

/** The workspace answered `initialize` with a JSON-RPC error of its own. */
export class GreetingRefused extends Error {
  readonly answer: ResponseMessage;

  constructor(answer: ResponseMessage) {
    super('The workspace refused the handshake.');
    this.name = 'GreetingRefused';
    this.answer = answer;
  }
}

export interface UpSessionParts {
  readonly workspace: Workspace;
  readonly greeting: Greeting;
  /** A fresh channel to the workspace. */
  connect(workspace: Workspace): UpChannel;
  /** Messages that belong to no request of the client. */
  onPush(message: Parameters<OnUpMessage>[0]): void | Promise<void>;
  /** The workspace forgot the session; its open questions are void. */
  onLost(): void;
  /** Raw params texts of requests that restore what the client set up: `[method, params]`. */
  remembered(): Iterable<readonly [method: string, params: string]>;
  readonly log: Log;
}

/**
 * One workspace session as one account on behalf of one client session. It is opened by replaying the client's own
 * `initialize`, and opened again without the client noticing when the workspace forgets it (MCP 2025-11-25,
 * transports, session management: a 404 asks for a new `initialize`).
 */
export class UpSession implements AsyncDisposable {
  readonly key: string;
  readonly workspace: Workspace;
  /** Requests that are bound to it and have not ended; a retired session is closed when the last one has. */
  running = 0;
  retired = false;
  readonly #parts: UpSessionParts;
  readonly #closing = new AbortController();
  #channel: UpChannel;
  /** Channels whose session the workspace forgot. */
  readonly #lost = new WeakSet<UpChannel>();
  /** The channel of a new session while it is being opened. */
  #fresh: UpChannel | undefined;
  #generation = 0;
  /** The generation that was told that the client is ready. */
  #settled: number | undefined;
  #renewing: Promise<void> | undefined;
  #welcome: Welcome | undefined;
  /** The client is ready, so every session must hear so. */
  #isConfirmed = false;
  #confirming: Promise<void> | undefined;
  #listening = new AbortController();
  #nextId = 1;

  constructor(key: string, parts: UpSessionParts) {
    this.key = key;
    this.workspace = parts.workspace;
    this.#parts = parts;
    this.#channel = parts.connect(parts.workspace);
  }

  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  offers(group: Group): boolean {
    return this.#welcome !== undefined && groupsOf(this.#welcome).has(group);
  }

  /**
   * Shakes hands with the workspace.
   * @throws GreetingRefused when it answers with an error of its own; BridgeError when it cannot be reached or refuses.
   */
  async open(signal: AbortSignal): Promise<Welcome> {
    this.#welcome = await this.#greet(this.#channel, AbortSignal.any([signal, this.#closing.signal]));
    return this.#welcome;
  }

  /** Tells the workspace that the client is ready, restores what the client had set up, and starts listening. */
  async confirm(): Promise<void> {
    this.#isConfirmed = true;
    const settled = (): Promise<void> => this.#settle(this.#generation);
    this.#confirming ??= this.#withRenewal(this.#closing.signal, settled).catch((error: unknown) => {
      this.#confirming = undefined;
      throw error;
    });
    await this.#confirming;
  }

  /** Forwards a request; a session that the workspace forgot is opened again and the request sent once more. */
  async request(request: UpRequest): Promise<ExchangeEnd> {
    return this.#withRenewal(request.signal, () => {
      const channel = this.#channel;
      return channel.request({ ...request, onMessage: this.#unlessLost(channel, request.onMessage) });
    });
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const both = AbortSignal.any([signal, this.#closing.signal]);
    await this.#withRenewal(both, () => this.#channel.send(bytes, both));
  }

  /**
   * Answers a question of the workspace. The answer is lost with the session that asked: a new one counts its questions
   * from the start and would take it for the answer to another. It waits for no renewal, because a renewal may wait
   * for the answer. Never rejects.
   */
  async reply(bytes: Uint8Array): Promise<void> {
    const { signal } = this.#closing;
    try {
      await (this.#fresh ?? this.#channel).send(bytes, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#parts.log.error('answer not delivered', error, { account: this.workspace.account.id });
    }
  }

  /** Continues a broken stream; the rest of it is lost when the workspace forgot the session meanwhile. */
  async resume(
    lastEventId: string,
    answers: string | undefined,
    onMessage: OnUpMessage,
    signal: AbortSignal,
  ): Promise<ExchangeEnd> {
    try {
      const channel = this.#channel;
      return await channel.resume(lastEventId, answers, this.#unlessLost(channel, onMessage), signal);
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error;
      throw troubleOf(
        this.workspace.account,
        'outcome-unknown',
        'The workspace ended the session before it answered. The request may or may not have been carried out.',
        { mayHaveRun: true },
        error,
      );
    }
  }

  /**
   * A stream may outlive its session. What is asked there then can never be answered: the answer would go to the new
   * session, as the one to a question of its own with the same id.
   */
  #unlessLost(channel: UpChannel, onMessage: OnUpMessage): OnUpMessage {
    return (heard) => {
      if (heard.message?.kind !== 'request' || !this.#lost.has(channel)) return onMessage(heard);
    };
  }

  async #withRenewal<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    for (let tries = 0; tries <= MOST_RENEWALS; tries += 1) {
      // While a new session is being opened there is none to use.
      await this.#renewing?.catch(() => undefined);
      const generation = this.#generation;
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof SessionLost)) throw error;
      }
      signal.throwIfAborted();
      await this.#renew(generation).catch((error: unknown) => {
        // The new session was lost as well; the next round opens another.
        if (!(error instanceof SessionLost)) throw error;
      });
    }
    const message = 'The workspace loses its sessions at once, so nothing can be sent. Try again later.';
    throw troubleOf(this.workspace.account, 'bad-answer', message);
  }

  /** Opens the session again, once for all requests that noticed the loss of this generation. */
  async #renew(generation: number): Promise<void> {
    if (generation !== this.#generation) return;
    this.#renewing ??= this.#reopen().finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  async #reopen(): Promise<void> {
    this.#parts.log.info('up session renewed', { account: this.workspace.account.id });
    this.#lost.add(this.#channel);
    this.#parts.onLost();
    const fresh = this.#parts.connect(this.workspace);
    this.#fresh = fresh;
    try {
      const welcome = await this.#greet(fresh, this.#closing.signal);
      this.#closing.signal.throwIfAborted();
      this.#welcome = welcome;
    } catch (error) {
      void fresh[Symbol.asyncDispose]();
      // There is no new session, and the old one may only have been out of reach.
      this.#lost.delete(this.#channel);
      if (!(error instanceof GreetingRefused)) throw error;
      throw troubleOf(
        this.workspace.account,
        'bad-answer',
        'The workspace refuses a new session. Try again later.',
      );
    } finally {
      this.#fresh = undefined;
    }
    const old = this.#channel;
    this.#channel = fresh;
    void old[Symbol.asyncDispose]();
    this.#generation += 1;
    if (!this.#isConfirmed) return;
    try {
      await this.#settle(this.#generation);
    } catch (error) {
      // The next request tries this part again.
      this.#confirming = undefined;
      throw error;
    }
  }

  async #greet(channel: UpChannel, signal: AbortSignal): Promise<Welcome> {
    const said = await this.#ask(channel, 'initialize', this.#parts.greeting.params, signal);
    const answer = cleaned(said, this.workspace);
    if (answer.error) throw new GreetingRefused(answer);
    const result = answer.result;
    const text = resultText(answer);
    if (!isRecord(result) || text === undefined || typeof result.protocolVersion !== 'string') {
      throw troubleOf(
        this.workspace.account,
        'bad-answer',
        'The workspace did not shake hands in MCP. Check the address.',
      );
    }
    channel.protocolVersion = result.protocolVersion;
    const capabilities = isRecord(result.capabilities) ? result.capabilities : {};
    return { result: text, version: result.protocolVersion, capabilities };
  }

  /** One request of our own; whatever else comes on its stream is a push. */
  async #ask(
    channel: UpChannel,
    method: string,
    params: string,
    signal: AbortSignal,
  ): Promise<ResponseMessage> {
    const id = `"gangway-${this.#nextId}"`;
    this.#nextId += 1;
    let answer: ResponseMessage | undefined;
    const onMessage: OnUpMessage = (heard) => {
      if (heard.message?.kind === 'response') answer = heard.message;
      else return this.#parts.onPush(heard);
    };
    const bytes = requestOf(id, method, params);
    // A stream may stay silent for as long as it likes, so nothing else would end the wait.
    const late = new AbortController();
    const message = `${hostOf(this.workspace.account)} did not finish the handshake in time. Try again later.`;
    const trouble = troubleOf(this.workspace.account, 'timeout', message);
    const timer = setTimeout(() => late.abort(trouble), limits.greetingMs).unref();
    const either = AbortSignal.any([signal, late.signal]);
    try {
      await channel.request({ bytes, id, method, repeatable: true, signal: either, onMessage });
    } finally {
      clearTimeout(timer);
    }
    if (answer) return answer;
    throw troubleOf(
      this.workspace.account,
      'bad-answer',
      'The workspace broke off before it answered. Try again.',
    );
  }

  /** Does for one generation of the session what follows the handshake, once. */
  async #settle(generation: number): Promise<void> {
    if (this.#settled === generation) return;
    const channel = this.#channel;
    const { signal } = this.#closing;
    const initialized = Buffer.from('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    this.#listening.abort();
    const listening = new AbortController();
    this.#listening = listening;
    // A connection counts as taken until the turn after its answer; without this wait each step would open another.
    await turn();
    const telling = channel.send(initialized, signal);
    // At the same time: calls wait for both, and what a workspace asks as soon as it hears this needs the stream.
    void this.#listen(channel, AbortSignal.any([signal, listening.signal]));
    try {
      await telling;
      await turn();
    } catch (error) {
      listening.abort();
      throw error;
    }
    this.#settled = generation;
    for (const [method, params] of this.#parts.remembered()) {
      // What this account does not know is left out; the client meets the error when it uses it.
      await this.#ask(channel, method, params, signal).catch(() => undefined);
    }
  }

  async #listen(channel: UpChannel, signal: AbortSignal): Promise<void> {
    const generation = this.#generation;
    try {
      await channel.listen(
        this.#unlessLost(channel, (message) => this.#parts.onPush(message)),
        signal,
      );
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SessionLost)) {
        this.#parts.log.warn('standing stream ended', { account: this.workspace.account.id });
        return;
      }
      await this.#renew(generation).catch(() => {
        this.#parts.log.warn('up session lost', { account: this.workspace.account.id });
      });
    }
  }

  /** Ends the workspace session and tells the workspace, where it can be told. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new BridgeError('stopping', 'The session was closed.'));
    await this.#channel[Symbol.asyncDispose]();
  }
}
