import { pause } from '../../base/tasks.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import type { OnUpMessage, UpMessage } from '../../upstream/channel.ts';
import { EraChanged } from '../../upstream/modern/channel.ts';
import type { Reply } from '../channel.ts';
import { cleaned } from '../cleaned.ts';
import { noticeDown } from './answer-down.ts';
import type { UpwardParts } from './calls.ts';
import { Listen } from './listen.ts';
import { withTaskIds } from './task-ids.ts';
import type { ModernUp } from './ups.ts';

/** Each holds a stream to a workspace; clients open one or two. */
export const MOST_LISTENS = 64;

/** The listens of one client (MCP 2026-07-28, `subscriptions/listen`): they last, and follow the account. */
export class Listens {
  readonly #parts: UpwardParts;
  readonly #open = new Set<Listen>();

  constructor(parts: UpwardParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#open.size;
  }

  has(key: string): boolean {
    return [...this.#open].some((listen) => listen.key === key);
  }

  /** Runs one listen; resolves when the client's side of it has ended. */
  async run(message: RequestMessage, reply: Reply): Promise<void> {
    const listen = new Listen({
      message,
      reply,
      carry: (request, signal, onMessage) => this.#carry(request, signal, onMessage),
      pause,
    });
    this.#open.add(listen);
    try {
      await listen.run();
    } finally {
      this.#open.delete(listen);
    }
  }

  /** One stream at the account of now, for as long as it lasts. */
  async #carry(message: RequestMessage, signal: AbortSignal, onMessage: OnUpMessage): Promise<void> {
    const { relay } = this.#parts;
    const route = relay.route();
    if (route.kind === 'unbound') throw route.error;
    const refusal = relay.gate(message, route.workspace.account);
    if (refusal) throw refusal;
    const up = await this.#parts.open(route);
    try {
      signal.throwIfAborted();
      await up.channel.request({
        message: withTaskIds(message, up.mark),
        repeatable: true,
        signal,
        onMessage: (heard) => onMessage(listenedDown(heard, up)),
      });
    } catch (error) {
      if (error instanceof EraChanged) this.#parts.discard(up);
      throw error;
    } finally {
      this.#parts.release(up);
    }
  }

  /** `notifications/cancelled`; false when no listen has that id. */
  cancel(key: string): boolean {
    const found = [...this.#open].filter((listen) => listen.key === key);
    for (const listen of found) void listen.withdraw();
    return found.length > 0;
  }

  moved(): void {
    for (const listen of this.#open) listen.moved();
  }

  listsChanged(): void {
    for (const listen of this.#open) listen.listsChanged();
  }

  end(): void {
    for (const listen of this.#open) listen.end();
  }
}

/** What came on a listen's stream, as the client may see it: task ids that lead back, and no secrets. */
function listenedDown(heard: UpMessage, up: ModernUp): UpMessage {
  const { message, streamed } = heard;
  if (message?.kind === 'response') return { ...heard, message: cleaned(message, up.workspace) };
  if (message?.kind !== 'notification') return { streamed };
  const down = readMessage(noticeDown(message, up));
  return down.kind === 'notification' ? { ...heard, message: down } : { streamed };
}
