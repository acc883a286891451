import type { RequestMessage } from '#bridge/jsonrpc/message.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';

export function readRequest(text: string): RequestMessage {
  const message = readMessage(Buffer.from(text));
  if (message.kind !== 'request') throw new Error(`no request: ${text}`);
  return message;
}
