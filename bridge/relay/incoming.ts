import { trouble } from '../contract/errors.ts';
import type { Message, NotificationMessage, RequestMessage } from '../jsonrpc/message.ts';
import { METHOD_NOT_FOUND } from '../jsonrpc/read.ts';
import { errorOf, resultOf } from '../jsonrpc/write.ts';
import type { UpMessage } from '../upstream/channel.ts';
import { cleaned } from './cleaned.ts';
import { eventIdDown } from './event-id.ts';
import type { Pushes } from './pushes.ts';
import type { Questions } from './questions.ts';
import type { UpSession } from './up-session.ts';

export interface IncomingParts {
  readonly questions: Questions<UpSession>;
  readonly pushes: Pushes;
  /** What the client said it can do. */
  capabilities(): Readonly<Record<string, unknown>>;
  /** The workspace session serves new requests; false while it drains after a switch. */
  isCurrent(up: UpSession): boolean;
}

/** Requests a workspace may ask, each with the client capability it needs (MCP 2025-11-25, client features). */
const NEEDS: Readonly<Record<string, string>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
};

/** So many answers of our own may be on their way before the workspace is slowed down. */
const MOST_REPLIES = 16;

/** Notices about the lists of an account that the client no longer looks at. */
const ABOUT_LISTS = /^notifications\/((tools|prompts|resources)\/list_changed|resources\/updated)$/;

/** What workspaces send on their own account: questions get new ids, the rest keeps its bytes. */
export class Incoming {
  readonly #parts: IncomingParts;
  readonly #replies = new Set<Promise<void>>();

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  /** A message that belongs to no request of the client. */
  async push(heard: UpMessage, up: UpSession): Promise<void> {
    const data = await this.translate(heard.message, up);
    if (data === undefined) return;
    const id = heard.eventId === undefined ? {} : { id: eventIdDown(up.key, 'standing', heard.eventId) };
    const { message } = heard;
    if (message?.kind !== 'request') return this.#parts.pushes.push({ data, ...id });
    return this.#parts.pushes.push({ data, ...id }, () => {
      this.#parts.questions.drop(message.id, up);
      void up.reply(
        errorOf(message.id, trouble.stopping.rpc, 'The client listens to no questions right now.'),
      );
    });
  }

  /** The bytes to send down, or undefined when the message is answered or swallowed here. */
  async translate(message: Message | undefined, up: UpSession): Promise<Uint8Array | undefined> {
    switch (message?.kind) {
      case 'request':
        return this.#question(message, up);
      case 'notification':
        return this.#notice(message, up);
      default:
        // A stray answer belongs to nobody.
        return undefined;
    }
  }

  async #question(message: RequestMessage, up: UpSession): Promise<Uint8Array | undefined> {
    if (message.method === 'ping') {
      await this.#reply(up, resultOf(message.id, '{}'));
      return undefined;
    }
    const needed = NEEDS[message.method];
    if (needed !== undefined && this.#parts.capabilities()[needed] === undefined) {
      const refusal = errorOf(message.id, METHOD_NOT_FOUND, `The client does not offer ${needed}.`);
      await this.#reply(up, refusal);
      return undefined;
    }
    return this.#parts.questions.ask(cleaned(message, up.workspace), up);
  }

  /** Not waited for as long as they are few: what waits meanwhile may be the stream that the delivery depends on. */
  async #reply(up: UpSession, bytes: Uint8Array): Promise<void> {
    const sent: Promise<void> = up.reply(bytes).then(() => void this.#replies.delete(sent));
    this.#replies.add(sent);
    if (this.#replies.size > MOST_REPLIES) await Promise.race(this.#replies);
  }

  #notice(message: NotificationMessage, up: UpSession): Uint8Array | undefined {
    if (ABOUT_LISTS.test(message.method) && !this.#parts.isCurrent(up)) return undefined;
    if (message.method === 'notifications/cancelled') return this.#parts.questions.withdraw(message, up);
    return cleaned(message, up.workspace).bytes;
  }
}
