import type { RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { requestOf } from '../../jsonrpc/write.ts';
import { VERSION_UNSUPPORTED } from '../../upstream/modern/envelope.ts';
import { troubleOf } from '../../upstream/workspace.ts';
import type { Envelope } from './envelope.ts';
import type { ModernUp } from './ups.ts';

/**
 * Has a workspace answer a client's probe (`server/discover`), in the name of the client that is to use it.
 * @throws BridgeError when it does not: it cannot be reached, refuses the credential, or does not know the request.
 */
export async function prove(
  { channel, workspace }: ModernUp,
  envelope: Envelope,
  signal: AbortSignal,
): Promise<void> {
  let answer: ResponseMessage | undefined;
  await channel.request({
    message: probe(envelope),
    repeatable: true,
    signal,
    onMessage: ({ message }) => {
      if (message?.kind === 'response') answer = message;
    },
  });
  // It answered, in this era; only that it wants another revision of the client.
  if (answer && (!answer.error || answer.error.code === VERSION_UNSUPPORTED)) return;
  throw troubleOf(
    workspace.account,
    'bad-answer',
    'The workspace does not answer what this app would ask it.',
  );
}

function probe(envelope: Envelope): RequestMessage {
  const id = '"gangway-probe"';
  const method = 'server/discover';
  const params = { _meta: envelope.meta };
  const bytes = requestOf(id, method, JSON.stringify(params));
  return { kind: 'request', bytes, text: bytes.toString(), id, method, params };
}
