import { broken } from './broken.ts';
import { checkErrorText } from './error-texts.ts';

/** A JSON-RPC message as far as the ledger reads it. */
interface Said {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/**
 * What one connection of a client asked, and what it was answered: INV-1, each request with an id gets exactly one answer
 * unless the client is gone or cancelled it, and INV-8, no answer comes to a connection that did not ask.
 */
export class Ledger {
  readonly #name: string;
  /** By the id as JSON: how often it was asked and answered. */
  readonly #requests = new Map<string, { asked: number; answered: number; cancelled: boolean }>();

  constructor(name: string) {
    this.#name = name;
  }

  /** Requests that have no answer yet. */
  get waiting(): string[] {
    const open = [...this.#requests].filter(([, one]) => one.answered < one.asked && !one.cancelled);
    return open.map(([id]) => id);
  }

  /** Takes a message of the client; what is no message is for the bridge to refuse. */
  asks(text: string): void {
    for (const { id, method, params, result, error } of messagesIn(text)) {
      if (method === 'notifications/cancelled') this.#cancel(params);
      // What is no answer and has an id wants one, however wrong it is.
      if (id === undefined || (method === undefined && (result ?? error) !== undefined)) continue;
      const key = JSON.stringify(id);
      const request = this.#requests.get(key) ?? { asked: 0, answered: 0, cancelled: false };
      request.asked += 1;
      this.#requests.set(key, request);
    }
  }

  /** Takes a message to the client. */
  hears(text: string): void {
    for (const { id, method, error } of messagesIn(text)) {
      if (error !== undefined) checkErrorText(error);
      // An error about something that could not be read has no id.
      if (method !== undefined || id === undefined || id === null) continue;
      const request = this.#requests.get(JSON.stringify(id));
      if (!request) {
        broken('INV-8', `${this.#name} heard the answer to ${JSON.stringify(id)}, which it never asked.`);
        continue;
      }
      request.answered += 1;
      if (request.answered > request.asked) {
        broken('INV-1', `${this.#name} heard more than one answer to ${JSON.stringify(id)}.`);
      }
    }
  }

  /** Nothing can come any more although the client is there. */
  ends(): void {
    for (const id of this.waiting) broken('INV-1', `${this.#name} never heard an answer to ${id}.`);
  }

  #cancel(params: unknown): void {
    const { requestId } = (params ?? {}) as { requestId?: unknown };
    const request = this.#requests.get(JSON.stringify(requestId));
    if (request) request.cancelled = true;
  }
}

/** The messages in a text, of a batch each one; none when it is not JSON. */
function messagesIn(text: string): Said[] {
  let read: unknown;
  try {
    // The bridge takes a byte order mark for what it is.
    read = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return [];
  }
  const parts: unknown[] = Array.isArray(read) ? read : [read];
  return parts.filter((part): part is Said => typeof part === 'object' && part !== null);
}
