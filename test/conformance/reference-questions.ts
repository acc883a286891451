import {
  acceptedContent,
  type CallToolResult,
  type ElicitRequestFormParams,
  type InputRequest,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { type ReferenceStage, say } from './reference-stage.ts';

/** One tool that needs an answer of its client first (MCP 2026-07-28, multi round-trip requests). */
interface QuestionTool {
  readonly description: string;
  readonly run: (
    context: ServerContext,
    stage: ReferenceStage,
  ) => Promise<CallToolResult | InputRequiredResult> | CallToolResult | InputRequiredResult;
}

type Schema = ElicitRequestFormParams['requestedSchema'];

const NAME: Schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const COLOR: Schema = { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] };
const OK: Schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };

/**
 * The tools by which the official suite tries questions. Each is written once: a client of MCP 2025-11-25 is asked by
 * the SDK in requests of the server's own, in the middle of the call.
 */
export const questionTools: Readonly<Record<string, QuestionTool>> = {
  test_input_required_result_elicitation: {
    description: 'Greets the person at the client by the name they enter.',
    run: ({ mcpReq }) => {
      const name = acceptedContent(mcpReq.inputResponses, 'user_name')?.name;
      if (typeof name === 'string') return say(`Hello, ${name}!`);
      return asking({ user_name: form('What is your name?', NAME) });
    },
  },
  test_input_required_result_sampling: {
    description: "Has the client's model say what the capital of France is.",
    run: ({ mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, 'capital_question');
      if (answer.kind === 'sampling') return say(`The model says: ${JSON.stringify(answer.result.content)}`);
      return asking({ capital_question: prompt('What is the capital of France?', 100) });
    },
  },
  test_input_required_result_list_roots: {
    description: 'Lists the folders that the client works in.',
    run: ({ mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, 'client_roots');
      if (answer.kind === 'roots') return say(`Roots: ${answer.roots.map(({ uri }) => uri).join(', ')}`);
      return asking({ client_roots: inputRequired.listRoots() });
    },
  },
  test_input_required_result_request_state: confirming('test_input_required_result_request_state'),
  test_input_required_result_tampered_state: confirming('test_input_required_result_tampered_state'),
  test_input_required_result_multiple_inputs: {
    description: 'Asks the person, the model and the client itself at once.',
    run: async (context, { states }) => {
      const { inputResponses: answers } = context.mcpReq;
      const name = acceptedContent(answers, 'user_name')?.name;
      const greeting = inputResponse(answers, 'greeting');
      const roots = inputResponse(answers, 'client_roots');
      if (typeof name === 'string' && greeting.kind === 'sampling' && roots.kind === 'roots') {
        return say(`${name} has ${roots.roots.length} folder(s).`);
      }
      const questions = {
        user_name: form('What is your name?', NAME),
        greeting: prompt('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      };
      return asking(questions, await states.mint({ tool: 'multiple_inputs', round: 1 }, context));
    },
  },
  test_input_required_result_multi_round: {
    description: 'Asks twice, one after the other.',
    run: async (context, { states }) => {
      const { inputResponses: answers, requestState } = context.mcpReq;
      const round = requestState<{ round: number }>()?.round ?? 0;
      const next = (step: number) => states.mint({ tool: 'multi_round', round: step }, context);
      if (round === 2 && acceptedContent(answers, 'step2') !== undefined) return say('Both steps are done.');
      if (round === 1 && acceptedContent(answers, 'step1') !== undefined) {
        return asking({ step2: form('Step 2: What is your favorite color?', COLOR) }, await next(2));
      }
      return asking({ step1: form('Step 1: What is your name?', NAME) }, await next(1));
    },
  },
  test_input_required_result_capabilities: {
    description: 'Asks only what the client says it can answer.',
    run: ({ mcpReq }, stage) => {
      const { sampling, elicitation } = stage.capabilities();
      if (mcpReq.inputResponses !== undefined) return say('Thank you.');
      const questions = {
        ...(sampling === undefined ? {} : { thought: prompt('Say hello', 20) }),
        ...(elicitation === undefined ? {} : { user_name: form('What is your name?', NAME) }),
      };
      return Object.keys(questions).length === 0 ? say('There is nobody to ask.') : asking(questions);
    },
  },
  test_missing_capability: {
    description: "Needs the client's model, whether the client has one or not.",
    run: ({ mcpReq }) => {
      if (inputResponse(mcpReq.inputResponses, 'thought').kind === 'sampling') return say('Thank you.');
      return asking({ thought: prompt('Say hello', 20) });
    },
  },
  test_streaming_elicitation: {
    description: 'Asks the person at the client, in its answer and not as a request of its own.',
    run: ({ mcpReq }) => {
      if (acceptedContent(mcpReq.inputResponses, 'confirm') !== undefined) return say('Confirmed.');
      return asking({ confirm: form('Please confirm', OK) });
    },
  },
};

/** The prompt by which the official suite sees that not only tools ask. */
export function askForContext({ mcpReq }: ServerContext): string | InputRequiredResult {
  const given = acceptedContent(mcpReq.inputResponses, 'user_context')?.context;
  if (typeof given === 'string') return given;
  const schema: Schema = {
    type: 'object',
    properties: { context: { type: 'string' } },
    required: ['context'],
  };
  return asking({ user_context: form('What context should the prompt use?', schema) });
}

/** A question of a form; the tool's name tells its answer apart. */
export function form(message: string, requestedSchema: Schema): InputRequest {
  return inputRequired.elicit({ mode: 'form', message, requestedSchema });
}

export function prompt(text: string, maxTokens: number): InputRequest {
  return inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens,
  });
}

export function asking(
  inputRequests: Record<string, InputRequest>,
  requestState?: string,
): InputRequiredResult {
  return inputRequired({ inputRequests, ...(requestState === undefined ? {} : { requestState }) });
}

/** Asks for an OK and takes it only together with the state it gave. */
function confirming(tool: string): QuestionTool {
  return {
    description: 'Asks for a confirmation and knows it again by a sealed state.',
    run: async (context, { states }) => {
      const { inputResponses: answers, requestState } = context.mcpReq;
      const isOurs = requestState<{ tool: string }>()?.tool === tool;
      if (isOurs && acceptedContent(answers, 'confirm')?.ok === true) return say('state-ok');
      const state = await states.mint({ tool, round: 1 }, context);
      return asking({ confirm: form('Please confirm', OK) }, state);
    },
  };
}
