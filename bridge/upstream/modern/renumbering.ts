import { isRecord } from '../../base/record.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import { locate, replaceSpans } from '../../jsonrpc/text.ts';
import { notificationOf } from '../../jsonrpc/write.ts';
import type { UpMessage } from '../channel.ts';
import { meta } from './envelope.ts';

const TOKEN = ['params', '_meta', 'progressToken'];

/** The bytes of a request with a number of the pipe's own as its id and its progress token; all others stay. */
export function renumbered({ text }: RequestMessage, id: string): Uint8Array {
  return Buffer.from(withValues(text, [['id'], TOKEN], () => id));
}

/** What came back for a renumbered request, with the client's own id and token in it. */
export function restored(heard: UpMessage, request: RequestMessage): UpMessage {
  const { message } = heard;
  if (!message || message.kind === 'batch' || message.kind === 'request') return heard;
  const token = locate(request.text, TOKEN);
  const places =
    message.kind === 'response'
      ? [['id'], ['result', '_meta', meta.subscriptionId]]
      : [
          ['params', '_meta', meta.subscriptionId],
          ...(message.method === 'notifications/progress' ? [['params', 'progressToken']] : []),
        ];
  const text = withValues(message.text, places, (place) =>
    place.at(-1) === 'progressToken' && token ? request.text.slice(token.start, token.end) : request.id,
  );
  const back = readMessage(Buffer.from(text));
  return back.kind === message.kind ? { ...heard, message: back } : heard;
}

/** Withdraws a renumbered request (MCP 2026-07-28, stdio). */
export function withdrawal(id: string): Uint8Array {
  return notificationOf('notifications/cancelled', { requestId: Number(id) });
}

/** The request wants to hear what the workspace logs meanwhile. */
export function wantsLog({ params }: RequestMessage): boolean {
  return isRecord(params._meta) && params._meta[meta.logLevel] !== undefined;
}

function withValues(
  text: string,
  places: readonly (readonly string[])[],
  by: (place: readonly string[]) => string,
): string {
  const edits = places.flatMap((place) => {
    const span = locate(text, place);
    return span ? [{ start: span.start, end: span.end, by: by(place) }] : [];
  });
  return replaceSpans(text, edits);
}
