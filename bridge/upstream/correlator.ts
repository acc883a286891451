import { isRecord } from '../base/record.ts';
import type { Message } from '../jsonrpc/message.ts';
import { idKey, readMessage } from '../jsonrpc/read.ts';
import { partsOf, withReadableError } from './answers.ts';
import type { OnUpMessage, UpMessage, UpRequest } from './channel.ts';
import { meta } from './modern/envelope.ts';

interface Waiting {
  readonly request: UpRequest;
  readonly progressToken: string | undefined;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

const MOST_UNHEARD = 256;

/**
 * Finds the request that a message belongs to, on transports where everything shares one stream (a local command,
 * HTTP+SSE). Messages that belong to no request go to the listener, or wait for one.
 */
export class Correlator {
  readonly #waiting = new Map<string, Waiting>();
  readonly #ended: (() => void)[] = [];
  #listener: OnUpMessage | undefined;
  #unheard: UpMessage[] = [];
  #failure: Error | undefined;

  /** Resolves when the answer to `request` has been handed over; rejects when the transport fails or it is aborted. */
  async expect(request: UpRequest, send: () => Promise<void>): Promise<void> {
    if (this.#failure) throw this.#failure;
    request.signal.throwIfAborted();
    const key = idKey(request.id);
    const { promise: answered, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { request, progressToken: progressTokenOf(request.bytes), resolve, reject };
    this.#waiting.set(key, waiting);
    const onAbort = (): void => reject(request.signal.reason);
    request.signal.addEventListener('abort', onAbort);
    try {
      // An answer that is there counts, even if sending the request seems to have failed.
      await Promise.race([answered, send().then(() => answered)]);
    } finally {
      request.signal.removeEventListener('abort', onAbort);
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    }
  }

  /** Messages off the wire. Unreadable ones are dropped; they cannot be told to belong to anybody. Never rejects. */
  async receive(bytes: Uint8Array): Promise<void> {
    for (const part of partsOf(readMessage(bytes))) {
      if (part.kind === 'response') await this.#answer(part);
      else if (part.kind !== 'refused') await this.#pass(part);
    }
  }

  async #answer(message: Extract<Message, { kind: 'response' }>): Promise<void> {
    const key = message.id === null ? undefined : idKey(message.id);
    const waiting = key === undefined ? undefined : this.#waiting.get(key);
    if (key === undefined || !waiting) return;
    // Taken out first, so that a second answer finds nobody.
    this.#waiting.delete(key);
    try {
      await waiting.request.onMessage({ message: withReadableError(message), streamed: false });
      waiting.resolve();
    } catch (error) {
      waiting.reject(error);
    }
  }

  async #pass(message: Extract<Message, { kind: 'request' | 'notification' }>): Promise<void> {
    const heard = this.#ownerOf(message)?.request.onMessage ?? this.#listener;
    if (heard) await offer(heard, { message, streamed: true });
    else if (this.#unheard.length < MOST_UNHEARD) this.#unheard.push({ message, streamed: true });
  }

  #ownerOf({ method, params }: Extract<Message, { kind: 'request' | 'notification' }>): Waiting | undefined {
    if (method !== 'notifications/progress') {
      const listen = isRecord(params._meta) ? params._meta[meta.subscriptionId] : undefined;
      return listen === undefined ? undefined : this.#waiting.get(JSON.stringify(listen));
    }
    const key = JSON.stringify(params.progressToken);
    if (key === undefined) return undefined;
    for (const waiting of this.#waiting.values()) if (waiting.progressToken === key) return waiting;
    return undefined;
  }

  /** Hands over what belongs to no request until `signal` aborts or the transport fails. */
  async listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    this.#listener = onMessage;
    for (const message of this.#unheard.splice(0)) await offer(onMessage, message);
    if (!signal.aborted && !this.#failure) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const onAbort = (): void => resolve();
      signal.addEventListener('abort', onAbort);
      this.#ended.push(resolve);
      await promise;
      signal.removeEventListener('abort', onAbort);
    }
    if (this.#listener === onMessage) this.#listener = undefined;
  }

  /** What waits now fails with this error; later requests may go well. */
  rejectWaiting(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
  }

  /** The transport is gone: everything that waits fails with this error, and so does everything from now on. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.rejectWaiting(error);
    for (const end of this.#ended.splice(0)) end();
  }
}

/** The stream is shared, so a receiver that fails must not end it for the others. */
async function offer(onMessage: OnUpMessage, message: UpMessage): Promise<void> {
  try {
    await onMessage(message);
  } catch {
    // Nobody heard it; a notification has no answer that could be missed.
  }
}

function progressTokenOf(bytes: Uint8Array): string | undefined {
  const message = readMessage(bytes);
  if (message.kind !== 'request') return undefined;
  const meta = message.params._meta;
  if (typeof meta !== 'object' || meta === null || !('progressToken' in meta)) return undefined;
  return JSON.stringify(meta.progressToken);
}
