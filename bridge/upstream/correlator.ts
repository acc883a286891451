import { idKey, readMessage } from '../jsonrpc/read.ts';
import type { OnUpMessage, UpMessage, UpRequest } from './channel.ts';

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
  #listener: OnUpMessage | undefined;
  #unheard: UpMessage[] = [];
  #failure: Error | undefined;

  /** Resolves when the answer to `request` has been handed over; rejects when the transport fails or it is aborted. */
  async expect(request: UpRequest, send: () => Promise<void>): Promise<void> {
    if (this.#failure) throw this.#failure;
    request.signal.throwIfAborted();
    const key = idKey(request.id);
    const answered = new Promise<void>((resolve, reject) => {
      this.#waiting.set(key, { request, progressToken: progressTokenOf(request.bytes), resolve, reject });
    });
    const onAbort = (): void => this.#waiting.get(key)?.reject(request.signal.reason);
    request.signal.addEventListener('abort', onAbort);
    try {
      await Promise.all([send(), answered]);
    } finally {
      request.signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(key);
    }
  }

  /** One message off the wire. Unreadable ones are dropped; they cannot be told to belong to anybody. */
  async receive(bytes: Uint8Array): Promise<void> {
    const message = readMessage(bytes);
    if (message.kind === 'refused') return;
    if (message.kind === 'batch') {
      for (const part of message.messages) if (part.kind !== 'refused') await this.receive(part.bytes);
      return;
    }
    if (message.kind === 'response') {
      const waiting = message.id === null ? undefined : this.#waiting.get(idKey(message.id));
      if (!waiting) return;
      await waiting.request.onMessage({ message, streamed: false });
      waiting.resolve();
      return;
    }
    const owner =
      message.method === 'notifications/progress' ? this.#ownerOf(message.params.progressToken) : undefined;
    const heard = owner?.request.onMessage ?? this.#listener;
    if (heard) await heard({ message, streamed: true });
    else if (this.#unheard.length < MOST_UNHEARD) this.#unheard.push({ message, streamed: true });
  }

  #ownerOf(token: unknown): Waiting | undefined {
    const key = JSON.stringify(token);
    for (const waiting of this.#waiting.values()) if (waiting.progressToken === key) return waiting;
    return undefined;
  }

  /** Hands over what belongs to no request until `signal` aborts or the transport fails. */
  async listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    this.#listener = onMessage;
    for (const message of this.#unheard.splice(0)) await onMessage(message);
    if (signal.aborted || this.#failure) return;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.#ended.push(resolve);
    });
    this.#listener = undefined;
  }

  readonly #ended: (() => void)[] = [];

  /** The transport is gone: everything that waits fails with this error, and so does everything from now on. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    for (const end of this.#ended.splice(0)) end();
  }
}

function progressTokenOf(bytes: Uint8Array): string | undefined {
  const message = readMessage(bytes);
  if (message.kind !== 'request') return undefined;
  const meta = message.params._meta;
  if (typeof meta !== 'object' || meta === null || !('progressToken' in meta)) return undefined;
  return JSON.stringify(meta.progressToken);
}
