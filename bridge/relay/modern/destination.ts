import type { RequestMessage } from '../../jsonrpc/message.ts';
import type { RelayParts, Route } from '../parts.ts';
import type { OpenQuestions } from './open-questions.ts';
import { identityMark, type StateBinding, withState } from './request-state.ts';
import { readTaskId, withTaskId } from './task-ids.ts';

/** Where a request goes, and how it goes up. */
export type Destination =
  | {
      readonly kind: 'found';
      readonly route: Route;
      readonly message: RequestMessage;
      /** `identityMark` of the identity whose question it answers. */
      readonly asker?: string | undefined;
    }
  /** It belongs to an earlier answer that does not count, or whose account is gone. Nothing may be sent. */
  | { readonly kind: 'lost'; readonly because: string };

const NO_QUESTION = 'These answers belong to no question that was asked here. Call the tool again.';
const ASKED_ELSEWHERE =
  'The account that asked this is no longer there, or acts as another user now. Call the tool again.';
const NO_TASK = 'This task was not started here, or its account is no longer there.';

/** What a client repeats when it answers a question. */
export function bindingOf(
  message: RequestMessage,
  { caller, address }: Pick<RelayParts, 'caller' | 'address'>,
): StateBinding {
  return { caller: caller.id, address, method: message.method, params: message.params };
}

/**
 * A request goes to the account of now, unless it continues something: answers go to the account that asked, and what
 * concerns a task to the one that runs it, whatever was switched meanwhile (MCP 2026-07-28, multi round-trip requests;
 * tasks extension).
 */
export function destinationOf(
  message: RequestMessage,
  relay: Pick<RelayParts, 'caller' | 'address' | 'states' | 'route' | 'routeTo'>,
  questions: OpenQuestions,
): Destination {
  const { requestState, inputResponses, taskId } = message.params;
  const isAboutTask = message.method.startsWith('tasks/');
  // Anywhere else a client could choose the account by what it writes there.
  const task = isAboutTask && typeof taskId === 'string' ? readTaskId(taskId) : undefined;
  if (isAboutTask && !task) return lost(NO_TASK);
  const isAnswer = requestState !== undefined;
  const opened = isAnswer ? relay.states.open(requestState, bindingOf(message, relay)) : undefined;
  if (isAnswer && !opened) return lost(NO_QUESTION);
  const mark = task?.mark ?? opened?.mark;
  if (mark === undefined) {
    const route = relay.route();
    // What a task asked is answered by its id alone; other answers without a state might be for somebody else.
    const now = (): string | undefined => route.identity && identityMark(route.identity);
    const isDoubtful = inputResponses !== undefined && questions.isOpenElsewhere(message, now());
    return isDoubtful ? lost(NO_QUESTION) : { kind: 'found', route, message };
  }
  const route = relay.routeTo((identity) => identityMark(identity) === mark);
  if (!route || (opened && opened.mark !== mark)) return lost(task ? NO_TASK : ASKED_ELSEWHERE);
  const ofTask = task ? withTaskId(message, task.id) : message;
  const said = opened ? withState(ofTask, opened.state) : ofTask;
  return { kind: 'found', route, message: said, asker: opened?.mark };
}

function lost(because: string): Destination {
  return { kind: 'lost', because };
}
