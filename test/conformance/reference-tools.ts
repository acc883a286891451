import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type {
  CallToolResult,
  ContentBlock,
  ElicitRequestFormParams,
  ServerContext,
  Tool,
} from '@modelcontextprotocol/server';

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
  ) => Promise<CallToolResult> | CallToolResult;
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
    run: async ({ prompt }, { mcpReq }) => {
      const { content } = await mcpReq.requestSampling({
        messages: [{ role: 'user', content: { type: 'text', text: String(prompt) } }],
        maxTokens: 100,
      });
      return say(`LLM response: ${'text' in content ? content.text : 'no text'}`);
    },
  },
  test_elicitation: {
    description: 'Asks the person at the client for a user name and an e-mail address.',
    inputSchema: takes('message', 'The message to show'),
    run: async ({ message }, context) =>
      say(
        `User response: ${await ask(context, String(message), {
          type: 'object',
          properties: {
            username: { type: 'string', description: "User's response" },
            email: { type: 'string', description: "User's email address" },
          },
          required: ['username', 'email'],
        })}`,
      ),
  },
  test_elicitation_sep1034_defaults: {
    description: 'Asks with a default for every kind of value (SEP-1034).',
    inputSchema: nothing,
    run: async (_args, context) =>
      say(
        `Elicitation completed: ${await ask(context, 'Please review the defaults', {
          type: 'object',
          properties: {
            name: { type: 'string', default: 'John Doe' },
            age: { type: 'integer', default: 30 },
            score: { type: 'number', default: 95.5 },
            status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
            verified: { type: 'boolean', default: true },
          },
        })}`,
      ),
  },
  test_elicitation_sep1330_enums: {
    description: 'Asks with every kind of choice (SEP-1330).',
    inputSchema: nothing,
    run: async (_args, context) =>
      say(
        `Elicitation completed: ${await ask(context, 'Please choose', {
          type: 'object',
          properties: {
            untitledSingle: { type: 'string', enum: options(3) },
            titledSingle: { type: 'string', oneOf: titled('value', 'Option') },
            legacyEnum: {
              type: 'string',
              enum: ['opt1', 'opt2', 'opt3'],
              enumNames: ['Option One', 'Option Two', 'Option Three'],
            },
            untitledMulti: { type: 'array', items: { type: 'string', enum: options(3) } },
            titledMulti: { type: 'array', items: { anyOf: titled('value', 'Choice') } },
          },
        })}`,
      ),
  },
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
  json_schema_2020_12_tool: {
    description: 'Tool with JSON Schema 2020-12 features',
    inputSchema: fullSchema,
    run: (args) => say(`Called with ${JSON.stringify(args)}`),
  },
};

function say(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

function takes(name: string, description: string): Tool['inputSchema'] {
  return { type: 'object', properties: { [name]: { type: 'string', description } }, required: [name] };
}

function options(count: number): string[] {
  return Array.from({ length: count }, (_none, index) => `option${index + 1}`);
}

function titled(value: string, title: string): { const: string; title: string }[] {
  return ['First', 'Second', 'Third'].map((word, index) => ({
    const: `${value}${index + 1}`,
    title: `${word} ${title}`,
  }));
}

async function ask(
  { mcpReq }: ServerContext,
  message: string,
  requestedSchema: ElicitRequestFormParams['requestedSchema'],
): Promise<string> {
  const { action, content } = await mcpReq.elicitInput({ mode: 'form', message, requestedSchema });
  return `action=${action}, content=${JSON.stringify(content ?? {})}`;
}
