import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type CallToolResult,
  type ContentBlock,
  type InputRequiredResult,
  inputResponse,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import { formTools } from './reference-forms.ts';
import { asking, prompt as promptFor, questionTools } from './reference-questions.ts';
import { type ReferenceStage, say } from './reference-stage.ts';

/** What a tool answers, or asks first. */
export type ReferenceAnswer = CallToolResult | InputRequiredResult;

/** A red pixel. */
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
/** A WAV file of no samples. */
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';
/** Long enough for a client to see that notifications come one by one. */
const STEP_MS = 50;

/** One tool of the reference server; the official suite calls them by name. */
export interface ReferenceTool {
  readonly description: string;
  readonly inputSchema: Tool['inputSchema'];
  readonly run: (
    args: Readonly<Record<string, unknown>>,
    context: ServerContext,
    stage: ReferenceStage,
  ) => Promise<ReferenceAnswer> | ReferenceAnswer;
}

const image: ContentBlock = { type: 'image', data: PNG, mimeType: 'image/png' };
const nothing: Tool['inputSchema'] = { type: 'object', properties: {} };

/** Tools that only answer with fixed content. */
const contentTools: Record<string, ContentBlock[]> = {
  test_simple_text: [{ type: 'text', text: 'This is a simple text response for testing.' }],
  test_image_content: [image],
  test_audio_content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  test_embedded_resource: [
    {
      type: 'resource',
      resource: {
        uri: 'test://embedded-resource',
        mimeType: 'text/plain',
        text: 'This is an embedded resource content.',
      },
    },
  ],
  test_multiple_content_types: [
    { type: 'text', text: 'Multiple content types test:' },
    image,
    {
      type: 'resource',
      resource: {
        uri: 'test://mixed-content-resource',
        mimeType: 'application/json',
        text: JSON.stringify({ test: 'data', value: 123 }),
      },
    },
  ],
};

/** A schema with every keyword of JSON Schema 2020-12 that the suite looks for (SEP-1613, SEP-2106). */
const fullSchema: Tool['inputSchema'] = JSON.parse(
  readFileSync(new URL('./json-schema-2020-12.json', import.meta.url), 'utf8'),
);

export const referenceTools: Readonly<Record<string, ReferenceTool>> = {
  ...Object.fromEntries(
    Object.entries(contentTools).map(([name, content]) => [
      name,
      { description: 'Answers with fixed content.', inputSchema: nothing, run: () => ({ content }) },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(questionTools).map(([name, { description, run }]) => [
      name,
      {
        description,
        inputSchema: nothing,
        run: (_args: unknown, context: ServerContext, stage: ReferenceStage) => run(context, stage),
      },
    ]),
  ),
  test_error_handling: {
    description: 'Always fails, as a tool does: with a result, not with a JSON-RPC error.',
    inputSchema: nothing,
    run: () => ({ ...say('This tool intentionally returns an error for testing'), isError: true }),
  },
  test_tool_with_logging: {
    description: 'Sends three log messages while it runs.',
    inputSchema: nothing,
    run: async (_args, { mcpReq }) => {
      await mcpReq.log('info', 'Tool execution started');
      await wait(STEP_MS);
      await mcpReq.log('info', 'Tool processing data');
      await wait(STEP_MS);
      await mcpReq.log('info', 'Tool execution completed');
      return say('Tool with logging executed');
    },
  },
  test_tool_with_progress: {
    description: 'Reports progress three times while it runs.',
    inputSchema: nothing,
    run: async (_args, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await wait(STEP_MS);
        if (progressToken === undefined) continue;
        await mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 100, message: `${progress} of 100` },
        });
      }
      return say('Tool with progress executed');
    },
  },
  test_sampling: {
    description: "Has the client's model complete a prompt.",
    inputSchema: takes('prompt', 'The prompt for the model'),
    run: async ({ prompt }, { mcpReq }, { era }) => {
      if (era === 'modern') {
        const answer = inputResponse(mcpReq.inputResponses, 'completion');
        if (answer.kind !== 'sampling') return asking({ completion: promptFor(String(prompt), 100) });
        return say(`LLM response: ${JSON.stringify(answer.result.content)}`);
      }
      const { content } = await mcpReq.requestSampling({
        messages: [{ role: 'user', content: { type: 'text', text: String(prompt) } }],
        maxTokens: 100,
      });
      return say(`LLM response: ${'text' in content ? content.text : 'no text'}`);
    },
  },
  ...formTools,
  test_reconnection: {
    description: 'Hangs up in the middle of the call, so that the client must resume the stream (SEP-1699).',
    inputSchema: nothing,
    run: async (_args, { http }) => {
      await wait(STEP_MS);
      http?.closeSSE?.();
      await wait(STEP_MS);
      return say('Reconnection test completed');
    },
  },
  test_logging_tool: {
    description: 'Sends one log message while it runs.',
    inputSchema: nothing,
    run: async (_args, { mcpReq }) => {
      await mcpReq.log('info', 'Tool is running');
      return say('Tool with one log message executed');
    },
  },
  test_trigger_tool_change: changes('tools'),
  test_trigger_prompt_change: changes('prompts'),
  test_header_parameters: {
    description: 'Takes arguments that travel as headers too (SEP-2243).',
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', description: 'Where to look', 'x-mcp-header': 'Region' },
        limit: { type: 'integer', description: 'How many to find', 'x-mcp-header': 'Limit' },
        query: { type: 'string', description: 'What to look for' },
      },
      required: ['region'],
    },
    run: ({ region }) => say(`Looked in ${String(region)}`),
  },
  json_schema_2020_12_tool: {
    description: 'Tool with JSON Schema 2020-12 features',
    inputSchema: fullSchema,
    run: (args) => say(`Called with ${JSON.stringify(args)}`),
  },
};

/** A tool by which the official suite has a list announced as changed. */
function changes(list: 'tools' | 'prompts'): ReferenceTool {
  return {
    description: `Says that the list of ${list} has changed.`,
    inputSchema: nothing,
    run: async (_args, _context, stage) => {
      await stage.announce(list);
      return say(`The list of ${list} was announced as changed.`);
    },
  };
}

function takes(name: string, description: string): Tool['inputSchema'] {
  return { type: 'object', properties: { [name]: { type: 'string', description } }, required: [name] };
}
