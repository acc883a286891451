import { isRecord } from '../../base/record.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { edited } from '../../jsonrpc/object-text.ts';
import { locate } from '../../jsonrpc/text.ts';
import { meta } from '../../upstream/modern/envelope.ts';

/** Requests that may be answered by a question (MCP 2026-07-28, multi round-trip requests). */
export const ASKING: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** A question of the workspace that waits for the client. */
export interface Question {
  readonly key: string;
  /** Raw id in the workspace's own numbering. */
  readonly id: string;
  readonly message: RequestMessage;
}

/**
 * The capabilities a client lacks to be asked this, in the shape of a client's capabilities; undefined when it may be
 * asked. Methods that are no questions at all have no capability that would help: `{}`.
 */
export function lackedFor(
  question: Pick<RequestMessage, 'method' | 'params'>,
  capabilities: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const { sampling, elicitation, roots } = capabilities;
  const { params } = question;
  switch (question.method) {
    case 'roots/list':
      return isRecord(roots) ? undefined : { roots: {} };
    case 'sampling/createMessage': {
      const needsTools = params.tools !== undefined || params.toolChoice !== undefined;
      if (!needsTools) return isRecord(sampling) ? undefined : { sampling: {} };
      return isRecord(sampling) && isRecord(sampling.tools) ? undefined : { sampling: { tools: {} } };
    }
    case 'elicitation/create': {
      if (params.mode === 'url') {
        return isRecord(elicitation) && isRecord(elicitation.url) ? undefined : { elicitation: { url: {} } };
      }
      // A client that names no mode fills in forms (MCP 2025-11-25, elicitation, capabilities).
      const fillsForms = isRecord(elicitation) && (isRecord(elicitation.form) || !isRecord(elicitation.url));
      return fillsForms ? undefined : { elicitation: { form: {} } };
    }
    default:
      return {};
  }
}

/** A question as an entry of `inputRequests`, raw JSON; what belongs to the other era's bookkeeping is left out. */
export function inputRequest({ method, text }: Pick<RequestMessage, 'method' | 'text'>): string {
  const span = locate(text, ['params']);
  const name = JSON.stringify(method);
  if (!span) return `{"method":${name}}`;
  return `{"method":${name},"params":${inputParams(text.slice(span.start, span.end))}}`;
}

/** @param params raw JSON of an elicitation, a sampling or a roots request. */
export function inputParams(params: string): string {
  const span = locate(params, ['_meta']);
  const about = span && edited(params.slice(span.start, span.end), {}, (key) => key === 'progressToken');
  const drops = (key: string): boolean =>
    key === 'elicitationId' || key === 'task' || (key === '_meta' && about === '{}');
  return edited(params, about === undefined || about === '{}' ? {} : { _meta: about }, drops);
}

/**
 * The result that asks the client, raw JSON.
 * @param asked raw JSON of each entry, by key.
 * @param serverInfo raw JSON.
 */
export function inputRequired(
  asked: Readonly<Record<string, string>>,
  state: string,
  serverInfo: string | undefined,
): string {
  const info = serverInfo === undefined ? '' : `,"_meta":{${JSON.stringify(meta.serverInfo)}:${serverInfo}}`;
  const requests = edited('{}', asked);
  return `{"resultType":"input_required","inputRequests":${requests},"requestState":${JSON.stringify(state)}${info}}`;
}

/** Raw JSON of the client's answer under this key; undefined when there is none, or it is no result. */
export function answerUnder(message: RequestMessage, key: string): string | undefined {
  const { inputResponses } = message.params;
  if (!isRecord(inputResponses) || !Object.hasOwn(inputResponses, key) || !isRecord(inputResponses[key])) {
    return undefined;
  }
  const span = locate(message.text, ['params', 'inputResponses', key]);
  return span && message.text.slice(span.start, span.end);
}
