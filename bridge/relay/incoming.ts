import type { Message, NotificationMessage, RequestMessage } from '../jsonrpc/message.ts';
import { METHOD_NOT_FOUND } from '../jsonrpc/read.ts';
import { errorOf, resultOf } from '../jsonrpc/write.ts';
import type { UpMessage } from '../upstream/channel.ts';
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

/** Notices about the lists of an account that the client no longer looks at. */
const ABOUT_LISTS = /^notifications\/((tools|prompts|resources)\/list_changed|resources\/updated)$/;

/** What workspaces send on their own account: questions get new ids, the rest keeps its bytes. */
export class Incoming {
  readonly #parts: IncomingParts;

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
      const refusal = errorOf(message.id, METHOD_NOT_FOUND, 'The client listens to no questions right now.');
      void up.send(refusal, new AbortController().signal).catch(() => undefined);
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
    const { signal } = new AbortController();
    if (message.method === 'ping') {
      await up.send(resultOf(message.id, '{}'), signal).catch(() => undefined);
      return undefined;
    }
    const needed = NEEDS[message.method];
    if (needed !== undefined && this.#parts.capabilities()[needed] === undefined) {
      const refusal = errorOf(message.id, METHOD_NOT_FOUND, `The client does not offer ${needed}.`);
      await up.send(refusal, signal).catch(() => undefined);
      return undefined;
    }
    return this.#parts.questions.ask(message, up);
  }

  #notice(message: NotificationMessage, up: UpSession): Uint8Array | undefined {
    if (ABOUT_LISTS.test(message.method) && !this.#parts.isCurrent(up)) return undefined;
    if (message.method === 'notifications/cancelled') return this.#parts.questions.withdraw(message, up);
    const text = up.workspace.withoutSecrets(message.text);
    return text === message.text ? message.bytes : Buffer.from(text);
  }
}
