import { isRecord } from '../base/record.ts';
import type { Message } from '../jsonrpc/message.ts';
import { readMessage } from '../jsonrpc/read.ts';
import { notificationOf } from '../jsonrpc/write.ts';
import { flags } from '../socket/frames.ts';

const GROUPS = ['tools', 'prompts', 'resources'] as const;

/**
 * What a new owner must hear to stand where the old one stood: the handshake of the session, and what the client asked
 * for once and for all. Everything else is over when it is answered.
 */
const REMEMBERED: Readonly<Record<string, number>> = {
  initialize: flags.REMEMBER | flags.ANEW,
  'notifications/initialized': flags.REMEMBER,
  'logging/setLevel': flags.REMEMBER,
  'resources/subscribe': flags.REMEMBER,
  'resources/unsubscribe': flags.REMEMBER,
};

/** The flags that tell the shim whether to keep a line that was done; a refused request is not kept. */
export function marksOf(message: Message, answer: Uint8Array | undefined): number {
  if (message.kind !== 'request' && message.kind !== 'notification') return 0;
  const marks = REMEMBERED[message.method] ?? 0;
  if (marks === 0 || message.kind === 'notification') return marks;
  if (answer === undefined) return 0;
  const read = readMessage(answer);
  return read.kind === 'response' && read.error === undefined ? marks : 0;
}

/**
 * After a replay the client holds lists of a time when another owner served it, so every list it was told may change
 * is announced as changed.
 * @param welcome the answer to the replayed `initialize`.
 */
export function changedLists(welcome: Uint8Array): Buffer[] {
  const read = readMessage(welcome);
  const result = read.kind === 'response' ? read.result : undefined;
  const capabilities = isRecord(result) && isRecord(result.capabilities) ? result.capabilities : {};
  return GROUPS.filter((group) => {
    const offered = capabilities[group];
    return isRecord(offered) && offered.listChanged === true;
  }).map((group) => notificationOf(`notifications/${group}/list_changed`));
}
