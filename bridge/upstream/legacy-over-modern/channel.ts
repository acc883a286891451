import { isRecord } from '../../base/record.ts';
import { pause } from '../../base/tasks.ts';
import { hostOf } from '../../contract/account.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND, readMessage } from '../../jsonrpc/read.ts';
import { errorOf, requestOf, resultOf, resultText, withId } from '../../jsonrpc/write.ts';
import {
  type ExchangeEnd,
  type OnUpMessage,
  SessionLost,
  type UpChannel,
  type UpRequest,
} from '../channel.ts';
import { EraChanged, type ModernChannel } from '../modern/channel.ts';
import { MODERN_VERSIONS, VERSION_UNSUPPORTED } from '../modern/envelope.ts';
import { troubleOf, type Workspace } from '../workspace.ts';
import { type Client, enveloped, readClient } from './envelope.ts';
import { Listening } from './listening.ts';
import { OpenQuestions } from './open-questions.ts';
import { carry, requestFrom, responseFrom } from './rounds.ts';
import { knownVersion, welcomeOf } from './welcome.ts';

const COMPLETE: ExchangeEnd = { kind: 'complete' };
/** RFC 5424 severities (MCP 2025-11-25, logging). */
const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

export interface LegacyOverModernParts {
  readonly workspace: Workspace;
  readonly channel: ModernChannel;
  /** Asked when the workspace answered as one of the older era does; a gateway may have done so. */
  isStillModern(signal: AbortSignal): Promise<boolean>;
  /** Waits before something is tried again; rejects with the signal's reason. */
  pause?(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * A session with a handshake (MCP 2025-11-25 and older) on a workspace that knows none (MCP 2026-07-28). What the
 * session would hold up there is held here: who the client is, its log level, its subscriptions, its open questions.
 * There is no session that could be lost; `SessionLost` means that the workspace speaks another era by now, which a new
 * handshake finds out.
 */
export class LegacyOverModern implements UpChannel {
  protocolVersion: string | undefined;
  #version: string | undefined;
  #client: Client = { capabilities: '{}', info: undefined };
  /** What the client said it can do, for looking. */
  #capabilities: Readonly<Record<string, unknown>> = {};
  #logLevel: string | undefined;
  #nextId = 1;
  readonly #workspace: Workspace;
  readonly #channel: ModernChannel;
  readonly #pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #isStillModern: (signal: AbortSignal) => Promise<boolean>;
  readonly #questions = new OpenQuestions();
  readonly #listening: Listening;
  readonly #closing = new AbortController();

  constructor(parts: LegacyOverModernParts) {
    this.#workspace = parts.workspace;
    this.#channel = parts.channel;
    this.#pause = parts.pause ?? pause;
    this.#isStillModern = (signal) => parts.isStillModern(signal);
    this.#listening = new Listening({
      workspace: parts.workspace,
      channel: parts.channel,
      request: (wanted) => {
        const params = JSON.stringify({ notifications: wanted });
        return this.#enveloped(requestOf(this.#freshId(), 'subscriptions/listen', params).toString());
      },
      pause: this.#pause,
    });
  }

  get spokenVersion(): string | undefined {
    return this.#version;
  }

  async request(request: UpRequest): Promise<ExchangeEnd> {
    const message = readMessage(request.bytes);
    if (message.kind !== 'request') throw new BridgeError('internal', 'This is no request.');
    const signal = AbortSignal.any([request.signal, this.#closing.signal]);
    signal.throwIfAborted();
    const answer = await this.#locally(message, { ...request, signal });
    if (answer) await request.onMessage({ message: responseFrom(answer), streamed: false });
    else if (answer === undefined) await this.#carry(message, { ...request, signal });
    return COMPLETE;
  }

  /** Answers what the workspace does not know; undefined when it has to be asked, null when it was answered already. */
  async #locally(message: RequestMessage, request: UpRequest): Promise<Uint8Array | null | undefined> {
    const { id, params } = message;
    switch (message.method) {
      case 'initialize':
        await this.#initialize(message, request);
        return null;
      case 'ping':
        return resultOf(id, '{}');
      case 'logging/setLevel': {
        const level = LEVELS.find((known) => known === params.level);
        if (level === undefined) return errorOf(id, INVALID_PARAMS, 'This log level is not known.');
        this.#logLevel = level;
        return resultOf(id, '{}');
      }
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        return this.#subscribe(message, request.signal);
      case 'subscriptions/listen':
      case 'server/discover':
        return errorOf(id, METHOD_NOT_FOUND, 'Method not found');
      default:
        return undefined;
    }
  }

  /** The handshake: what the client says is kept for every request; what the workspace is, it tells when asked. */
  async #initialize(message: RequestMessage, request: UpRequest): Promise<void> {
    const { capabilities, protocolVersion } = message.params;
    this.#client = readClient(message.text);
    this.#capabilities = isRecord(capabilities) ? capabilities : {};
    let version: string = MODERN_VERSIONS[0];
    let answer = await this.#discover(version, request);
    if (answer.error?.code === VERSION_UNSUPPORTED) {
      const { data } = answer.error;
      const other = isRecord(data) ? knownVersion(data.supported) : undefined;
      if (other !== undefined && other !== version) {
        version = other;
        answer = await this.#discover(version, request);
      }
    }
    if (answer.error) {
      await request.onMessage({ message: responseFrom(withId(answer, message.id)), streamed: false });
      return;
    }
    const { account } = this.#workspace;
    const discovered = resultText(answer);
    const { result } = answer;
    const supported = isRecord(result) ? result.supportedVersions : undefined;
    const spoken = supported === undefined ? version : knownVersion(supported);
    if (discovered === undefined || !isRecord(result) || spoken === undefined) {
      const text = `${hostOf(account)} does not say what it offers in a way that Gangway knows. Check the address.`;
      throw troubleOf(account, 'bad-answer', text);
    }
    this.#version = spoken;
    this.#listening.offered(isRecord(result.capabilities) ? result.capabilities : {});
    const welcome = welcomeOf(discovered, protocolVersion, hostOf(account));
    await request.onMessage({
      message: responseFrom(resultOf(message.id, welcome)),
      streamed: false,
    });
  }

