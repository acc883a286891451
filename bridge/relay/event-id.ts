/** Which stream of an up session an event belongs to: a request's own, or the standing one. */
export type StreamKind = 'request' | 'standing';

/** The workspace's event id as the client sees it: it must lead back to the up session that can resume the stream. */
export function eventIdDown(upKey: string, stream: StreamKind, id: string): string {
  return `${upKey}.${stream === 'request' ? 'r' : 's'}.${id}`;
}

/** Reads an event id of ours; undefined for anything else. */
export function readEventId(text: string): { upKey: string; stream: StreamKind; id: string } | undefined {
  const match = /^([a-z0-9]+)\.([rs])\.(.*)$/su.exec(text);
  if (!match) return undefined;
  const [, upKey = '', stream, id = ''] = match;
  return { upKey, stream: stream === 'r' ? 'request' : 'standing', id };
}
