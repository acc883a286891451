import { isRecord } from '../../base/record.ts';
import type { Account } from '../../contract/account.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { METHOD_NOT_FOUND } from '../../jsonrpc/read.ts';
import { resultOf } from '../../jsonrpc/write.ts';
import { cleaned } from '../cleaned.ts';
import type { RelayParts } from '../parts.ts';
import { shownTools } from '../tool-list.ts';
import { isCacheable, withoutCaching } from './cache-hints.ts';
import { bindingOf } from './destination.ts';
import { announcedDiscovery, emptyList } from './own-results.ts';
import { withSealedState } from './request-state.ts';
import { markTaskIds } from './task-ids.ts';
import type { ModernUp } from './ups.ts';

/** What the way down of an answer depends on. */
export interface Asked {
  /** As the client wrote it. */
  readonly request: RequestMessage;
  /** As it was when the request started; its rules may be younger than the way to the workspace. */
  readonly account: Account;
  readonly up: ModernUp;
  readonly relay: RelayParts;
  readonly onAsked: (mark: string) => void;
}

interface Text {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/**
 * The answer of a workspace as its client gets it: without secrets and hidden tools, stale at once, and with the
 * account in everything that a later request will come back with. All other bytes stay.
 * @throws BridgeError `bad-answer` when a secret cannot be taken out.
 */
export function answerDown(answer: ResponseMessage, asked: Asked): Text {
  const { request, account, up, relay, onAsked } = asked;
  const clean = cleaned(answer, up.workspace);
  if (clean.error) return clean;
  let { text } = clean;
  if (request.method === 'tools/list') text = shownTools(clean, account, relay);
  if (request.method === 'server/discover') text = announcedDiscovery(text, relay.follows);
  if (isCacheable(request.method)) text = withoutCaching(text, clean.resultAt);
  const { mark } = up;
  const result = isRecord(clean.result) ? clean.result : {};
  if (result.resultType === 'input_required') {
    // Only the workspace reads it again, so it goes back as it was given.
    const given = isRecord(answer.result) ? answer.result.requestState : undefined;
    const state = typeof given === 'string' ? given : undefined;
    onAsked(mark);
    text = withSealedState(text, relay.states.seal(state, mark, bindingOf(request, relay)));
  }
  if (result.taskId !== undefined) text = markTaskIds(text, mark);
  return text === clean.text ? clean : { text, bytes: Buffer.from(text) };
}

/** A list that the workspace does not have, though it was announced, because another account may have it. */
export function absentList(
  answer: ResponseMessage,
  { request, relay }: Pick<Asked, 'request' | 'relay'>,
): Buffer | undefined {
  if (!relay.follows || answer.error?.code !== METHOD_NOT_FOUND) return undefined;
  const empty = emptyList(request.method);
  return empty === undefined ? undefined : resultOf(request.id, empty);
}

/** A notification of a workspace as its client gets it. */
export function noticeDown(notice: NotificationMessage, up: ModernUp): Uint8Array {
  const clean = cleaned(notice, up.workspace);
  const text = markTaskIds(clean.text, up.mark);
  return text === clean.text ? clean.bytes : Buffer.from(text);
}
