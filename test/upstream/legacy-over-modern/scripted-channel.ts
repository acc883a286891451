import type { Message } from '#bridge/jsonrpc/message.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import { notificationOf, requestOf } from '#bridge/jsonrpc/write.ts';
import type { OnUpMessage } from '#bridge/upstream/channel.ts';
import { LegacyOverModern } from '#bridge/upstream/legacy-over-modern/channel.ts';
import type { ModernChannel, ModernRequest } from '#bridge/upstream/modern/channel.ts';
import type { Workspace } from '#bridge/upstream/workspace.ts';
import { accountFor, type Heard } from '../../relay/seat.ts';

export const VERSION = 'io.modelcontextprotocol/protocolVersion';
export const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
export const LEVEL = 'io.modelcontextprotocol/logLevel';
export const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';

/** Everything a workspace can offer that a session may hear of. */
export const OFFERED = {
  tools: { listChanged: true },
  prompts: {},
  resources: { listChanged: true, subscribe: true },
};

/** One request as it came to the workspace, and the ways to answer it. */
export interface Asked {
  readonly id: unknown;
  readonly method: string;
  readonly text: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** @param result an object, or raw JSON text. */
  answer(result: object | string): void;
  fail(code: number, message: string, data?: object): void;
  tell(method: string, params?: object): Promise<void>;
  /** Asks by a request, which no workspace of this era may. */
  demand(method: string): Promise<void>;
  /** There is no answer at all. */
  breakOff(error: Error): void;
}

/** A workspace without a handshake whose every answer the test writes itself. */
export class ScriptedChannel implements ModernChannel {
  readonly era = 'modern';
  readonly asked: Asked[] = [];
  isDisposed = false;
  readonly #script: (asked: Asked) => void;
  readonly #waiting: { readonly count: number; readonly method: string; resolve(asked: Asked): void }[] = [];

  constructor(script: (asked: Asked) => void) {
    this.#script = script;
  }

  async request({ message, signal, onMessage }: ModernRequest): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => reject(signal.reason));
    const answered = (body: string): void => {
      hand(onMessage, `{"jsonrpc":"2.0","id":${message.id},${body}}`).then(resolve, reject);
    };
    const { params } = message;
    const asked: Asked = {
      id: JSON.parse(message.id),
      method: message.method,
      text: message.text,
      params,
      meta: params._meta as Record<string, unknown>,
      signal,
      answer: (result) =>
        answered(`"result":${typeof result === 'string' ? result : JSON.stringify(result)}`),
      fail: (code, text, data) => answered(`"error":${JSON.stringify({ code, message: text, data })}`),
      tell: (method, given) => hand(onMessage, notificationOf(method, given).toString()),
      demand: (method) => hand(onMessage, requestOf('0', method, '{}').toString()),
      breakOff: reject,
    };
    this.asked.push(asked);
    this.#script(asked);
    for (const waiting of this.#waiting) {
      const found = this.of(waiting.method);
      if (found.length === waiting.count) waiting.resolve(asked);
    }
    await promise;
  }

  of(method: string): Asked[] {
    return this.asked.filter((asked) => asked.method === method);
  }

  /** The request of this method that is the `count`th. */
  async nth(method: string, count: number): Promise<Asked> {
    const found = this.of(method)[count - 1];
    if (found) return found;
    return new Promise((resolve) => this.#waiting.push({ count, method, resolve }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
  }
}

async function hand(onMessage: OnUpMessage, text: string): Promise<void> {
  const message = readMessage(Buffer.from(text));
  if (message.kind === 'refused') throw new Error(message.because);
  await onMessage({ message, streamed: message.kind !== 'response' });
}

const account = accountFor('http://127.0.0.1:9/mcp', 'scripted');

export const workspace: Workspace = {
  account,
  headers: async () => ({}),
  withoutSecrets: (text) => text,
  observe: () => undefined,
};

/** A client session on a scripted workspace. */
export class Scene {
  readonly up: ScriptedChannel;
  readonly channel: LegacyOverModern;
  /** What came on the streams of requests besides answers. */
  readonly heard: Heard[] = [];
  /** How long was waited before something was tried again; every wait is over at once. */
  readonly pauses: number[] = [];
  /** Answers a question of the workspace; undefined leaves it open. */
  onQuestion: (question: Heard) => object | undefined = () => undefined;
  /** Holds up what is tried again. */
  onPause: () => Promise<void> = async () => undefined;
  /** What a probe finds out. */
  isStillModern = true;
  /** Answers instead of a workspace that was asked what it is. */
  onDiscover: (asked: Asked) => void;
  #nextId = 1;

  constructor(script: (asked: Asked) => void, capabilities: object = OFFERED) {
    this.up = new ScriptedChannel((asked) => {
      if (asked.method === 'server/discover') this.onDiscover(asked);
      else script(asked);
    });
    this.onDiscover = (asked) => asked.answer(discovered(capabilities));
    this.channel = new LegacyOverModern({
      workspace,
      channel: this.up,
      isStillModern: async () => this.isStillModern,
      pause: async (ms, signal) => {
        this.pauses.push(ms);
        await this.onPause();
        signal.throwIfAborted();
      },
    });
  }

  async greet(capabilities: object = {}): Promise<Heard> {
    const clientInfo = { name: 'scene', version: '1' };
    return this.ask('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo });
  }

  async ask(
    method: string,
    params?: object,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Heard> {
    return this.raw(method, params && JSON.stringify(params), signal);
  }

  /** @returns the answer; there is never more than one. */
  async raw(
    method: string,
    params: string | undefined,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Heard> {
    const id = String(this.#nextId);
    this.#nextId += 1;
    const answers: Heard[] = [];
    await this.channel.request({
      bytes: requestOf(id, method, params),
      id,
      method,
      repeatable: true,
      signal,
      onMessage: ({ message }) => {
        const heard = JSON.parse(textOf(message)) as Heard;
        if (message?.kind === 'response') answers.push(heard);
        else this.#take(heard);
      },
    });
    if (answers.length !== 1 || answers[0]?.id !== Number(id)) throw new Error('not answered once');
    return answers[0];
  }

  #take(heard: Heard): void {
    this.heard.push(heard);
    const reply = heard.id === undefined ? undefined : this.onQuestion(heard);
    if (reply) void this.reply({ jsonrpc: '2.0', id: heard.id, ...reply });
  }

  async reply(message: object): Promise<void> {
    await this.channel.send(Buffer.from(JSON.stringify(message)));
  }
}

function textOf(message: Message | undefined): string {
  return message === undefined || message.kind === 'batch' || message.kind === 'refused'
    ? '{}'
    : message.text;
}

export function discovered(capabilities: object): object {
  return {
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities,
    ttlMs: 60_000,
    cacheScope: 'public',
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'scripted', version: '1' } },
  };
}
