import { silentLog } from '#bridge/base/log.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import { ModernOverLegacy } from '#bridge/relay/modern-over-legacy/channel.ts';
import { connect } from '#bridge/upstream/connect.ts';
import { WorkspaceHttp } from '#bridge/upstream/http.ts';
import type { Upstream } from '#contract/account.ts';
import { collect, collectError } from '../../canary/collect.ts';
import { workspaceAt } from '../../upstream/asking.ts';
import type { Heard } from '../seat.ts';

/** What one modern request says besides its method and params. */
export interface Said {
  readonly capabilities?: object;
  readonly logLevel?: string;
  readonly token?: string | number;
  /** Further members of `_meta`; undefined ones leave out what is there otherwise. */
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly id?: string;
  readonly signal?: AbortSignal;
  readonly paramHeaders?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: Heard) => void;
  /** Runs as soon as the answer is there. */
  readonly onAnswer?: () => void;
}

/** What came of one modern request. */
export interface Told {
  readonly answer: Heard;
  /** The answer as it came. */
  readonly text: string;
  readonly status: number | undefined;
  readonly events: readonly Heard[];
}

/** What a client can do that answers everything. */
export const ABLE = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

/** A modern client in memory before a workspace of MCP 2025-11-25. */
export class ModernClient implements AsyncDisposable {
  readonly http = new WorkspaceHttp();
  readonly channel: ModernOverLegacy;
  /** Channels besides the first. */
  connected = 0;
  #nextId = 1;

  constructor(upstream: string | Upstream) {
    const workspace = workspaceAt(upstream);
    this.channel = new ModernOverLegacy({
      workspace,
      first: connect(workspace, this.http),
      connect: (to) => {
        this.connected += 1;
        return connect(to, this.http);
      },
      bridgeVersion: '0.0.0',
      log: silentLog,
    });
  }

  /** Sends one request. @throws what the channel throws. */
  async ask(method: string, params: object = {}, said: Said = {}): Promise<Told> {
    const id = said.id ?? String(this.#nextId);
    this.#nextId += 1;
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': said.capabilities ?? ABLE,
      'io.modelcontextprotocol/clientInfo': { name: 'modern', version: '1' },
      ...(said.logLevel === undefined ? {} : { 'io.modelcontextprotocol/logLevel': said.logLevel }),
      ...(said.token === undefined ? {} : { progressToken: said.token }),
      ...said.meta,
    };
    const rest = JSON.stringify({ method, params: { ...params, _meta: meta } }).slice(1);
    const message = readMessage(Buffer.from(`{"jsonrpc":"2.0","id":${id},${rest}`));
    if (message.kind !== 'request') throw new Error('That is no request.');
    const events: Heard[] = [];
    let told: Told | undefined;
    try {
      await this.channel.request({
        message,
        paramHeaders: said.paramHeaders,
        repeatable: method !== 'tools/call',
        signal: said.signal ?? new AbortController().signal,
        onMessage: ({ message: heard, status }) => {
          if (told || !heard || heard.kind === 'batch') throw new Error('Something came after the answer.');
          collect('message to the client', heard.text.slice(0, 1 << 20));
          const parsed = JSON.parse(heard.text) as Heard;
          if (heard.kind === 'response') {
            told = { answer: parsed, text: heard.text, status, events };
            said.onAnswer?.();
          } else {
            events.push(parsed);
            said.onEvent?.(parsed);
          }
        },
      });
    } catch (error) {
      collectError('trouble', error);
      throw error;
    }
    if (!told) throw new Error('There was no answer.');
    return told;
  }

  call(name: string, given: object = {}, said: Said = {}): Promise<Told> {
    return this.ask('tools/call', { name, arguments: given }, said);
  }

  /** Says the same call again, with answers to what was asked. */
  answer(name: string, given: object, asked: Told, answers: object, said: Said = {}): Promise<Told> {
    const { requestState } = asked.answer.result ?? {};
    return this.ask('tools/call', { name, arguments: given, inputResponses: answers, requestState }, said);
  }

  /** Opens a listen; it is acknowledged when this resolves. */
  async listen(notifications: object, said: Said = {}): Promise<Listening> {
    const listening = new Listening();
    const signal = listening.signal;
    const asked = this.ask(
      'subscriptions/listen',
      { notifications },
      { ...said, signal, onEvent: (event) => listening.hear(event) },
    );
    listening.ended = asked.then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([listening.until(({ method }) => method?.endsWith('acknowledged') === true), asked]);
    return listening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.channel[Symbol.asyncDispose]();
    await this.http[Symbol.asyncDispose]();
  }
}

/** A listen of a client. */
export class Listening {
  readonly heard: Heard[] = [];
  ended: Promise<void> = Promise.resolve();
  readonly #leaving = new AbortController();
  #waiters: { test: (heard: Heard) => boolean; resolve: (heard: Heard) => void }[] = [];

  get signal(): AbortSignal {
    return this.#leaving.signal;
  }

  hear(event: Heard): void {
    this.heard.push(event);
    for (const { test, resolve } of this.#waiters) if (test(event)) resolve(event);
  }

  /** The first event that passes, heard already or to come. */
  async until(test: (heard: Heard) => boolean): Promise<Heard> {
    const past = this.heard.find((event) => test(event));
    return past ?? new Promise((resolve) => this.#waiters.push({ test, resolve }));
  }

  async leave(): Promise<void> {
    this.#leaving.abort(new Error('The client left.'));
    await this.ended;
  }
}

/** The text of a tool's answer. */
export function said({ answer }: Told): string {
  const content = answer.result?.content as { text: string }[] | undefined;
  return content?.map(({ text }) => text).join('') ?? `error ${answer.error?.code}: ${answer.error?.message}`;
}

interface Asked {
  readonly method: string;
  readonly params?: Record<string, unknown>;
}

/** What the client is asked, by key. */
export function questionsIn({ answer }: Told): Record<string, Asked> {
  return (answer.result?.inputRequests ?? {}) as Record<string, Asked>;
}

/** A form filled in. */
export function filled(answer: string): object {
  return { action: 'accept', content: { answer } };
}
