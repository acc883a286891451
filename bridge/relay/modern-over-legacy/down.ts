import { BridgeError } from '../../contract/errors.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import { locate } from '../../jsonrpc/text.ts';
import { errorOf, resultOf } from '../../jsonrpc/write.ts';
import type { ModernRequest } from '../../upstream/modern/channel.ts';
import type { Envelope } from './envelope.ts';

/** One modern request as the place where messages go; its answer comes last. */
export class Down {
  readonly request: ModernRequest;
  readonly message: RequestMessage;
  readonly envelope: Envelope;
  readonly signal: AbortSignal;
  /** Raw JSON of the progress token that the client chose. */
  readonly token: string | undefined;

  constructor(request: ModernRequest, envelope: Envelope) {
    this.request = request;
    this.message = request.message;
    this.envelope = envelope;
    this.signal = request.signal;
    const { text } = request.message;
    const span = locate(text, ['params', '_meta', 'progressToken']);
    this.token = span && text.slice(span.start, span.end);
  }

  async event(text: string): Promise<void> {
    await hand(this.request, Buffer.from(text), { streamed: true });
  }

  /** A whole answer. */
  async answer(text: string, status?: number): Promise<void> {
    await hand(this.request, Buffer.from(text), { streamed: false, ...(status ? { status } : {}) });
  }

  /** @param result raw JSON. */
  async result(result: string): Promise<void> {
    await hand(this.request, resultOf(this.message.id, result), { streamed: false });
  }
}

/** Answers a request with an error of the translation's own. */
export async function refuse(
  request: ModernRequest,
  status: number | undefined,
  code: number,
  because: string,
  facts?: object,
): Promise<void> {
  await hand(request, errorOf(request.message.id, code, because, facts), {
    streamed: false,
    ...(status ? { status } : {}),
  });
}

async function hand(
  request: ModernRequest,
  bytes: Uint8Array,
  how: { streamed: boolean; status?: number },
): Promise<void> {
  request.signal.throwIfAborted();
  const message = readMessage(bytes);
  if (message.kind === 'refused') {
    throw new BridgeError('bad-answer', 'The answer of the workspace cannot be passed on.', {
      mayHaveRun: true,
    });
  }
  await request.onMessage({ message, ...how });
}
