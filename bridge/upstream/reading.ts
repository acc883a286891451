import { limits } from '../base/limits.ts';
import { readMessage } from '../jsonrpc/read.ts';
import { answersRequest } from './answers.ts';
import { type HttpAnswer, readBody, type Waits } from './http.ts';
import { challengedScope } from './refusals.ts';
import { judge, mediaType, type Verdict } from './verdict.ts';
import type { Workspace } from './workspace.ts';

/** What was posted, as far as its response is judged by it. */
export interface Posted {
  readonly method: string;
  /** Raw id of a request; absent for notifications and responses. */
  readonly id?: string;
  /** The answer is expected in this response. */
  readonly wantsAnswer: boolean;
  readonly hadSession: boolean;
  readonly repeatable: boolean;
  readonly attempt: number;
  /** An error without an id answers the request, too, when the status refuses it (MCP 2026-07-28, streamable HTTP). */
  readonly takesErrorWithoutId?: boolean;
}

/**
 * Reads a response as far as needed to say what it means, and tells the workspace's observer. The body of a success
 * that holds the answer is left to the caller; every other body is taken care of here.
 */
export async function readVerdict(
  answer: HttpAnswer,
  posted: Posted,
  workspace: Workspace,
  waits: Waits,
): Promise<{ verdict: Verdict; body: string }> {
  const clean = (text: string | undefined) => text && workspace.withoutSecrets(text);
  const isSuccess = answer.status >= 200 && answer.status < 300;
  const body = isSuccess ? '' : workspace.withoutSecrets(await readText(answer, waits));
  const verdict = judge(
    {
      status: answer.status,
      contentType: clean(answer.header('content-type')) ?? '',
      challenge: clean(answer.header('www-authenticate')),
      location: clean(answer.header('location')),
      retryAfter: answer.header('retry-after'),
      body,
    },
    {
      ...posted,
      account: workspace.account,
      answersUs: answersUs(posted, answer.status, body),
      withoutSecrets: (text) => workspace.withoutSecrets(text),
      now: answer.header('retry-after') === undefined ? new Date() : clockOf(answer),
    },
  );
  const waitSeconds = verdict.kind === 'trouble' ? verdict.error.details.retryAfterSeconds : undefined;
  const scope = answer.status === 403 ? challengedScope(clean(answer.header('www-authenticate'))) : undefined;
  const isPage = mediaType(answer.header('content-type') ?? '') === 'text/html';
  // Who answers the request is there, so this is no word of the server about itself.
  const isOfTheRequest = answer.status === 410 && verdict.kind === 'answer';
  if (!isOfTheRequest) workspace.observe(answer.status, waitSeconds, scope, isPage);
  if (verdict.kind === 'accepted') void readText(answer, waits);
  else if (isSuccess && verdict.kind === 'trouble') answer.body.destroy();
  return { verdict, body };
}

function answersUs({ id, takesErrorWithoutId = false }: Posted, status: number, body: string): boolean {
  if (id === undefined || body === '') return false;
  return answersRequest(body, id, takesErrorWithoutId && status >= 400 && status < 500);
}

/** Where only the end of the connection ends the body, half a message is a connection that dropped. */
export function isCutOff(answer: HttpAnswer, body: Buffer): boolean {
  const framing = ['content-length', 'transfer-encoding'];
  if (framing.some((name) => answer.header(name) !== undefined)) return false;
  return /^\s*[[{]/.test(body.toString('latin1', 0, 64)) && readMessage(body).kind === 'refused';
}

/** A bounded body as text; empty when it is larger, broken or not UTF-8. */
async function readText(answer: HttpAnswer, waits: Waits): Promise<string> {
  try {
    const bytes = await readBody(answer.body, limits.metadataBytes, waits);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '';
  }
}

/** The time at which the workspace says it answered, because a date it names is by its own clock; ours when it says none. */
function clockOf(answer: HttpAnswer): Date {
  const said = new Date(answer.header('date') ?? '');
  return Number.isNaN(said.getTime()) ? new Date() : said;
}
