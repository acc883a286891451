import type { Message, RefusedMessage } from '../jsonrpc/message.ts';
import { errorOf } from '../jsonrpc/write.ts';
import type { Reply } from '../relay/channel.ts';
import { troubleAnswer } from '../relay/trouble.ts';

/** The JSON-RPC error for something that is no valid message; both doors give the same one. */
export function refusalOf(message: RefusedMessage): Buffer {
  return errorOf(message.id, message.code, message.because);
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
