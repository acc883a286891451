import type { ServerResponse } from 'node:http';
import * as z from 'zod';
import { answerJson, readArrival } from '../workspaces/arrival.ts';
import { listen } from '../workspaces/listen.ts';

/** A call the model wants. */
export interface ModelCall {
  /** The name a server gives the tool; apps put their own words before it. */
  readonly tool: string;
  readonly args: object;
}

/** A model that wants tools called, whoever asks and in whichever of four APIs, and then has its last word. */
export interface LoopbackModel extends AsyncDisposable {
  readonly origin: string;
  /** The tools the app offered in the last of its turns, each with the name of its group before it, if it has one. */
  offered(): readonly string[];
  /** What the app said last with answers of calls in it, which is everything so far, as it came. */
  heard(): string;
}

interface Offer {
  readonly name: string;
  /** Codex offers the tools of a server together. */
  readonly namespace?: string;
}

/** A call as an app gets it, with its place among the calls. */
interface Asked extends Offer {
  readonly args: object;
  readonly index: number;
}

/** One API of a model, as far as apps need it to call a tool. */
interface Dialect {
  serves(path: string): boolean;
  tools(body: unknown): readonly Offer[];
  /** Stands once in the body for every call that was answered. */
  readonly answered: RegExp;
  reply(response: ServerResponse, isStream: boolean, call: Asked | undefined): void;
}

const Named = z.object({ name: z.string() });
const Nested = z.object({ function: Named });
const Group = z.object({ type: z.literal('namespace'), name: z.string(), tools: z.array(Named) });
const Declared = z.object({ functionDeclarations: z.array(Named) });
const WithTools = z.object({ tools: z.array(z.unknown()).optional(), stream: z.boolean().optional() });

const DONE = 'Done.';

/** Anthropic's Messages: Claude Code. */
const messages: Dialect = {
  serves: (path) => path.endsWith('/v1/messages'),
  tools: plainOffers,
  answered: /"tool_result"/g,
  reply: (response, isStream, call) => {
    const block = call
      ? { type: 'tool_use', id: `toolu_${call.index}`, name: call.name, input: call.args }
      : { type: 'text', text: DONE };
    const stop_reason = call ? 'tool_use' : 'end_turn';
    const usage = { input_tokens: 1, output_tokens: 1 };
    const whole = { id: 'msg_1', type: 'message', role: 'assistant', model: 'scripted', usage };
    if (!isStream) {
      answerJson(response, 200, { ...whole, content: [block], stop_reason, stop_sequence: null });
      return;
    }
    const begun = call ? { ...block, input: {} } : { ...block, text: '' };
    const delta = call
      ? { type: 'input_json_delta', partial_json: JSON.stringify(call.args) }
      : { type: 'text_delta', text: DONE };
    const events: object[] = [
      { type: 'message_start', message: { ...whole, content: [], stop_reason: null, stop_sequence: null } },
      { type: 'content_block_start', index: 0, content_block: begun },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
      { type: 'message_stop' },
    ];
    inEvents(response, events);
  },
};

/** OpenAI's Responses: Codex. */
const responses: Dialect = {
  serves: (path) => path.endsWith('/responses'),
  tools: plainOffers,
  answered: /"(?:custom_tool|function)_call_output"/g,
  reply: (response, _isStream, call) => {
    const { namespace } = call ?? {};
    const item = call
      ? {
          type: 'function_call',
          id: `fc_${call.index}`,
          call_id: `call_${call.index}`,
          name: call.name,
          arguments: JSON.stringify(call.args),
          ...(namespace === undefined ? {} : { namespace }),
        }
      : {
          type: 'message',
          role: 'assistant',
          id: 'msg_1',
          content: [{ type: 'output_text', text: DONE, annotations: [] }],
        };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    inEvents(response, [
      { type: 'response.created', response: { id: 'resp_1' } },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id: 'resp_1', output: [item], usage } },
    ]);
  },
};

