import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { inputRequired } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { failure, startWorld, text, type World } from '../../flows/world.ts';
import { type ModernWorkspace, startModern } from '../../workspaces/modern.ts';
import type { ModernSeat } from '../../workspaces/modern-tools.ts';
import { reads, say, type TableTool, tableTool } from '../../workspaces/tool-table.ts';

/** Sends the person to a page and tells what they did there. */
const visit: TableTool<ModernSeat> = tableTool({
  name: 'visit',
  description: 'Sends the person to a page.',
  annotations: reads,
  input: z.object({}),
  run: (_args, { workspace }: ModernSeat, { mcpReq }) => {
    const given = mcpReq.inputResponses?.page as { action?: string } | undefined;
    if (given) return say(`${workspace}: ${given.action ?? '?'}`);
    const page = inputRequired.elicitUrl({ message: 'Have a look', url: 'https://pages.example/1' });
    return inputRequired({ inputRequests: { page } });
  },
});

/** Asks and takes back the state of somebody else. */
const forged: TableTool<ModernSeat> = tableTool({
  name: 'forged',
  description: 'Gives a state away that it will not take back.',
  annotations: reads,
  input: z.object({}),
  run: () => inputRequired({ requestState: 'forged' }),
});

let workspace: ModernWorkspace;
let world: World;
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  workspace = opened.use(await startModern({ name: 'newer', tools: [visit, forged] }));
  world = opened.use(await startWorld());
  await world.add({ connector: 'custom', label: 'newer', url: workspace.url, signIn: 'none' });
});

afterAll(() => opened.disposeAsync());

/** A client of SDK 1.x that declares this and answers everything. */
async function connect(capabilities: object, prepare?: (client: Client) => void): Promise<Client> {
  const client = new Client({ name: 'old', version: '1.0.0' }, { capabilities });
  prepare?.(client);
  const { url, headers } = await world.endpoint();
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  await client.connect(transport as Parameters<Client['connect']>[0]);
  return client;
}

test('a person is asked by form and by link, the model and the roots too, all on an older client', async () => {
  const asked: unknown[] = [];
  const client = await connect({ elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }, (fresh) => {
    fresh.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params.mode === 'url' ? params.url : params.message);
      return { action: 'accept', content: { answer: 'yes' } };
    });
    fresh.setRequestHandler(CreateMessageRequestSchema, () => ({
      model: 'test',
      role: 'assistant',
      content: { type: 'text', text: 'made up' },
    }));
    fresh.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///home/ada' }] }));
  });
  expect(await text(client, 'visit')).toBe('newer: accept');
  expect(await text(client, 'interview', { questions: ['a', 'b'] })).toBe('newer: yes, yes');
  expect(asked).toEqual(['https://pages.example/1', 'a', 'b']);
  expect(JSON.parse(await text(client, 'survey', { question: 'q', text: 't' }))).toMatchObject({
    answer: 'yes',
    made: 'made up',
    roots: ['file:///home/ada'],
  });
  expect(await failure(client.callTool({ name: 'forged', arguments: {} }))).toMatchObject({ code: -32602 });
  await client.close();
});

test('a client that declared nothing is asked nothing', async () => {
  const client = await connect({});
  expect(await failure(client.callTool({ name: 'ask', arguments: { question: 'q' } }))).toMatchObject({
    code: -32021,
    message: expect.stringContaining('an app that offers elicitation'),
  });
  await client.close();
});

test('a client that refuses a question hears so', async () => {
  const client = await connect({ elicitation: {} });
  client.setRequestHandler(ElicitRequestSchema, () => {
    throw new Error('not now');
  });
  const refused = await failure(client.callTool({ name: 'ask', arguments: { question: 'q' } }));
  expect(refused.message).toContain('did not answer the question of the workspace (elicitation/create)');
  expect(refused.message).toContain('not now');
  await client.close();
});

test('an older client hears of changes, of its subscriptions and the log it wants', async () => {
  const heard: unknown[] = [];
  const updated = Promise.withResolvers<void>();
  const changed = Promise.withResolvers<void>();
  const logged = Promise.withResolvers<void>();
  const client = await connect({}, (fresh) => {
    fresh.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      heard.push(params);
      updated.resolve();
    });
    fresh.setNotificationHandler(ToolListChangedNotificationSchema, ({ params }) => {
      heard.push(params);
      changed.resolve();
    });
    fresh.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      heard.push(params.data);
      logged.resolve();
    });
  });
  await workspace.listens.atLeast(1);
  const uri = 'note://newer/first';
  await client.subscribeResource({ uri });
  await workspace.touch(uri);
  await updated.promise;
  await workspace.changeTools();
  await changed.promise;
  await client.setLoggingLevel('info');
  await text(client, 'log', { text: 'noted', level: 'warning' });
  await logged.promise;
  expect(heard).toEqual([{ uri }, {}, { workspace: 'newer', text: 'noted' }]);
  await client.unsubscribeResource({ uri });
  await client.ping();
  await client.close();
});
