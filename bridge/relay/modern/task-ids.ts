import { isRecord } from '../../base/record.ts';
import { memberAt, type ObjectPlace, objectAt, withMembers, withoutMembers } from '../../jsonrpc/members.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { locate, outline, replaceSpans, type Span } from '../../jsonrpc/text.ts';

/** Length of an `identityMark`. */
const MARK_LENGTH = 16;

function markTaskId(id: string, mark: string): string {
  return `${mark}.${id}`;
}

/** Reads a task id as clients have it: whose task it is, and its own id. Undefined for anything else. */
export function readTaskId(id: string): { mark: string; id: string } | undefined {
  const mark = id.slice(0, MARK_LENGTH);
  if (!/^[0-9a-f]{16}$/.test(mark) || id[MARK_LENGTH] !== '.') return undefined;
  return { mark, id: id.slice(MARK_LENGTH + 1) };
}

/**
 * The text of a result or notification with the mark of its identity in front of each task id (extension
 * `io.modelcontextprotocol/tasks`, 2026-07-28): in a task, in a notification about one, and in what a listen
 * acknowledges. Tasks belong to the account that runs them, so ids must lead back to it after a switch.
 */
export function markTaskIds(text: string, mark: string): string {
  const result = objectAt(text, ['result']);
  if (result) return isTask(text, result) ? marked(text, result, mark) : text;
  const method = locate(text, ['method']);
  const params = objectAt(text, ['params']);
  if (!method || !params) return text;
  switch (JSON.parse(text.slice(method.start, method.end)) as unknown) {
    case 'notifications/tasks':
      return marked(text, params, mark);
    case 'notifications/subscriptions/acknowledged':
      return markedList(text, locate(text, ['params', 'notifications', 'taskIds']), mark);
    default:
      return text;
  }
}

/** A new task, or the answer of `tasks/get`; both hold the members of a task themselves. */
function isTask(text: string, result: ObjectPlace): boolean {
  if (memberAt(text, result, 'taskId') === undefined) return false;
  const type = memberAt(text, result, 'resultType');
  return type === 'task' || typeof memberAt(text, result, 'status') === 'string';
}

function marked(text: string, task: ObjectPlace, mark: string): string {
  const id = memberAt(text, task, 'taskId');
  if (typeof id !== 'string') return text;
  return withMembers(text, task, { taskId: JSON.stringify(markTaskId(id, mark)) });
}

function markedList(text: string, list: Span | undefined, mark: string): string {
  const shape = list && outline(text, list);
  if (shape?.kind !== 'array') return text;
  const edits = shape.elements.flatMap((element) => {
    const id: unknown = JSON.parse(text.slice(element.start, element.end));
    return typeof id === 'string' ? [{ ...element, by: JSON.stringify(markTaskId(id, mark)) }] : [];
  });
  return replaceSpans(text, edits);
}

/** The request about a task (`tasks/get`, `tasks/update`, `tasks/cancel`) with the id its workspace knows. */
export function withTaskId(request: RequestMessage, id: string): RequestMessage {
  const place = objectAt(request.text, ['params']);
  if (!place) return request;
  const text = withMembers(request.text, place, { taskId: JSON.stringify(id) });
  return { ...request, text, bytes: Buffer.from(text), params: { ...request.params, taskId: id } };
}

/**
 * The listen as this identity's workspace may see it: its own tasks, by the ids it knows. Tasks of other accounts,
 * and what is no task id of ours, are left out.
 */
export function withTaskIds(listen: RequestMessage, mark: string): RequestMessage {
  const place = objectAt(listen.text, ['params', 'notifications']);
  const filter = listen.params.notifications;
  if (!place || !isRecord(filter) || !Array.isArray(filter.taskIds)) return listen;
  const ids = filter.taskIds.flatMap((id: unknown) => {
    const read = typeof id === 'string' ? readTaskId(id) : undefined;
    return read?.mark === mark ? [read.id] : [];
  });
  const { taskIds: _, ...rest } = filter;
  const text =
    ids.length === 0
      ? withoutMembers(listen.text, place, (key) => key === 'taskIds')
      : withMembers(listen.text, place, { taskIds: JSON.stringify(ids) });
  const notifications = ids.length === 0 ? rest : { ...rest, taskIds: ids };
  return { ...listen, text, bytes: Buffer.from(text), params: { ...listen.params, notifications } };
}
