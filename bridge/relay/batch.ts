import type { BatchMessage, Message } from '../jsonrpc/message.ts';
import type { Reply } from './channel.ts';

/** Answers a batch of MCP 2025-03-26: every part by itself, the answers together as one array. */
export async function answerBatch(
  batch: BatchMessage,
  reply: Reply,
  receive: (message: Message, reply: Reply) => Promise<void>,
): Promise<void> {
  const answers: Uint8Array[] = [];
  const partReply: Reply = {
    resumable: false,
    gone: reply.gone,
    event: (event) => reply.event(event),
    answer: (body) => void answers.push(body),
    end: () => undefined,
  };
  await Promise.all(batch.messages.map((message) => receive(message, partReply)));
  if (answers.length === 0) return void (await reply.end());
  const pieces = answers.flatMap((answer, index) => (index === 0 ? [answer] : [Buffer.from(','), answer]));
  await reply.answer(Buffer.concat([Buffer.from('['), ...pieces, Buffer.from(']')]));
}
