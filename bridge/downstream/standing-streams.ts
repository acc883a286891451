import type { ServerResponse } from 'node:http';
import { limits } from '../base/limits.ts';
import type { Message } from '../jsonrpc/message.ts';

/** The message asks for a stream that stays open until one side ends it (MCP 2026-07-28, subscriptions). */
export function isListen(message: Message): boolean {
  return message.kind === 'request' && message.method === 'subscriptions/listen';
}

/**
 * The responses that stay open for days: the streams that GET opens, and listens. Each holds a connection, of which
 * there are only so many, so a client that opens more and more of them must not shut the others out.
 */
export class StandingStreams {
  readonly #open = new Map<ServerResponse, string>();

  /** Counts one more until its response is closed; false when the client, or all of them together, have enough. */
  admit(response: ServerResponse, client: string): boolean {
    const theirs = [...this.#open.values()].filter((other) => other === client).length;
    if (this.#open.size >= limits.httpStreams || theirs >= limits.httpStreamsPerClient) return false;
    if (response.destroyed) return true;
    this.#open.set(response, client);
    response.on('close', () => this.#open.delete(response));
    return true;
  }

  has(response: ServerResponse): boolean {
    return this.#open.has(response);
  }
}
