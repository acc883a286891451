import { setImmediate as turn } from 'node:timers/promises';
import type { RequestMessage } from '#bridge/jsonrpc/message.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { Reply } from '#bridge/relay/channel.ts';
import { Listen } from '#bridge/relay/modern/listen.ts';
import type { OnUpMessage } from '#bridge/upstream/channel.ts';
import { BridgeError } from '#contract/errors.ts';
import { readRequest } from './messages.ts';

export const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';

/** One listen at a workspace, whose every message the test writes itself. */
export interface UpListen {
  readonly message: RequestMessage;
  readonly signal: AbortSignal;
  /** Resolves when the bridge wants the next one. */
  say(message: object, status?: number): Promise<void>;
  breaks(): void;
  closes(): void;
}

interface Rest {
  readonly ms: number;
  readonly signal: AbortSignal;
  over(): void;
}

/** One client's listen between a scripted workspace and a scripted client. */
export class ListenStage {
  readonly listen: Listen;
  readonly ups: UpListen[] = [];
  readonly rests: Rest[] = [];
  /** All that went down, in order. */
  readonly down: string[] = [];
  /** How the reply ended: its answer, or nothing. */
  readonly endings: { answer: string | null; status?: number | undefined }[] = [];
  readonly gone = new AbortController();
  /** A client that does not read: events go out, and the next one has to wait for this. */
  reading: Promise<void> | undefined;
  running: Promise<void> = Promise.resolve();

  constructor(notifications: unknown, id = '"l1"') {
    const params = JSON.stringify({ _meta: { 'io.modelcontextprotocol/x': 1 }, notifications });
    const text = `{"jsonrpc":"2.0","id":${id},"method":"subscriptions/listen","params":${params}}`;
    const reply: Reply = {
      resumable: true,
      gone: this.gone.signal,
      event: ({ data }) => {
        this.down.push(Buffer.from(data ?? []).toString());
        return this.reading;
      },
      answer: (body, how) => void this.#ends(Buffer.from(body).toString(), how?.status),
      end: () => this.#ends(null),
    };
    this.listen = new Listen({
      message: readRequest(text),
      reply,
      carry: (message, signal, onMessage) => this.#carry(message, signal, onMessage),
      pause: (ms, signal) => this.#pause(ms, signal),
    });
  }

  #ends(answer: string | null, status?: number): void {
    this.endings.push({ answer, status });
  }

  #carry(message: RequestMessage, signal: AbortSignal, onMessage: OnUpMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    this.ups.push({
      message,
      signal,
      say: async (said, status) => {
        const read = readMessage(Buffer.from(JSON.stringify(said)));
        if (read.kind === 'refused') throw new Error(read.because);
        await onMessage({ message: read, streamed: status === undefined, ...(status && { status }) });
        if (read.kind === 'response') resolve();
      },
      breaks: () => reject(new BridgeError('unreachable', 'It broke.')),
      closes: resolve,
    });
    return promise;
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    this.rests.push({ ms, signal, over: resolve });
    return promise;
  }

  /** Starts it; the workspace hears of it. */
  async run(): Promise<UpListen> {
    this.running = this.listen.run();
    await this.settled();
    return this.up;
  }

  /** The latest listen at the workspace. */
  get up(): UpListen {
    const up = this.ups.at(-1);
    if (!up) throw new Error('nothing was opened');
    return up;
  }

  /** Those that were not withdrawn. */
  get open(): UpListen[] {
    return this.ups.filter(({ signal }) => !signal.aborted);
  }

  /** The rests between two tries; the first of all is for the acknowledgement. */
  get between(): readonly Rest[] {
    return this.rests.slice(1);
  }

  /** Ends the latest rest. */
  async rested(): Promise<void> {
    this.rests.at(-1)?.over();
    await this.settled();
  }

  async settled(): Promise<void> {
    for (let nth = 0; nth < 3; nth += 1) await turn();
  }

  /** What went down since it was asked last, in short: a method with its URI. */
  heard(): string[] {
    return this.down.splice(0).map((text) => {
      const { method, params } = JSON.parse(text) as { method: string; params: { uri?: string } };
      return params.uri === undefined ? method : `${method} ${params.uri}`;
    });
  }

  async acknowledge(notifications: object, up = this.up): Promise<void> {
    await up.say(acknowledgement(notifications));
    await this.settled();
  }
}

export function acknowledgement(notifications: object): object {
  return {
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications, _meta: { [SUBSCRIPTION]: 'l1' } },
  };
}

export function changed(group: string, more: object = {}): object {
  const params = { ...more, _meta: { [SUBSCRIPTION]: 'l1' } };
  return { jsonrpc: '2.0', method: `notifications/${group}/list_changed`, params };
}
