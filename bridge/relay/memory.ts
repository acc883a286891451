import type { RequestMessage } from '../jsonrpc/message.ts';
import { locate } from '../jsonrpc/text.ts';

/**
 * What a client set up in its workspace session and expects to find after a switch or a lost session: its log level
 * and its resource subscriptions.
 */
export class Memory {
  #logLevel: string | undefined;
  readonly #subscriptions = new Map<string, string>();
  #hasLists = false;

  /** Called for every request that the workspace carried out. */
  learn(request: RequestMessage): void {
    const uri = request.params.uri;
    switch (request.method) {
      case 'logging/setLevel':
        this.#logLevel = paramsText(request);
        return;
      case 'resources/subscribe':
        if (typeof uri === 'string') this.#subscriptions.set(uri, paramsText(request));
        return;
      case 'tools/list':
        this.#hasLists = true;
        return;
      case 'resources/unsubscribe':
        if (typeof uri === 'string') this.#subscriptions.delete(uri);
        return;
      default:
    }
  }

  /** The requests that restore it: method and raw params. */
  *entries(): Generator<readonly [string, string], void> {
    if (this.#logLevel !== undefined) yield ['logging/setLevel', this.#logLevel];
    for (const params of this.#subscriptions.values()) yield ['resources/subscribe', params];
  }

  /** The client has read from a workspace what tools there are. */
  get hasLists(): boolean {
    return this.#hasLists;
  }

  subscribed(): readonly string[] {
    return [...this.#subscriptions.keys()];
  }

  clear(): void {
    this.#logLevel = undefined;
    this.#subscriptions.clear();
    this.#hasLists = false;
  }
}

function paramsText(request: RequestMessage): string {
  const span = locate(request.text, ['params']);
  return span ? request.text.slice(span.start, span.end) : '{}';
}
