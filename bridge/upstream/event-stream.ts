import { createParser } from 'eventsource-parser';
import { limits } from '../base/limits.ts';
import { hostOf } from '../contract/account.ts';
import type { ResponseBody } from './response-body.ts';
import { troubleOf, type Workspace } from './workspace.ts';

/** One event of a `text/event-stream`, or a change of the reconnection time. */
export interface StreamEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: string;
  readonly retryMs?: number;
}

/** Reconnection times are kept between half a second and half a minute, whatever a server asks for. */
export function boundedRetryMs(ms: number): number {
  return Math.min(Math.max(ms, 500), 30_000);
}

/**
 * Reads a `text/event-stream` (WHATWG HTML section 9.2) event by event. The reader's pace is the stream's pace.
 * @throws BridgeError `too-large` when an event or the whole stream exceeds its cap; the stream's own error if it breaks.
 */
export async function* readEvents(
  body: ResponseBody,
  workspace: Workspace,
  mostBytes: number = limits.streamBytes,
): AsyncGenerator<StreamEvent, void> {
  const ready: StreamEvent[] = [];
  const decoder = new TextDecoder('utf-8');
  let sinceEvent = 0;
  let total = 0;
  let isOverfull = false;
  let id: string | undefined;
  let retryMs: number | undefined;
  const push = (event: { event?: string | undefined; data?: string }): void => {
    sinceEvent = 0;
    ready.push({
      ...(event.data === undefined ? {} : { data: event.data }),
      ...(event.event === undefined ? {} : { event: event.event }),
      ...(id === undefined ? {} : { id }),
      ...(retryMs === undefined ? {} : { retryMs }),
    });
    id = undefined;
    retryMs = undefined;
  };
  const parser = createParser({
    maxBufferSize: limits.eventBytes,
    onEvent: push,
    onId: (given) => {
      // The id of an event without data counts all the same.
      if (id !== undefined) push({});
      id = given;
    },
    onRetry: (ms) => {
      retryMs = boundedRetryMs(ms);
    },
    onComment: () => {
      sinceEvent = 0;
    },
    onError: ({ type }) => {
      isOverfull ||= type === 'max-buffer-size-exceeded';
    },
  });
  try {
    for (let chunk = await body.next(); chunk; chunk = await body.next()) {
      sinceEvent += chunk.length;
      total += chunk.length;
      parser.feed(decoder.decode(chunk, { stream: true }));
      for (let event = ready.shift(); event; event = ready.shift()) yield event;
      isOverfull ||= sinceEvent > limits.eventBytes + chunk.length;
      if (isOverfull || total > mostBytes) {
        const most = (isOverfull ? limits.eventBytes : mostBytes) / 1024 / 1024;
        const message = `The answer from ${hostOf(workspace.account)} is larger than ${most} MB and was stopped.`;
        throw troubleOf(workspace.account, 'too-large', message, { mayHaveRun: true });
      }
    }
    if (id !== undefined || retryMs !== undefined) push({});
    yield* ready;
  } catch (error) {
    body.destroy();
    throw error;
  } finally {
    // After its answer a server closes the stream; waiting for that keeps the connection usable for the next request.
    body.letEnd();
  }
}
