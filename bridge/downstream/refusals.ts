import type { Log } from '../base/log.ts';
import type { Message, RefusedMessage } from '../jsonrpc/message.ts';
import { errorOf } from '../jsonrpc/write.ts';
import type { Caller, Reply } from '../relay/channel.ts';
import { troubleAnswer } from '../relay/trouble.ts';

const LOG_EVERY_MS = 60_000;

/** The JSON-RPC error for something that is no valid message; both doors give the same one. */
export function refusalOf(message: RefusedMessage): Buffer {
  return errorOf(message.id, message.code, message.because);
}

/** Notes what is no valid message: who sent it and why it was refused, not what it said; once a minute for each door. */
export class RefusalLog {
  readonly #log: Log;
  #loggedAtMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  note(message: RefusedMessage, caller: Caller): void {
    this.#count += 1;
    const now = performance.now();
    if (now - this.#loggedAtMs < LOG_EVERY_MS) return;
    this.#loggedAtMs = now;
    const { code, because } = message;
    this.#log.warn('message.refused', {
      client: caller.label,
      door: caller.door,
      code,
      because,
      count: this.#count,
    });
    this.#count = 0;
  }
}

/** Answers every request of a message that cannot be carried out with the bridge's own trouble. */
export async function troubleFor(message: Message, error: unknown, reply: Reply): Promise<void> {
  if (message.kind === 'request') {
    await reply.answer(troubleAnswer(message.id, error));
    return;
  }
  const asked = message.kind === 'batch' ? message.messages.filter((part) => part.kind === 'request') : [];
  if (asked.length === 0) {
    await reply.end();
    return;
  }
  const answers = asked.map((part) => troubleAnswer(part.kind === 'request' ? part.id : null, error));
  await reply.answer(Buffer.from(`[${answers.join(',')}]`));
}
