import { randomInt } from 'node:crypto';
import type { NotificationMessage, RequestMessage, ResponseMessage } from '../jsonrpc/message.ts';
import { idKey } from '../jsonrpc/read.ts';
import { locate, replaceSpans } from '../jsonrpc/text.ts';
import { withId } from '../jsonrpc/write.ts';

interface Asked<Up> {
  readonly up: Up;
  /** Raw id the workspace used. */
  readonly id: string;
}

interface Token<Up> {
  readonly up: Up;
  /** Raw progress token the workspace used. */
  readonly token: string;
  readonly question: number;
}

/** Questions that wait for an answer; beyond it the oldest is given up. */
const MOST_OPEN = 1024;
/** Ids stay far below 2^53, which any JSON implementation keeps. */
const FARTHEST_START = 2 ** 47;

/**
 * Requests that workspaces ask a client (elicitation, sampling, roots). Every workspace counts its requests from 0, so
 * each gets a new id on its way down, and so does its progress token; the client's answer finds its way back by it.
 * Without this, the answer meant for one account would be delivered to another.
 */
export class Questions<Up> {
  readonly #asked = new Map<number, Asked<Up>>();
  readonly #tokens = new Map<number, Token<Up>>();
  #next: number;

  /** @param first A client may still answer what an earlier owner asked it, so every count begins somewhere else. */
  constructor(first: number = randomInt(FARTHEST_START)) {
    this.#next = first;
  }

  /** The request as it goes down, under an id that is unique in this session. */
  ask(message: RequestMessage, up: Up): Uint8Array {
    const number = this.#next;
    this.#next += 1;
    this.#asked.set(number, { up, id: message.id });
    const [oldest = number] = this.#asked.keys();
    if (this.#asked.size > MOST_OPEN) this.#forget(oldest);
    const idSpan = locate(message.text, ['id']);
    if (!idSpan) return message.bytes;
    const edits = [{ ...idSpan, by: String(number) }];
    const tokenSpan = locate(message.text, ['params', '_meta', 'progressToken']);
    if (tokenSpan) {
      this.#tokens.set(number, {
        up,
        token: message.text.slice(tokenSpan.start, tokenSpan.end),
        question: number,
      });
      edits.push({ ...tokenSpan, by: String(number) });
    }
    return Buffer.from(replaceSpans(message.text, edits));
  }

  /** Where a client's answer belongs, in the asker's own numbering; undefined when nobody asked or it was answered. */
  answer(message: ResponseMessage): { up: Up; bytes: Uint8Array } | undefined {
    const number = Number(message.id);
    const asked = message.id === null ? undefined : this.#asked.get(number);
    if (!asked) return undefined;
    this.#forget(number);
    return { up: asked.up, bytes: withId(message, asked.id) };
  }

  /** Progress of the client on a question, with the asker's own token. */
  progress(message: NotificationMessage): { up: Up; bytes: Uint8Array } | undefined {
    const token = this.#tokens.get(Number(message.params.progressToken));
    const span = locate(message.text, ['params', 'progressToken']);
    if (!token || !span) return undefined;
    const bytes = Buffer.from(replaceSpans(message.text, [{ ...span, by: token.token }]));
    return { up: token.up, bytes };
  }

  /** The asker's `notifications/cancelled`, with the id its question has down here; undefined for unknown ones. */
  withdraw(message: NotificationMessage, up: Up): Uint8Array | undefined {
    const span = locate(message.text, ['params', 'requestId']);
    if (!span) return undefined;
    const number = this.drop(message.text.slice(span.start, span.end), up);
    if (number === undefined) return undefined;
    return Buffer.from(replaceSpans(message.text, [{ ...span, by: String(number) }]));
  }

  /** Nobody will answer the question with this raw id of `up`; the number it had down here, if it was open. */
  drop(id: string, up: Up): number | undefined {
    const key = idKey(id);
    for (const [number, asked] of this.#asked) {
      if (asked.up !== up || idKey(asked.id) !== key) continue;
      this.#forget(number);
      return number;
    }
    return undefined;
  }

  /** The workspace's session ended; its open questions can no longer be answered. */
  forget(up: Up): void {
    for (const [number, asked] of this.#asked) if (asked.up === up) this.#forget(number);
  }

  #forget(number: number): void {
    this.#asked.delete(number);
    this.#tokens.delete(number);
  }
}