  async #discover(version: string, { signal, onMessage }: UpRequest): Promise<ResponseMessage> {
    this.#version = version;
    let answer: ResponseMessage | undefined;
    const message = this.#enveloped(requestOf(this.#freshId(), 'server/discover', '{}').toString());
    await this.#channel.request({
      message,
      repeatable: true,
      signal,
      onMessage: async (heard) => {
        if (heard.message?.kind === 'response') answer = heard.message;
        else if (heard.message?.kind === 'notification') await onMessage(heard);
      },
    });
    if (answer) return answer;
    const { account } = this.#workspace;
    throw troubleOf(account, 'bad-answer', 'The workspace broke off before it answered. Try again.');
  }

  async #subscribe(message: RequestMessage, signal: AbortSignal): Promise<Uint8Array> {
    const { id, params } = message;
    if (typeof params.uri !== 'string') return errorOf(id, INVALID_PARAMS, 'The uri is missing.');
    if (message.method === 'resources/unsubscribe') {
      await this.#listening.unsubscribe(params.uri, signal);
      return resultOf(id, '{}');
    }
    if (await this.#listening.subscribe(params.uri, signal)) return resultOf(id, '{}');
    const text = 'The workspace does not tell of changes of this resource.';
    return errorOf(id, INVALID_PARAMS, text, { uri: params.uri });
  }

  async #carry(message: RequestMessage, { signal, onMessage, repeatable }: UpRequest): Promise<void> {
    const { text } = this.#enveloped(message.text);
    const parts = {
      workspace: this.#workspace,
      channel: this.#channel,
      questions: this.#questions,
      capabilities: this.#capabilities,
      nextId: () => this.#freshId(),
      pause: this.#pause,
    };
    try {
      await carry({ text, id: message.id, method: message.method, repeatable, signal, onMessage }, parts);
    } catch (error) {
      if (!(error instanceof EraChanged)) throw error;
      if (await this.#isStillModern(signal).catch(() => true)) throw error.cause ?? error;
      throw new SessionLost();
    }
  }

  #enveloped(text: string): RequestMessage {
    const { capabilities, info } = this.#client;
    const version = this.#version ?? MODERN_VERSIONS[0];
    const request = enveloped(text, { version, capabilities, info, logLevel: this.#logLevel });
    return requestFrom(request, this.#workspace);
  }

  #freshId(): string {
    const id = `"gangway-${this.#nextId}"`;
    this.#nextId += 1;
    return id;
  }

  /**
   * Takes the client's answers to questions. Its notifications have no meaning up there; a request is withdrawn by its
   * signal.
   */
  async send(bytes: Uint8Array): Promise<void> {
    const message = readMessage(bytes);
    if (message.kind === 'response') this.#questions.answer(message);
  }

  async listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    await this.#listening.run(onMessage, AbortSignal.any([signal, this.#closing.signal]));
  }

  /** Streams of this era cannot be continued. */
  resume(): Promise<ExchangeEnd> {
    return Promise.reject(new SessionLost());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { account } = this.#workspace;
    this.#closing.abort(troubleOf(account, 'stopping', 'The session was closed.', { mayHaveRun: true }));
    await this.#channel[Symbol.asyncDispose]();
  }
}
