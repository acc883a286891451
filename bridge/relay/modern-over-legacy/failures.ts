import { isRecord } from '../../base/record.ts';
import type { RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND } from '../../jsonrpc/read.ts';
import { locate, outline, replaceSpans } from '../../jsonrpc/text.ts';
import { errorOf } from '../../jsonrpc/write.ts';
import { CAPABILITY_MISSING } from '../../upstream/modern/envelope.ts';
import { inputParams, lackedFor } from './questions.ts';
import { withAnswerId } from './results.ts';

/** MCP 2025-11-25: server/resources, error handling; client/elicitation, URL elicitation required. */
const RESOURCE_NOT_FOUND = -32002;
const LINKS_NEEDED = -32042;

/** How the official SDKs say, as a server, that they cannot ask; one that knows this of its client never asks. */
const CANNOT_ASK =
  /^(?:MCP error -?\d+: )?(?:Client does not support .{1,200}|Cannot request input .{1,200} did not declare the required capability)$/;
const ASKED = ['sampling/createMessage', 'elicitation/create', 'roots/list'];

export interface Failure {
  readonly text: string;
  readonly status?: number;
}

/** The text of an error as a modern client expects it, under the id of its request. */
export function failed(answer: ResponseMessage, request: RequestMessage): Failure {
  const code = answer.error?.code;
  const text = withAnswerId(answer.text, request.id);
  if (code === METHOD_NOT_FOUND) return { text, status: 404 };
  const span = locate(text, ['error', 'code']);
  if (code !== RESOURCE_NOT_FOUND || !span) return { text };
  return { text: replaceSpans(text, [{ ...span, by: String(INVALID_PARAMS) }]) };
}

/** The answer to a client that would have to be able to do more. */
export function lacking(requiredCapabilities: object, { id }: RequestMessage): Failure {
  const because = 'The workspace needs to ask something that this app has no way to answer.';
  const text = errorOf(id, CAPABILITY_MISSING, because, { requiredCapabilities }).toString();
  return { text, status: 400 };
}

/** What the client lacks because of which the workspace, in its own words, could not ask; undefined when it did not say so. */
export function lackedIn(
  answer: ResponseMessage,
  capabilities: Readonly<Record<string, unknown>>,
): object | undefined {
  const reason = answer.error ? answer.error.message : onlyErrorText(answer.result);
  if (typeof reason !== 'string' || !CANNOT_ASK.test(reason)) return undefined;
  const method = ASKED.find((candidate) => reason.includes(candidate.split('/')[0] ?? ''));
  if (!method) return undefined;
  const params = {
    mode: /\burl\b/i.test(reason) ? 'url' : 'form',
    ...(/\btools\b/.test(reason) ? { tools: [] } : {}),
  };
  return lackedFor({ method, params }, capabilities);
}

function onlyErrorText(result: unknown): unknown {
  if (!isRecord(result) || result.isError !== true || !Array.isArray(result.content)) return undefined;
  const [only, ...others]: unknown[] = result.content;
  return isRecord(only) && others.length === 0 ? only.text : undefined;
}

/** So many links of one error are shown. */
const MOST_LINKS = 16;

/** Raw params of the elicitations that a call waits for: links to open, named in its error; undefined when there are none. */
export function linksIn(answer: ResponseMessage): readonly string[] | undefined {
  if (answer.error?.code !== LINKS_NEEDED || !isRecord(answer.error.data)) return undefined;
  const given: unknown = answer.error.data.elicitations;
  const span = locate(answer.text, ['error', 'data', 'elicitations']);
  const shape = span && outline(answer.text, span);
  if (!Array.isArray(given) || shape?.kind !== 'array') return undefined;
  const links = shape.elements.filter((_, at) => isRecord(given[at]) && given[at].mode === 'url');
  if (links.length === 0 || links.length > MOST_LINKS) return undefined;
  return links.map(({ start, end }) => inputParams(answer.text.slice(start, end)));
}
