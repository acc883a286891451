import {
  type InputRequest,
  type InputResponseView,
  inputRequired,
  inputResponse,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Seat } from './plain-tools.ts';
import { answerTo, question } from './questions.ts';
import { reads, say, show, type TableTool, tableTool } from './tool-table.ts';

/** What a question remembers until it is answered. */
export interface AskingState {
  readonly answers?: readonly string[];
  readonly left?: number;
}

/** What a tool that asks runs in. */
export interface AskingSeat extends Seat {
  /** Makes the `requestState` of a question, which only this principal can bring back (MCP 2026-07-28). */
  readonly seal: (state: AskingState, context: ServerContext) => Promise<string>;
}

function completion(text: string): InputRequest {
  return inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens: 100,
  });
}

function completed(given: InputResponseView): string | undefined {
  if (given.kind !== 'sampling') return undefined;
  const [content] = [given.result.content].flat();
  return content?.type === 'text' ? content.text : content?.type;
}

function rootsOf(given: InputResponseView): readonly string[] | undefined {
  return given.kind === 'roots' ? given.roots.map(({ uri }) => uri) : undefined;
}

const ask = tableTool({
  name: 'ask',
  description: 'Asks the person at the client something and gives the answer back (elicitation/create).',
  annotations: reads,
  input: z.object({
    question: z.string(),
    stateless: z.boolean().default(false).describe('Give no state with the question.'),
  }),
  run: async ({ question: text, stateless }, { workspace, seal }: AskingSeat, context) => {
    const answer = answerTo(inputResponse(context.mcpReq.inputResponses, 'answer'));
    if (answer !== undefined) return say(`${workspace}: ${answer}`);
    const state = stateless ? {} : { requestState: await seal({}, context) };
    return inputRequired({ inputRequests: { answer: question(text) }, ...state });
  },
});

const interview = tableTool({
  name: 'interview',
  description: 'Asks the person several questions, one after the other, and gives all answers back.',
  annotations: reads,
  input: z.object({ questions: z.array(z.string()).min(1).max(8) }),
  run: async ({ questions }, { workspace, seal }: AskingSeat, context) => {
    const before = context.mcpReq.requestState<AskingState>()?.answers ?? [];
    const answer = answerTo(inputResponse(context.mcpReq.inputResponses, 'answer'));
    const answers = answer === undefined ? before : [...before, answer];
    const next = questions[answers.length];
    if (next === undefined) return say(`${workspace}: ${answers.join(', ')}`);
    return inputRequired({
      inputRequests: { answer: question(next) },
      requestState: await seal({ answers }, context),
    });
  },
});

const survey = tableTool({
  name: 'survey',
  description:
    'Asks the person, the model and the client at once: elicitation, sampling and roots in one round.',
  annotations: reads,
  input: z.object({ question: z.string(), text: z.string() }),
  run: async ({ question: text, text: prompt }, { workspace, seal }: AskingSeat, context) => {
    const given = (key: string): InputResponseView => inputResponse(context.mcpReq.inputResponses, key);
    const [answer, made, roots] = [
      answerTo(given('person')),
      completed(given('model')),
      rootsOf(given('client')),
    ];
    if (answer !== undefined && made !== undefined && roots !== undefined)
      return show({ workspace, answer, made, roots });
    return inputRequired({
      inputRequests: {
        person: question(text),
        model: completion(prompt),
        client: inputRequired.listRoots(),
      },
      requestState: await seal({}, context),
    });
  },
});

const later = tableTool({
  name: 'later',
  description:
    'Is not ready at first: the client comes back as often as it is told to, with nothing to answer.',
  annotations: reads,
  input: z.object({ rounds: z.number().int().min(1).max(5).default(1) }),
  run: async ({ rounds }, { workspace, seal }: AskingSeat, context) => {
    const left = context.mcpReq.requestState<AskingState>()?.left ?? rounds;
    if (left === 0) return say(`${workspace}: ready after ${rounds}`);
    return inputRequired({ requestState: await seal({ left: left - 1 }, context) });
  },
});

const sample = tableTool({
  name: 'sample',
  description: "Has the client's model complete a text (sampling/createMessage).",
  annotations: reads,
  input: z.object({ text: z.string() }),
  run: async ({ text }, { workspace, seal }: AskingSeat, context) => {
    const made = completed(inputResponse(context.mcpReq.inputResponses, 'made'));
    if (made !== undefined) return say(`${workspace}: ${made}`);
    const requestState = await seal({}, context);
    return inputRequired({ inputRequests: { made: completion(text) }, requestState });
  },
});

const roots = tableTool({
  name: 'roots',
  description: 'Lists the roots of the client (roots/list).',
  annotations: reads,
  input: z.object({}),
  run: async (_args, { workspace, seal }: AskingSeat, context) => {
    const found = rootsOf(inputResponse(context.mcpReq.inputResponses, 'roots'));
    if (found !== undefined) return show({ workspace, roots: found });
    const requestState = await seal({}, context);
    return inputRequired({ inputRequests: { roots: inputRequired.listRoots() }, requestState });
  },
});

/** Tools that ask back in a result; a session of the older era is asked by requests instead, by the official SDK. */
export const askingTools: readonly TableTool<AskingSeat>[] = [ask, interview, survey, later, sample, roots];
