import { isRecord } from '../../base/record.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { METHOD_NOT_FOUND, readMessage } from '../../jsonrpc/read.ts';
import type { OnUpMessage, UpMessage } from '../channel.ts';
import type { ModernChannel } from '../modern/channel.ts';
import { meta } from '../modern/envelope.ts';
import { withoutMark } from './results.ts';

/** What a listen asks for, and what the workspace said it will tell (MCP 2026-07-28, subscriptions). */
export interface Wanted {
  readonly toolsListChanged?: true;
  readonly promptsListChanged?: true;
  readonly resourcesListChanged?: true;
  readonly resourceSubscriptions?: readonly string[];
}

/** How a listen ended: the workspace knows none, or it may be opened again. */
export type ListenEnd = { readonly kind: 'unknown' } | { readonly kind: 'over'; readonly because: unknown };

/** One `subscriptions/listen`, open from its construction until it is closed or ends by itself. */
export class ListenStream {
  /** The resources whose changes the workspace will tell; rejects when the listen ends before it says so. */
  readonly acknowledged: Promise<ReadonlySet<string>>;
  /** Never rejects. */
  readonly ended: Promise<ListenEnd>;
  readonly #closing = new AbortController();
  readonly #acknowledging = Promise.withResolvers<ReadonlySet<string>>();
  readonly #onMessage: OnUpMessage;
  #end: ListenEnd | undefined;

  /** @param onMessage hears of changes, without the mark of this listen. */
  constructor(
    channel: Pick<ModernChannel, 'request'>,
    message: RequestMessage,
    onMessage: OnUpMessage,
    signal: AbortSignal,
  ) {
    this.#onMessage = onMessage;
    this.acknowledged = this.#acknowledging.promise;
    this.acknowledged.catch(() => undefined);
    const either = AbortSignal.any([signal, this.#closing.signal]);
    this.ended = this.#run(channel, message, either);
  }

  async #run(
    channel: Pick<ModernChannel, 'request'>,
    message: RequestMessage,
    signal: AbortSignal,
  ): Promise<ListenEnd> {
    let end: ListenEnd;
    try {
      const onMessage: OnUpMessage = (heard) => this.#hear(heard);
      await channel.request({ message, repeatable: true, signal, onMessage });
      end = this.#end ?? { kind: 'over', because: new Error('The listen ended without a result.') };
    } catch (error) {
      end = { kind: 'over', because: error };
    }
    this.#acknowledging.reject(end.kind === 'over' ? end.because : new Error('There is no listen.'));
    return end;
  }

  async #hear({ message }: UpMessage): Promise<void> {
    if (message?.kind === 'response') {
      const isUnknown = message.error?.code === METHOD_NOT_FOUND;
      const because = new Error(`The listen was answered (${String(message.error?.code ?? 'result')}).`);
      this.#end = isUnknown ? { kind: 'unknown' } : { kind: 'over', because };
    } else if (message?.kind === 'notification') {
      if (message.method === 'notifications/subscriptions/acknowledged') {
        this.#acknowledging.resolve(resourcesIn(message.params.notifications));
        return;
      }
      const plain = readMessage(Buffer.from(withoutMark(message.text, meta.subscriptionId)));
      // What came before this was closed is told by the listen that replaced it.
      if (plain.kind === 'notification' && !this.#closing.signal.aborted) {
        await this.#onMessage({ message: plain, streamed: true });
      }
    }
  }

  close(): void {
    this.#closing.abort(new Error('Another listen has replaced this one.'));
  }
}

function resourcesIn(honoured: unknown): ReadonlySet<string> {
  const uris: unknown = isRecord(honoured) ? honoured.resourceSubscriptions : undefined;
  return new Set(Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : []);
}
