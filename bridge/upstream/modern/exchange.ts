import { limits } from '../../base/limits.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import { isAnswerTo, partsOf, withReadableError } from '../answers.ts';
import type { OnUpMessage } from '../channel.ts';
import { readEvents } from '../event-stream.ts';
import type { HttpAnswer } from '../http.ts';
import { lost } from '../network-trouble.ts';
import type { Posting } from '../posting.ts';

export interface ExchangeRequest {
  readonly message: RequestMessage;
  /** Of the protocol. */
  readonly headers: Readonly<Record<string, string>>;
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
  readonly onMessage: OnUpMessage;
}

/** The response was a refusal without a JSON-RPC answer; nothing was handed over. */
export interface Refusal {
  readonly status: number;
  readonly error: BridgeError;
}

/**
 * Posts one request and hands over all that comes back, its answer last (MCP 2026-07-28, streamable HTTP).
 * @throws BridgeError when there is no response, or none with an answer in it; the signal's reason when it aborts.
 */
export async function exchange(posting: Posting, request: ExchangeRequest): Promise<Refusal | undefined> {
  const { message, headers, repeatable, signal, onMessage } = request;
  const { id, bytes, method } = message;
  const outgoing = {
    bytes,
    method,
    id,
    repeatable,
    signal,
    headers: () => headers,
    takesErrorWithoutId: true,
  };
  const { answer, verdict, body } = await posting.post(outgoing);
  const { status } = answer;
  switch (verdict.kind) {
    case 'json':
      await onMessage({ message: await posting.readAnswer(answer, id, signal), streamed: false, status });
      return undefined;
    case 'answer':
      await onMessage({ message: posting.answerIn(Buffer.from(body), id), streamed: false, status });
      return undefined;
    case 'events':
      await readStream(posting, answer, request);
      return undefined;
    case 'trouble':
      return { status, error: verdict.error };
    case 'accepted':
    case 'session-lost':
      throw new BridgeError('internal', 'A response was taken for one of another era.');
    default:
      return verdict satisfies never;
  }
}

async function readStream(
  { workspace }: Posting,
  answer: HttpAnswer,
  { message: { id, method }, signal, onMessage }: ExchangeRequest,
): Promise<void> {
  // What a listen brings in days is no single answer that could outgrow anything.
  const mostBytes = method === 'subscriptions/listen' ? Number.POSITIVE_INFINITY : limits.streamBytes;
  try {
    for await (const event of readEvents(answer.body, workspace, mostBytes)) {
      if (!event.data || (event.event !== undefined && event.event !== 'message')) continue;
      for (const part of partsOf(readMessage(Buffer.from(event.data)))) {
        // Workspaces ask nothing in this era; an unreadable event does not end the stream.
        if (part.kind === 'refused' || part.kind === 'request') continue;
        const isAnswer = part.kind === 'response';
        // Somebody else's answer must not be taken for this one.
        if (isAnswer && !isAnswerTo(part, id)) continue;
        await onMessage({ message: withReadableError(part), streamed: true });
        if (isAnswer) return;
      }
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof BridgeError) throw error;
    throw lost(workspace, error);
  }
  signal.throwIfAborted();
  throw lost(workspace);
}
