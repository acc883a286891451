import type { ServerResponse } from 'node:http';
import * as z from 'zod';
import { readArrival } from '../workspaces/arrival.ts';
import { listen } from '../workspaces/listen.ts';

/** A tool call the model asks for, by the name the app gives the tool. */
export interface WantedCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A model that has no mind of its own: it wants the same calls from whoever asks, and keeps what they answered. */
export interface ScriptedModel extends AsyncDisposable {
  readonly origin: string;
  /** What each call answered, in the order in which they were wanted; undefined while it was not answered. */
  readonly answers: readonly (string | undefined)[];
}

/** The parts of a Messages request that are looked at. */
const Asked = z.object({
  stream: z.boolean().optional(),
  tools: z.array(z.object({ name: z.string() })).optional(),
  messages: z.array(
    z.object({ content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]) }),
  ),
});
const Result = z.object({ type: z.literal('tool_result'), tool_use_id: z.string(), content: z.unknown() });

interface Block {
  readonly type: 'text' | 'tool_use';
  readonly [field: string]: unknown;
}

/**
 * Serves the Messages API of Anthropic, as far as Claude Code needs it to call tools: all wanted calls in one turn, then
 * a last word.
 */
export async function startScriptedModel(wanted: readonly WantedCall[]): Promise<ScriptedModel> {
  const answers = new Array<string | undefined>(wanted.length).fill(undefined);
  const listening = await listen(async (request, response) => {
    const arrival = await readArrival(request);
    const asked = Asked.safeParse(arrival.json);
    if (arrival.path !== '/v1/messages' || !asked.success) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const { messages, tools = [], stream = false } = asked.data;
    for (const { content } of messages) if (typeof content !== 'string') keepAnswers(content, answers);
    const names = new Set(tools.map(({ name }) => name));
    const isTurn = wanted.every(({ tool }) => names.has(tool)) && answers.every((one) => one === undefined);
    const blocks: Block[] = isTurn
      ? wanted.map(({ tool, args }, index) => ({
          type: 'tool_use',
          id: idOf(index),
          name: tool,
          input: args,
        }))
      : [{ type: 'text', text: 'Done.' }];
    if (stream) answerInEvents(response, blocks);
    else answerAtOnce(response, blocks);
  });
  return {
    origin: listening.origin,
    answers,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

const idOf = (index: number): string => `toolu_scripted_${index}`;

function keepAnswers(content: readonly unknown[], answers: (string | undefined)[]): void {
  for (const part of content) {
    const result = Result.safeParse(part);
    if (!result.success) continue;
    const index = answers.findIndex((_, one) => idOf(one) === result.data.tool_use_id);
    if (index >= 0) answers[index] = textOf(result.data.content);
  }
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return String(content);
  return (content as { text?: string }[]).map(({ text }) => text ?? '').join('\n');
}

function messageOf(content: readonly Block[]): Record<string, unknown> {
  return {
    id: 'msg_scripted',
    type: 'message',
    role: 'assistant',
    model: 'scripted',
    content,
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
}

function stopReasonOf(blocks: readonly Block[]): string {
  return blocks.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
}

function answerAtOnce(response: ServerResponse, blocks: readonly Block[]): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ...messageOf(blocks), stop_reason: stopReasonOf(blocks) }));
}

function answerInEvents(response: ServerResponse, blocks: readonly Block[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type: string, fields: object): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  };
  send('message_start', { message: messageOf([]) });
  for (const [index, block] of blocks.entries()) {
    const { start, delta } = inPieces(block);
    send('content_block_start', { index, content_block: start });
    send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
  }
  const delta = { stop_reason: stopReasonOf(blocks), stop_sequence: null };
  send('message_delta', { delta, usage: { output_tokens: 1 } });
  send('message_stop', {});
  response.end();
}

/** A block begins empty, and what is in it follows. */
function inPieces(block: Block): { start: Block; delta: object } {
  if (block.type === 'text')
    return { start: { ...block, text: '' }, delta: { type: 'text_delta', text: block.text } };
  const json = JSON.stringify(block.input);
  return { start: { ...block, input: {} }, delta: { type: 'input_json_delta', partial_json: json } };
}
