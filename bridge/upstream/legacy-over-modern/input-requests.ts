import { randomUUID } from 'node:crypto';
import { isRecord } from '../../base/record.ts';
import type { ResponseMessage } from '../../jsonrpc/message.ts';
import { edited, objectText, valueText } from '../../jsonrpc/object-text.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import { requestOf, resultText } from '../../jsonrpc/write.ts';

/** One thing that a workspace wants to know before it goes on. */
export interface InputRequest {
  readonly key: string;
  readonly method: string;
  /** Raw JSON text, as a client of the older era expects it. */
  readonly params: string;
}

export interface InputRequired {
  readonly requests: readonly InputRequest[];
  /** Raw JSON text, to be given back as it is. */
  readonly state: string | undefined;
}

/** Methods whose result may be `input_required` (MCP 2026-07-28, multi round-trip requests). */
export const MAY_NEED_INPUT: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** So many questions of one round; far more than a person would answer. */
const MOST_REQUESTS = 64;

/** Reads an `input_required` result; a text says what is wrong with it. */
export function readInputRequired(answer: ResponseMessage): InputRequired | string {
  const text = resultText(answer);
  const { result } = answer;
  if (text === undefined || !isRecord(result)) return 'without a result';
  const state = typeof result.requestState === 'string' ? valueText(text, ['requestState']) : undefined;
  const asked = isRecord(result.inputRequests) ? Object.entries(result.inputRequests) : [];
  if (asked.length === 0 && state === undefined) return 'with neither a question nor a state';
  if (asked.length > MOST_REQUESTS) return 'with too many questions at once';
  const requests: InputRequest[] = [];
  for (const [key, entry] of asked) {
    if (!isRecord(entry) || typeof entry.method !== 'string') return 'with a question that has no method';
    const params = legacyParams(entry, objectText(text, ['inputRequests', key, 'params']));
    const asked = readMessage(requestOf('0', entry.method, params));
    if (asked.kind !== 'request') return 'with a question that cannot be read';
    requests.push({ key, method: entry.method, params });
  }
  return { requests, state };
}

/** Up to MCP 2025-11-25 an elicitation by URL has an id; nothing refers to it here. */
function legacyParams({ method, params }: Record<string, unknown>, text: string): string {
  if (method !== 'elicitation/create' || !isRecord(params) || params.mode !== 'url') return text;
  if (typeof params.elicitationId === 'string') return text;
  return edited(text, { elicitationId: JSON.stringify(randomUUID()) });
}

/** The client capability that a question needs and the client did not declare; undefined when it may be asked. */
export function lackedBy(
  capabilities: Readonly<Record<string, unknown>>,
  asked: InputRequest,
): string | undefined {
  switch (asked.method) {
    case 'sampling/createMessage':
      return isRecord(capabilities.sampling) ? undefined : 'sampling';
    case 'roots/list':
      return isRecord(capabilities.roots) ? undefined : 'roots';
    case 'elicitation/create': {
      const { elicitation } = capabilities;
      if (!isRecord(elicitation)) return 'elicitation';
      const { mode } = JSON.parse(asked.params) as { mode?: unknown };
      if (mode === 'url') {
        return elicitation.url === undefined ? 'elicitation by URL' : undefined;
      }
      // A client that names no mode means forms (MCP 2025-11-25, elicitation).
      return elicitation.form === undefined && elicitation.url !== undefined
        ? 'elicitation by form'
        : undefined;
    }
    default:
      return asked.method;
  }
}

/** The request once more, with what the workspace wanted to know. `responses` are raw results by key. */
export function answered(
  request: string,
  id: string,
  responses: ReadonlyMap<string, string>,
  state: string | undefined,
): string {
  let params = objectText(request, ['params']);
  if (responses.size > 0) {
    const members = [...responses].map(([key, result]) => `${JSON.stringify(key)}:${result}`);
    params = edited(params, { inputResponses: `{${members.join(',')}}` });
  }
  if (state !== undefined) params = edited(params, { requestState: state });
  return edited(edited(request, { id }), { params });
}
