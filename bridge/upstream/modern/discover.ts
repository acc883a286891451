import { limits } from '../../base/limits.ts';
import { within } from '../../base/tasks.ts';
import { VERSION } from '../../base/version.ts';
import { hostOf } from '../../contract/account.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import { requestOf } from '../../jsonrpc/write.ts';
import type { UpMessage } from '../channel.ts';
import type { CommandPipe } from '../command-pipe.ts';
import type { Era } from '../eras.ts';
import type { WorkspaceHttp } from '../http.ts';
import { Posting } from '../posting.ts';
import { troubleOf, type Workspace } from '../workspace.ts';
import { MODERN_VERSIONS, meta } from './envelope.ts';
import { judgeProbe } from './era-verdict.ts';
import { exchange } from './exchange.ts';
import { requestHeaders } from './request-headers.ts';

/** The probe: what a workspace speaks and offers (MCP 2026-07-28, server discovery). */
export function discoverRequest(): RequestMessage {
  const envelope = {
    [meta.protocolVersion]: MODERN_VERSIONS[0],
    [meta.clientCapabilities]: {},
    [meta.clientInfo]: { name: 'gangway', title: 'Gangway', version: VERSION },
  };
  const params = JSON.stringify({ _meta: envelope });
  const message = readMessage(requestOf('"gangway-discover"', 'server/discover', params));
  if (message.kind !== 'request') throw new BridgeError('internal', 'The probe cannot be read.');
  return message;
}

/**
 * Asks a workspace at an address whether it speaks MCP 2026-07-28.
 * @throws BridgeError when its answer proves neither: it cannot be reached, refuses the credential, or has a fault.
 */
export async function probeHttp(
  url: URL,
  workspace: Workspace,
  http: WorkspaceHttp,
  signal: AbortSignal,
): Promise<boolean> {
  const { account } = workspace;
  const message = discoverRequest();
  let heard: { readonly answer: ResponseMessage; readonly status: number | undefined } | undefined;
  const late = () =>
    troubleOf(account, 'timeout', `${hostOf(account)} did not answer in time. Try again later.`);
  const refusal = await within(
    limits.greetingMs,
    signal,
    (either) =>
      exchange(new Posting(url, workspace, http), {
        message,
        headers: requestHeaders(message, {}),
        repeatable: true,
        signal: either,
        onMessage: ({ message: answer, status }) => {
          if (answer?.kind === 'response') heard = { answer, status };
        },
      }),
    late,
  );
  const era = judgeProbe(heard?.status ?? refusal?.status, heard?.answer);
  if (era) return era === 'modern';
  if (refusal) throw refusal.error;
  const said = `${hostOf(account)} has a fault of its own right now (${heard?.status ?? 'no answer'}). Try again later.`;
  throw troubleOf(account, 'bad-answer', said);
}

/**
 * Asks a local command the same on its pipe.
 * @throws BridgeError `refused` when it does not answer within `mostMs`, or ends.
 */
export async function askEra(pipe: CommandPipe, signal: AbortSignal, mostMs?: number): Promise<Era> {
  const { bytes, id, method } = discoverRequest();
  let answer: ResponseMessage | undefined;
  const onMessage = ({ message }: UpMessage): void => {
    if (message?.kind === 'response') answer = message;
  };
  await pipe.ask({ bytes, id, method, repeatable: true, signal, onMessage }, mostMs);
  return judgeProbe(undefined, answer) ?? 'legacy';
}