/** Chat completions, which most others take: OpenCode. */
const chat: Dialect = {
  serves: (path) => path.endsWith('/chat/completions'),
  tools: plainOffers,
  answered: /"role":"tool"/g,
  reply: (response, isStream, call) => {
    const asked = { index: 0, id: `call_${call?.index}`, type: 'function' };
    const message = call
      ? {
          role: 'assistant',
          tool_calls: [{ ...asked, function: { name: call.name, arguments: JSON.stringify(call.args) } }],
        }
      : { role: 'assistant', content: DONE };
    const finish_reason = call ? 'tool_calls' : 'stop';
    const whole = { id: 'chat_1', created: 1, model: 'scripted' };
    if (!isStream) {
      const choices = [{ index: 0, message, finish_reason }];
      answerJson(response, 200, { ...whole, object: 'chat.completion', choices });
      return;
    }
    const chunk = { ...whole, object: 'chat.completion.chunk' };
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    inEvents(
      response,
      [
        { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] },
        { ...chunk, choices: [{ index: 0, delta: {}, finish_reason }], usage },
      ],
      'data: [DONE]\n\n',
    );
  },
};

/** Google's generateContent: Gemini CLI. */
const gemini: Dialect = {
  serves: (path) => /:(?:streamG|g)enerateContent$/.test(path),
  tools: (body) =>
    offersIn(body).flatMap((tool) => Declared.safeParse(tool).data?.functionDeclarations ?? []),
  answered: /"functionResponse"/g,
  reply: (response, isStream, call) => {
    const part = call ? { functionCall: { name: call.name, args: call.args } } : { text: DONE };
    const answer = {
      candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
      modelVersion: 'scripted',
    };
    if (isStream) inEvents(response, [answer]);
    else answerJson(response, 200, answer);
  },
};

const dialects: readonly Dialect[] = [messages, responses, chat, gemini];

/**
 * Serves the four APIs on loopback.
 *
 * @param wanted the calls, one after the other.
 * @param between what happens after an answer and before the next call is asked for, once.
 */
export async function startLoopbackModel(
  wanted: readonly ModelCall[],
  between: () => Promise<void> = async () => undefined,
): Promise<LoopbackModel> {
  let offered: readonly string[] = [];
  let heard = '';
  const pauses = new Map<number, Promise<void>>();
  const pauseBefore = (index: number): Promise<void> => {
    const pause = pauses.get(index) ?? between();
    pauses.set(index, pause);
    return pause;
  };
  const listening = await listen(async (request, response) => {
    const arrival = await readArrival(request);
    const dialect = dialects.find(({ serves }) => serves(arrival.path));
    const body = WithTools.safeParse(arrival.json);
    if (!dialect || !body.success) {
      answerJson(response, arrival.path.includes('models') ? 200 : 404, { data: [], models: [] });
      return;
    }
    const offers = dialect.tools(arrival.json);
    if (offers.length > 0) offered = offers.map(({ namespace = '', name }) => `${namespace}${name}`);
    const index = arrival.text.match(dialect.answered)?.length ?? 0;
    if (index > 0) heard = arrival.text;
    const call = wanted[index];
    const offer = call && offers.find(({ name }) => name.endsWith(call.tool));
    if (offer && index > 0) await pauseBefore(index);
    const isStream = body.data.stream === true || arrival.path.includes(':stream');
    dialect.reply(response, isStream, offer && { ...offer, args: call.args, index });
  });
  return {
    origin: listening.origin,
    offered: () => offered,
    heard: () => heard,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

function offersIn(body: unknown): readonly unknown[] {
  return WithTools.safeParse(body).data?.tools ?? [];
}

function plainOffers(body: unknown): readonly Offer[] {
  return offersIn(body).flatMap((tool): readonly Offer[] => {
    const group = Group.safeParse(tool);
    if (group.success) {
      const { name: namespace, tools } = group.data;
      return tools.map(({ name }) => ({ name, namespace }));
    }
    const nested = Nested.safeParse(tool);
    if (nested.success) return [nested.data.function];
    const named = Named.safeParse(tool);
    return named.success ? [named.data] : [];
  });
}

function inEvents(response: ServerResponse, events: readonly object[], last = ''): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) {
    if ('type' in event) response.write(`event: ${String(event.type)}\n`);
    response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
  response.end(last);
}
