import { oneLine } from '../../base/text.ts';
import type { RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { INTERNAL_ERROR, readMessage } from '../../jsonrpc/read.ts';
import { errorOf, resultText, withId } from '../../jsonrpc/write.ts';
import type { OnUpMessage, UpMessage } from '../channel.ts';
import type { ModernChannel } from '../modern/channel.ts';
import { troubleOf, type Workspace } from '../workspace.ts';
import {
  answered,
  type InputRequest,
  lackedBy,
  MAY_NEED_INPUT,
  readInputRequired,
} from './input-requests.ts';
import type { OpenQuestions } from './open-questions.ts';
import { plainAnswer, resultTypeOf } from './results.ts';

/** How often one request may be asked for more input. */
const MOST_ROUNDS = 16;
/** How long the client may take to answer the questions of one round. */
const ROUND_MS = 10 * 60_000;
/** A workspace that only wants to be asked again is asked at once, then ever more slowly. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

export interface RoundsParts {
  readonly workspace: Workspace;
  readonly channel: Pick<ModernChannel, 'request'>;
  readonly questions: OpenQuestions;
  /** What the client said it can do. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** A fresh raw id. */
  nextId(): string;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** One request of a client, with its envelope. */
export interface Carried {
  readonly text: string;
  /** Raw id of the client's request. */
  readonly id: string;
  readonly method: string;
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
  readonly onMessage: OnUpMessage;
}

/** The client answered a question with an error. */
class QuestionRefused extends Error {
  readonly asked: InputRequest;
  readonly answer: ResponseMessage;

  constructor(asked: InputRequest, answer: ResponseMessage) {
    super('The client refused a question.');
    this.asked = asked;
    this.answer = answer;
  }
}

/**
 * Carries one request to its final answer, which is handed over as a client of the older era knows it. Where the
 * workspace needs input first (MCP 2026-07-28, multi round-trip requests), the client is asked on the stream of its
 * request, and the request is sent again with what it answered.
 * @throws BridgeError when there is no answer; the signal's reason when it was withdrawn.
 */
export async function carry(carried: Carried, parts: RoundsParts): Promise<void> {
  const { method, onMessage } = carried;
  let { text } = carried;
  let polls = 0;
  let isStreamed = false;
  for (let round = 0; ; round += 1) {
    const { answer, streamed } = await send(text, carried, parts);
    isStreamed ||= streamed;
    const type = resultTypeOf(answer);
    const needsInput = type === 'input_required' && MAY_NEED_INPUT.has(method);
    if (type === 'complete') return handOver(plainAnswer(answer, method), isStreamed, carried);
    if (!needsInput) throw unreadable(parts, `with a result of the kind ${shown(type)}`);
    if (round === MOST_ROUNDS) throw unreadable(parts, 'with questions without end');
    const required = readInputRequired(answer);
    if (typeof required === 'string') throw unreadable(parts, required);
    let responses = new Map<string, string>();
    if (required.requests.length > 0) {
      polls = 0;
      isStreamed = true;
      try {
        responses = await inputs(required.requests, carried, parts);
      } catch (error) {
        if (!(error instanceof QuestionRefused)) throw error;
        return onMessage({ message: refusal(error, carried.id), streamed: isStreamed });
      }
    } else {
      if (polls > 0) await parts.pause(pauseMs(polls), carried.signal);
      polls += 1;
    }
    text = answered(carried.text, parts.nextId(), responses, required.state);
  }
}

function pauseMs(polls: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (polls - 1), LONGEST_PAUSE_MS);
}

/** Sends one round; what comes before its answer goes to the client. */
async function send(
  text: string,
  carried: Carried,
  { channel, workspace }: RoundsParts,
): Promise<{ answer: ResponseMessage; streamed: boolean }> {
  const { repeatable, signal, onMessage } = carried;
  const message = requestFrom(text, workspace);
  let heard: { answer: ResponseMessage; streamed: boolean } | undefined;
  await channel.request({
    message,
    repeatable,
    signal,
    onMessage: async (given: UpMessage) => {
      if (given.message?.kind === 'response') heard = { answer: given.message, streamed: given.streamed };
      // A workspace of this era asks nothing by a request of its own; nobody could take the answer back.
      else if (given.message?.kind === 'notification') await onMessage({ ...given, streamed: true });
    },
  });
  if (heard) return heard;
  throw troubleOf(workspace.account, 'bad-answer', 'The workspace ended without an answer.', {
    mayHaveRun: true,
  });
}

/** The text as a message. @throws BridgeError `too-large` when the envelope made it too large or too deep. */
export function requestFrom(text: string, { account }: Workspace): RequestMessage {
  const message = readMessage(Buffer.from(text));
  if (message.kind === 'request') return message;
  throw troubleOf(account, 'too-large', 'The request is too large to be translated for this workspace.');
}

/** Asks the client everything at once. @returns the raw results by key. */
async function inputs(
  requests: readonly InputRequest[],
  { signal, onMessage }: Carried,
  parts: RoundsParts,
): Promise<Map<string, string>> {
  const { account } = parts.workspace;
  for (const asked of requests) {
    const lacked = lackedBy(parts.capabilities, asked);
    if (lacked === undefined) continue;
    const message = `The workspace asks this app for ${shown(lacked)}, which it does not offer. The call cannot go on.`;
    throw troubleOf(account, 'bad-answer', message, { mayHaveRun: true });
  }
  const round = new AbortController();
  const late = troubleOf(account, 'timeout', 'The questions of the workspace were not answered in time.', {
    mayHaveRun: true,
  });
  const timer = setTimeout(() => round.abort(late), ROUND_MS).unref();
  const either = AbortSignal.any([signal, round.signal]);
  const asking = requests.map(async (asked): Promise<[string, string]> => {
    const answer = await parts.questions.ask(asked, onMessage, either);
    const result = resultText(answer);
    if (answer.error || result === undefined) throw new QuestionRefused(asked, answer);
    return [asked.key, result];
  });
  try {
    return new Map(await Promise.all(asking));
  } catch (error) {
    // The client takes down what it still shows, before it gets its answer.
    round.abort(error);
    await Promise.allSettled(asking);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function refusal({ asked, answer }: QuestionRefused, id: string): ResponseMessage {
  const { code, message, data } = answer.error ?? { code: INTERNAL_ERROR, message: 'no result' };
  const text = `The app did not answer the question of the workspace (${shown(asked.method)}): ${oneLine(String(message), 2000)}`;
  const known = Number.isSafeInteger(code) ? Number(code) : INTERNAL_ERROR;
  const bytes = errorOf(id, known, text, typeof data === 'object' && data !== null ? data : undefined);
  return responseFrom(bytes);
}

async function handOver(text: string, streamed: boolean, { id, onMessage }: Carried): Promise<void> {
  const answer = { text, bytes: Buffer.from(text) };
  await onMessage({ message: responseFrom(withId(answer, id)), streamed });
}

/** An answer of our own making. */
export function responseFrom(bytes: Uint8Array): ResponseMessage {
  const message = readMessage(bytes);
  if (message.kind !== 'response') throw new TypeError('This is no answer.');
  return message;
}

function unreadable({ workspace }: RoundsParts, how: string): Error {
  const message = `The workspace answered ${how}, which this app cannot understand. It may have been carried out.`;
  return troubleOf(workspace.account, 'bad-answer', message, { mayHaveRun: true });
}

function shown(value: unknown): string {
  return oneLine(typeof value === 'string' ? value : typeof value, 60);
}
