import type { Client } from '@modelcontextprotocol/client';
import { isRecord } from '#bridge/base/record.ts';

/** What a client does in one scenario of the official suites. */
interface Steps {
  /** Before it connects. */
  readonly prepare?: (client: Client) => void;
  /** @param context what the suite says about the scenario beside its address. */
  readonly use: (client: Client, context: unknown) => Promise<void>;
}

const scenarios: Readonly<Record<string, Steps>> = {
  initialize: { use: listTools },
  tools_call: { use: (client) => call(client, 'add_numbers', { a: 5, b: 3 }) },
  'elicitation-sep1034-client-defaults': {
    prepare: (client) => accepting(client, {}),
    use: (client) => call(client, 'test_client_elicitation_defaults'),
  },
  'sse-retry': { use: (client) => call(client, 'test_reconnection') },
  'request-metadata': { use: listTools },
  'json-schema-ref-no-deref': { use: listTools },
  'json-schema-2020-12-preservation': {
    use: async (client) => {
      const { tools } = await client.listTools();
      const seen = tools.find(({ name }) => name === 'json_schema_2020_12_tool');
      await client.callTool({ name: 'json_schema_echo', arguments: { schema: seen?.inputSchema } });
    },
  },
  'http-standard-headers': {
    use: async (client) => {
      const { tools } = await client.listTools();
      for (const { name } of tools) await call(client, name);
      const { resources } = await client.listResources();
      for (const { uri } of resources) await client.readResource({ uri });
      const { prompts } = await client.listPrompts();
      for (const { name } of prompts) await client.getPrompt({ name });
    },
  },
  'http-custom-headers': {
    use: async (client, context) => {
      await client.listTools();
      for (const one of toolCalls(context)) await call(client, one.name, one.arguments);
    },
  },
  'http-invalid-tool-headers': {
    use: async (client) => {
      const { tools } = await client.listTools();
      for (const { name, inputSchema } of tools) {
        const [first = 'none'] = inputSchema.required ?? [];
        await call(client, name, { [first]: 'somewhere' });
      }
    },
  },
  'sep-2322-client-request-state': {
    prepare: (client) => accepting(client, { confirmed: true }),
    use: async (client) => {
      await client.listTools();
      // The third runs beside two that ask, and must not be mixed up with them.
      const beside = ['test_mrtr_echo_state', 'test_mrtr_no_state', 'test_mrtr_unrelated'];
      await Promise.all(beside.map((name) => call(client, name)));
      // Its answer has no `resultType`, which the SDK takes for a fault; the suite wants only that it is not asked again.
      await call(client, 'test_mrtr_no_result_type').catch(() => undefined);
    },
  },
};

/** @throws Error for a scenario that nobody wrote steps for. */
export function stepsOf(scenario: string): Steps {
  const steps = scenarios[scenario];
  if (steps === undefined) throw new Error(`There are no steps for the scenario ${scenario}.`);
  return steps;
}

async function listTools(client: Client): Promise<void> {
  await client.listTools();
}

async function call(client: Client, name: string, given: Record<string, unknown> = {}): Promise<void> {
  await client.callTool({ name, arguments: given });
}

/** A person who accepts every form with these values. */
function accepting(client: Client, content: Record<string, string | boolean>): void {
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content }));
}

function toolCalls(context: unknown): { name: string; arguments: Record<string, unknown> }[] {
  const listed = isRecord(context) && Array.isArray(context.toolCalls) ? context.toolCalls : [];
  return listed.map((one: unknown) => {
    if (!isRecord(one) || typeof one.name !== 'string' || !isRecord(one.arguments)) {
      throw new Error('The suite describes its calls in another way.');
    }
    return { name: one.name, arguments: one.arguments };
  });
}
